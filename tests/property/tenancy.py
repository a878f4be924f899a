"""
A deployment with every route, and two tenants in it that look alike.

Its stores are a file, so that a test can read every row of them.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.config.profiles import merge_options
from bymax_auth.engine import AuthEngine
from bymax_auth.http import AuthHttpConfig, HeaderTenantResolver, PeerAddress
from bymax_auth.http.app import auth_app
from bymax_auth.http.config import RateLimitConfig
from bymax_auth.http.routes import ROUTES, mounted_routes
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, InMemoryOAuthProvider, RecordingMailer
from bymax_auth.types.account import AuthPlatformUser, AuthUser
from tests.cheap import COST_OPTIONS
from tests.integration.flows.world import PlainVerifier
from tests.integration.http.driver import Driver
from tests.unit.config.samples import MFA

__all__ = [
    "EMAIL",
    "OPERATOR_PASSWORD",
    "OURS",
    "PASSWORD",
    "TENANT_HEADER",
    "THEIRS",
    "Deployment",
    "Row",
    "keys_of",
    "two_tenants",
]

OURS, THEIRS = "acme", "globex"
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery staple"
OPERATOR_PASSWORD = "velvet harbour lantern sixty-two"
"""What nobody of a tenant knows: with it, they would be the operator."""
TENANT_HEADER = "x-tenant"
FEATURES: Final[tuple[dict[str, Any], ...]] = (
    {"mfa": MFA, "controllers": {"mfa": True}},
    {"invitations": {"enabled": True}, "controllers": {"invitations": True}},
    {"controllers": {"oauth": True}},
)
"""What turns on a group of routes."""

Row = tuple[object, ...]

_COUNTS: Final = frozenset({"clock", "displaceable", "entries"})
"""Tables that hold nothing of a person."""
_SHORTEST_KEY: Final = 32
_BORN: Final = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deployment:
    """An engine, its routes, and what they have changed."""

    engine: AuthEngine
    driver: Driver
    users: InMemoryUserRepository
    admins: InMemoryPlatformUserRepository
    mailer: RecordingMailer
    clock: FakeClock
    store: Path

    def accounts_of(self, tenant: str) -> dict[str, AuthUser]:
        return {user_id: user for (owner, user_id), user in self.users._rows.items() if owner == tenant}

    def turn_off_second_factor(self, tenant: str) -> None:
        """Do what a host does for Ada when she has used all of her recovery codes."""
        ada = self.accounts_of(tenant)["u1"]
        self.users.replace(replace(ada, mfa_enabled=False, mfa_secret=None, mfa_recovery_codes=None))

    def operators(self) -> dict[str, AuthPlatformUser]:
        return dict(self.admins._rows)

    def rows(self) -> set[Row]:
        """Every row of the stores, with the name of its table."""
        connection = sqlite3.connect(self.store)
        try:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                (name, *row)
                for (name,) in tables
                if name not in _COUNTS and not name.startswith("sqlite_")
                for row in connection.execute(f"SELECT * FROM {name}")
            }
        finally:
            connection.close()


def keys_of(rows: set[Row]) -> set[str]:
    """What rows are found by: digests and ids, and not the records that were stored under them."""
    return {
        value
        for row in rows
        for value in row
        if isinstance(value, str) and len(value) >= _SHORTEST_KEY and not value.startswith("{")
    }


@asynccontextmanager
async def two_tenants(folder: Path, method: str) -> AsyncIterator[Deployment]:
    """One id and one address belong to an account of each tenant, and to an operator; resets by `method`."""
    clock = FakeClock()
    users, admins = InMemoryUserRepository("USER", clock=clock), InMemoryPlatformUserRepository(clock=clock)
    for tenant in (OURS, THEIRS):
        users.add(ada_of(tenant))
    admins.add(_OPERATOR)
    mailer, store = RecordingMailer(clock), folder / "auth.db"
    given: dict[str, Any] = {
        "users": users,
        "platform_users": admins,
        "stores": EmbeddedStores(store, clock=clock),
        "email": mailer,
        "clock": clock,
        "oauth_providers": [InMemoryOAuthProvider(uses_form_post=True)],
    }
    engine = AuthEngine(_config(method), **given)
    # A group that `FEATURES` does not turn on would be outside of the property.
    assert mounted_routes(engine) == ROUTES
    http = AuthHttpConfig(PeerAddress(), rate_limits=RateLimitConfig.unlimited())
    async with engine:
        driver = Driver(auth_app(engine, http, app_at_prefix=True))
        yield Deployment(engine, driver, users, admins, mailer, clock, store)


def ada_of(tenant: str) -> AuthUser:
    """An account with the id and the address of every other Ada, whose name tells its tenant."""
    return AuthUser(
        id="u1",
        email=EMAIL,
        name=f"Ada of {tenant}",
        password_hash=f"plain:{PASSWORD}",
        role="ADMIN",
        status="ACTIVE",
        tenant_id=tenant,
        email_verified=True,
        created_at=_BORN,
    )


_OPERATOR: Final = AuthPlatformUser(
    id="u1",
    email=EMAIL,
    name="Ada of the platform",
    password_hash=f"plain:{OPERATOR_PASSWORD}",
    role="OPERATOR",
    status="ACTIVE",
    created_at=_BORN,
    updated_at=_BORN,
)


def _config(method: str) -> AuthConfig:
    """A configuration with every feature that this release has."""
    options: dict[str, Any] = {
        "environment": "test",
        "jwt": {"secret": fresh_secret()},
        "roles": {"hierarchy": {"ADMIN": ["USER"], "USER": []}, "platform_hierarchy": {"OPERATOR": []}},
        "password": {
            "scrypt": COST_OPTIONS,
            "legacy_verifiers": (PlainVerifier(),),
            "rehash_on_verify": False,
        },
        "password_reset": {"method": method},
        "email_verification": {"required": False},
        "platform": {"enabled": True},
        "tenancy": {"resolver": HeaderTenantResolver(TENANT_HEADER)},
        "controllers": {"sessions": True, "email_change": True, "platform": True},
    }
    for feature in FEATURES:
        options = merge_options(options, feature)
    return AuthConfig.nest_compat_defaults(**options)
