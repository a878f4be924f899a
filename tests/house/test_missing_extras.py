"""A module whose extra is not installed says what to install."""

import json
import subprocess
import sys
from pathlib import Path

MODULES = [
    ("bymax_auth.fastapi", "fastapi starlette", "fastapi"),
    ("bymax_auth.fastapi.guards", "fastapi starlette", "fastapi"),
    ("bymax_auth.stores.redis", "redis hiredis", "redis"),
    ("bymax_auth.stores.redis", "hiredis", "redis"),
    ("bymax_auth.stores.redis.stores", "redis", "redis"),
    ("bymax_auth.repositories.sqlalchemy", "sqlalchemy", "sqlalchemy"),
    ("bymax_auth.client", "httpx2", "client"),
    ("bymax_auth.client.sync_client", "httpx2", "client"),
    ("bymax_auth.providers.http", "httpx2", "breach"),
    ("bymax_auth.providers.oauth.oidc", "joserfc cryptography", "oauth"),
    ("bymax_auth.providers.oauth.apple", "joserfc", "oauth"),
    ("bymax_auth.providers.smtp", "aiosmtplib", "smtp"),
    ("bymax_auth.providers.opentelemetry", "opentelemetry", "otel"),
    ("bymax_auth.fastapi", "annotated_doc", None),
]
"""A module, the packages that are not there, and the extra that brings them; nothing is said of the last."""

IMPORT = """
import json
import os
import sys

import bymax_auth


class Hidden:
    def __init__(self, names):
        self._names = set(names.split())

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


for number, (module, hidden, _) in enumerate(json.loads(sys.argv[1])):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(f"{number}.txt", os.O_CREAT | os.O_WRONLY), 2)
        sys.meta_path.insert(0, Hidden(hidden))
        __import__(module)
        raise SystemExit
    os.waitpid(child, 0)
"""
"""The package itself needs no extra and is imported once, and then each module in a process of its own."""


def test_a_missing_extra_is_named_and_another_module_is_blamed_on_none(tmp_path: Path) -> None:
    """A traceback that ends in the name of a driver sends its reader to install the wrong thing."""
    command = [sys.executable, "-c", IMPORT, json.dumps(MODULES)]
    subprocess.run(command, cwd=tmp_path, check=True)
    for number, (module, hidden, extra) in enumerate(MODULES):
        printed = (tmp_path / f"{number}.txt").read_text(encoding="utf-8")
        last = printed.strip().splitlines()[-1]
        if extra is None:
            assert last == f"ModuleNotFoundError: No module named {hidden!r}"
        else:
            cure = f" is not installed. Install the extra: pip install 'bymax-auth[{extra}]'"
            assert last.startswith("ModuleNotFoundError: "), module
            assert last.endswith(cure), module
            assert "During handling" not in printed, module
