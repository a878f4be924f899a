"""
Providers of identities that others wrote, run by Node: npm's `oidc-provider` and `oauth2-mock-server`.

Their packages are installed once per machine, from the lock file; a test that needs them fails without Node.
"""

import fcntl
import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from benchmarks.node import find_node, install, is_installed

__all__ = ["CLIENT_SECRET", "REDIRECT_URI", "installed_packages", "mock_provider", "openid_provider"]

CLIENT_SECRET: Final = "a client secret with: signs & spaces"
REDIRECT_URI: Final = "http://127.0.0.1:9/auth/oauth/oidc/callback"
"""Nobody listens there: the tests read the address and do not follow it."""

_FOLDER: Final = Path(__file__).parent / "identity"
_NODE: Final = 20


@contextmanager
def openid_provider() -> Generator[str]:
    """The certified provider; its issuer."""
    settings = json.dumps({"redirectUri": REDIRECT_URI, "secret": CLIENT_SECRET})
    with _running("openid.mjs", settings) as issuer:
        yield issuer


@contextmanager
def mock_provider() -> Generator[str]:
    """The server whose tokens and answers can be changed; its issuer."""
    with _running("mock.mjs") as issuer:
        yield issuer


def installed_packages() -> Path:
    """The folder of the packages, installed."""
    _install_once(find_node(_NODE))
    return _FOLDER / "node_modules"


@contextmanager
def _running(script: str, *arguments: str) -> Generator[str]:
    node = find_node(_NODE)
    _install_once(node)
    process = subprocess.Popen(
        [node, _FOLDER / script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        issuer = process.stdout.readline().strip()
        assert issuer, f"{script} did not start"
        yield issuer
    finally:
        # The script ends with its input, even when the test run is killed.
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()


def _install_once(node: Path) -> None:
    with (Path(gettempdir()) / "bymax-auth-identity-providers.lock").open("w") as lock:
        # Several test processes come here at the same time, and other work trees have the same lock.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(_FOLDER, "package-lock.json"):
            install(node, _FOLDER, "ci")
