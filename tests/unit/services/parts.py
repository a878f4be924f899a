"""Accounts, contexts and small hosts that the tests of services share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bymax_auth.config.model import AuthConfig
from bymax_auth.config.resolved import ResolvedConfig, resolve_config
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.languages import Locales
from bymax_auth.types.account import AuthPlatformUser, AuthUser
from bymax_auth.types.context import RequestContext

SECRET = "an identifier key, 32+ letters ok"

CHROME_ON_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/120.0 Safari/537.36"

CONTEXT = RequestContext(
    ip="203.0.113.9",
    user_agent=CHROME_ON_MAC,
    sanitized_headers={"host": "app.example.com"},
    method="POST",
    path="/auth/login",
    host="app.example.com",
)

_USER = AuthUser(
    id="u1",
    email="ana@example.com",
    name="Ana",
    password_hash="$scrypt$stored",
    role="ADMIN",
    status="ACTIVE",
    tenant_id="acme",
    email_verified=True,
    created_at=datetime(2025, 1, 1, tzinfo=UTC),
)

_ADMIN = AuthPlatformUser(
    id="a1",
    email="ops@example.com",
    name="Olga",
    password_hash="$scrypt$stored",
    role="OPERATOR",
    status="ACTIVE",
    created_at=datetime(2025, 1, 1, tzinfo=UTC),
    updated_at=datetime(2025, 1, 1, tzinfo=UTC),
)


class Broken(Exception):
    """What a host's code raises; its text must never be seen."""

    def __init__(self) -> None:
        super().__init__("postgres://root:hunter2@db")


def user(**changes: Any) -> AuthUser:
    """Return Ana, of the tenant acme."""
    return replace(_USER, **changes)


def admin(**changes: Any) -> AuthPlatformUser:
    """Return Olga, a platform administrator."""
    return replace(_ADMIN, **changes)


def no_languages(failures: FailureReporter) -> Locales:
    """Return the languages of a mail provider that has one."""
    return Locales(languages=(), resolver=None, timeout=timedelta(minutes=1), failures=failures)


def resolved(**options: Any) -> ResolvedConfig:
    """Return a resolved configuration."""
    roles = {"hierarchy": {"ADMIN": ("USER",)}, "platform_hierarchy": {"OPERATOR": ()}}
    return resolve_config(
        AuthConfig.nest_compat_defaults(jwt={"secret": SECRET}, **{"roles": roles, **options})
    )
