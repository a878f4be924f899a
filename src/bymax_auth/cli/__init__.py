"""
The command line: ``bymax-auth dev | serve | users | audit | migrate | migrations | check | doctor | keygen``.

This module imports only the standard library, so that a missing extra is reported in one line.
"""

import atexit
import gc
import sys
from importlib.util import find_spec
from typing import Final

__all__ = ["main"]

_NEEDED: Final = (
    "aiosqlite",
    "argon2",
    "bcrypt",
    "cryptography",
    "fastapi",
    "fastapi_offline",
    "httpx2",
    "pydantic_settings",
    "rich",
    "segno",
    "sqlalchemy",
    "typer",
    "uvicorn",
    "websockets",
)
"""The modules of the extra ``cli``."""

_INTERRUPTED: Final = 130
"""Source: POSIX.1-2024, XCU 2.8.2: 128 plus the number of the signal, SIGINT."""


def main() -> None:
    """Run the command line."""
    # Python collects garbage several times as it ends: half a second with so many packages imported.
    atexit.register(gc.freeze)
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        sys.exit(f"bymax-auth: {names} not installed. Install the extra: pip install 'bymax-auth[cli]'")
    try:
        from bymax_auth.cli.commands import run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
