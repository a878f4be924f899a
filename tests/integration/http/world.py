"""One deployment in memory: a real engine, its routes, and people who use them."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config.model import AuthConfig
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimitConfig
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.ports.stores import AuthStores
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.testing import FakeClock, InMemoryOAuthProvider, RecordingEvents, RecordingMailer
from bymax_auth.types.account import AuthPlatformUser, AuthUser
from tests.cheap import COST, COST_OPTIONS
from tests.integration.http.driver import Answer, Driver
from tests.integration.keeping import kept_clock, kept_stores
from tests.servers.patience import running

TENANT = "acme"
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
NEW_PASSWORD = "another long passphrase"
SECRET = fresh_secret()
ENCRYPTION_KEY = base64.b64encode(os.urandom(32)).decode()
UNLIMITED = RateLimitConfig.unlimited()
LOGIN = {"email": EMAIL, "password": PASSWORD, "tenantId": TENANT}
ROOT_EMAIL = "root@example.com"
ROOT_PASSWORD = "a lighthouse keeper's lamp"
PLATFORM_LOGIN = {"email": ROOT_EMAIL, "password": ROOT_PASSWORD}


@cache
def password_hash(password: str = PASSWORD) -> str:
    return PasswordHasher(COST).hash(password)


def user(**overrides: object) -> AuthUser:
    ready = AuthUser(
        id="u1",
        email=EMAIL,
        name="Ada Lovelace",
        password_hash=password_hash(),
        role="MEMBER",
        status="ACTIVE",
        tenant_id=TENANT,
        email_verified=True,
        created_at=datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
    )
    return replace(ready, **overrides)  # type: ignore[arg-type]


def administrator(**overrides: object) -> AuthPlatformUser:
    born = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    ready = AuthPlatformUser(
        id="u1",  # as Ada's: an administrator's id and a user's may be equal
        email=ROOT_EMAIL,
        name="Grace Hopper",
        password_hash=password_hash(ROOT_PASSWORD),
        role="OPERATOR",
        status="ACTIVE",
        created_at=born,
        updated_at=born,
    )
    return replace(ready, **overrides)  # type: ignore[arg-type]


def with_everything(options: dict[str, object]) -> dict[str, object]:
    """The options, with the platform's realm and providers on unless they say otherwise."""
    ready: dict[str, Any] = {
        "controllers": {"oauth": True},
        "roles": {"platform_hierarchy": {"ROOT": ["OPERATOR"], "OPERATOR": []}},
        "platform": {"enabled": True},
    }
    for name, group in ready.items():
        given = options.get(name, {})
        ready[name] = {**group, **given} if isinstance(given, dict) else given
    return {**options, **ready}


def settings(**overrides: object) -> AuthConfig:
    groups: dict[str, object] = {
        "environment": "test",
        "secure_cookies": True,
        "jwt": {"secret": SECRET},
        "roles": {"hierarchy": {"ADMIN": ["MEMBER"], "MEMBER": [], "USER": []}},
        "password": {"scrypt": COST_OPTIONS},
        "controllers": {"sessions": True, "mfa": True, "email_change": True},
        "mfa": {"encryption_key": ENCRYPTION_KEY, "issuer": "Bymax One"},
        "invitations": {"enabled": True},
    }
    for name, value in overrides.items():
        before = groups.get(name)
        groups[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return AuthConfig.nest_compat_defaults(**groups)


@dataclass(slots=True)
class World:
    """An engine with its surroundings, and a client of its routes."""

    engine: AuthEngine
    http: AuthHttpConfig
    driver: Driver
    clock: FakeClock
    users: InMemoryUserRepository
    admins: InMemoryPlatformUserRepository
    stores: AuthStores
    mailer: RecordingMailer
    events: RecordingEvents
    provider: InMemoryOAuthProvider
    apple: InMemoryOAuthProvider
    failures: list[tuple[str, BaseException]] = field(default_factory=list)

    async def login(self, **overrides: object) -> Answer:
        """Sign in as Ada; the test goes on only when that worked."""
        answer = await self.driver.call("POST", "/login", json_body={**LOGIN, **overrides})
        assert answer.status == 200, answer.body
        await self.engine.drain()
        return answer

    async def signed_in(self) -> dict[str, str]:
        """The cookies of a fresh sign-in."""
        return (await self.login()).cookies

    async def administrators_tokens(self) -> tuple[str, str]:
        """The access and the refresh token of a fresh sign-in to the platform."""
        answer = await self.driver.call("POST", "/platform/login", json_body=PLATFORM_LOGIN)
        assert answer.status == 200, answer.body
        await self.engine.drain()
        return str(answer.members["accessToken"]), str(answer.members["refreshToken"])


@asynccontextmanager
async def a_world(
    *,
    rate_limits: RateLimitConfig = UNLIMITED,
    hooks: AuthHooks | None = None,
    max_body_bytes: int = 65_536,
    enforce_tenant_binding: bool = False,
    accounts: tuple[AuthUser, ...] | None = None,
    oauth_providers: tuple[OAuthProvider, ...] | None = None,
    **overrides: object,
) -> AsyncIterator[World]:
    clock = kept_clock()
    users = InMemoryUserRepository("USER", clock=clock)
    for account in (user(),) if accounts is None else accounts:
        users.add(account)
    admins = InMemoryPlatformUserRepository(clock=clock)
    admins.add(administrator())
    stores, mailer, events = kept_stores(clock), RecordingMailer(clock), RecordingEvents()
    failures: list[tuple[str, BaseException]] = []
    provider, apple = InMemoryOAuthProvider(), InMemoryOAuthProvider("apple", uses_form_post=True)
    engine = AuthEngine(
        settings(**with_everything(overrides)),
        users=users,
        stores=stores,
        platform_users=admins,
        email=mailer,
        hooks=hooks,
        events=events,
        clock=clock,
        oauth_providers=(provider, apple) if oauth_providers is None else oauth_providers,
        on_internal_error=lambda origin, error: failures.append((origin, error)),
    )
    http = AuthHttpConfig(
        PeerAddress(),
        max_body_bytes=max_body_bytes,
        rate_limits=rate_limits,
        enforce_tenant_binding=enforce_tenant_binding,
    )
    async with running(engine):
        driver = Driver(auth_app(engine, http, app_at_prefix=True))
        yield World(
            engine, http, driver, clock, users, admins, stores, mailer, events, provider, apple, failures
        )
