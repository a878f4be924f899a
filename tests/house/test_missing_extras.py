"""A module whose extra is not installed says what to install."""

import subprocess
import sys

import pytest

HIDE = """
import sys

hidden = set(sys.argv[1].split())


class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


sys.meta_path.insert(0, Hidden())
__import__(sys.argv[2])
"""


@pytest.mark.parametrize(
    ("module", "hidden", "extra"),
    [
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
    ],
)
def test_a_missing_extra_is_named(module: str, hidden: str, extra: str) -> None:
    """A traceback that ends in the name of a driver sends its reader to install the wrong thing."""
    done = subprocess.run(
        [sys.executable, "-c", HIDE, hidden, module], capture_output=True, text=True, check=False
    )
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("ModuleNotFoundError: ")
    assert last.endswith(f" is not installed. Install the extra: pip install 'bymax-auth[{extra}]'")
    assert "During handling" not in done.stderr


def test_another_missing_module_is_not_blamed_on_an_extra() -> None:
    """Whoever broke a dependency of a dependency would reinstall the extra again and again."""
    done = subprocess.run(
        [sys.executable, "-c", HIDE, "pydantic", "bymax_auth.fastapi"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip().splitlines()[-1] == "ModuleNotFoundError: No module named 'pydantic'"
