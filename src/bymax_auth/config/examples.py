"""Examples of what an environment variable may contain, shown where a value cannot be read."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pydantic.fields import FieldInfo

__all__ = ["example_of"]

_EXAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "blocked_statuses": "BANNED,SUSPENDED",
        "cookies.trusted_origins": "https://app.example.com,https://admin.example.com",
        "jwt.previous_secrets": "first-secret,second-secret",
        "mfa.previous_encryption_keys": "first-key,second-key",
        "oauth.google.scope": "openid,email,profile",
        "oauth.redirect_allowlist": "app.example.com,admin.example.com",
        "password.blocklist": "acme,rocket",
        "password.importers": "bcrypt,django-pbkdf2",
        "previous_identifier_secrets": "first-secret,second-secret",
        "roles.hierarchy": '{"ADMIN": ["USER"], "USER": []}',
        "roles.platform_hierarchy": '{"OWNER": ["SUPPORT"], "SUPPORT": []}',
    }
)
"""Of the options whose default is no example: lists and mappings."""


def example_of(option: str, field: FieldInfo | None) -> str | None:
    """Return an example for the environment variable of `option`, or ``None``."""
    if option in _EXAMPLES:
        return _EXAMPLES[option]
    default = None if field is None else field.default
    if isinstance(default, bool):
        return "true" if default else "false"
    return str(default) if isinstance(default, int | StrEnum) else None
