"""Which optional packages are installed."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Final

__all__ = ["installed_extras"]

_PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "argon2": ("argon2",),
    "fastapi": ("fastapi",),
    "importers": ("argon2", "bcrypt", "cryptography"),
    "mfa": ("cryptography", "segno"),
    "oauth": ("httpx2", "joserfc"),
    "settings": ("pydantic_settings",),
    "smtp": ("aiosmtplib",),
    "sqlalchemy": ("sqlalchemy", "aiosqlite"),
}


@cache
def installed_extras() -> frozenset[str]:
    """Return the extras whose packages are installed, without importing any of them.  Looked up once."""
    return frozenset(
        extra for extra, packages in _PACKAGES.items() if all(find_spec(name) for name in packages)
    )
