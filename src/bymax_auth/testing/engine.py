"""
A complete engine for tests: in-memory stores, a controllable clock, recorded mail.

    async with build_engine() as auth:
        auth.add_user("ada@example.com")
        result = await auth.engine.login(
            LoginInput(email="ada@example.com", password=TEST_PASSWORD, tenant_id=TEST_TENANT),
            RequestContext(),
        )
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from pydantic import BaseModel

from bymax_auth.config import AuthConfig, Environment
from bymax_auth.config.profiles import merge_options
from bymax_auth.config.resolvers import ExtraClaimsResolver, LocaleResolver
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine import AuthEngine
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing.clock import FakeClock
from bymax_auth.testing.events import RecordingEvents
from bymax_auth.testing.mail import RecordingMailer
from bymax_auth.types.account import AuthPlatformUser, AuthUser

__all__ = ["TEST_PASSWORD", "TEST_TENANT", "ReadyEngine", "build_engine", "config_for_tests"]

TEST_PASSWORD: Final = "lantern-orbit-velvet-92"
"""The password of an account that is added without one."""

TEST_TENANT: Final = "acme"
"""The tenant of a user that is added without one."""

_FASTEST: Final = ScryptParameters(log2_n=14, block_size=8, parallelization=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyEngine:
    """
    An engine and its collaborators.  Use it as an async context manager, like the engine itself.

    `failures` are the internal errors that the engine reported: a name, and the exception.
    """

    engine: AuthEngine
    users: InMemoryUserRepository
    admins: InMemoryPlatformUserRepository
    stores: EmbeddedStores
    mailer: RecordingMailer
    events: RecordingEvents
    clock: FakeClock
    failures: list[tuple[str, BaseException]] = field(default_factory=list[tuple[str, BaseException]])

    def add_user(
        self, email: str = "ada@example.com", *, password: str = TEST_PASSWORD, **fields: Any
    ) -> AuthUser:
        """
        Insert a verified, active user; `fields` are those of `AuthUser`.

        Raises:
            RepositoryConflict: The tenant has a user with this id or address.
        """
        ready = self._account(email, password)
        ready |= {"role": "USER", "tenant_id": TEST_TENANT, "email_verified": True}
        return self.users.add(AuthUser(**(ready | fields)))

    def add_admin(
        self, email: str = "root@example.com", *, password: str = TEST_PASSWORD, **fields: Any
    ) -> AuthPlatformUser:
        """
        Insert an active platform administrator; `fields` are those of `AuthPlatformUser`.

        Raises:
            RepositoryConflict: There is an administrator with this id or address.
        """
        ready = self._account(email, password)
        ready |= {"role": "SUPER_ADMIN", "updated_at": self.clock.now()}
        return self.admins.add(AuthPlatformUser(**(ready | fields)))

    def _account(self, email: str, password: str) -> dict[str, Any]:
        return {
            "id": str(uuid4()),
            "email": email,
            "name": email.partition("@")[0],
            "password_hash": PasswordHasher(_FASTEST).hash(password),
            "status": "active",
            "created_at": self.clock.now(),
        }

    async def __aenter__(self) -> Self:
        await self.engine.__aenter__()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.engine.aclose()


def config_for_tests(**overrides: object) -> AuthConfig:
    """
    Return a complete configuration with new secrets and the lowest accepted hashing cost.

    The roles are USER, and ADMIN, which includes USER; on the platform SUPPORT, and SUPER_ADMIN, which
    includes SUPPORT.  Sessions and the platform are enabled, and the tenant may be in the request body.
    Groups in `overrides` are dictionaries or models; options that they do not set stay unchanged.
    """
    ready: dict[str, object] = {
        "environment": Environment.TEST,
        "jwt": {"secret": secrets.token_urlsafe(48)},
        "roles": {
            "hierarchy": {"ADMIN": ("USER",), "USER": ()},
            "platform_hierarchy": {"SUPER_ADMIN": ("SUPPORT",), "SUPPORT": ()},
        },
        "password": {
            "scrypt": {
                "cost_factor": 1 << _FASTEST.log2_n,
                "parallelization": _FASTEST.parallelization,
            }
        },
        "sessions": {"enabled": True},
        "platform": {"enabled": True},
        "controllers": {"sessions": True, "platform": True},
    }
    return AuthConfig.nest_compat_defaults(**merge_options(ready, overrides))


def build_engine(  # noqa: PLR0913 - each collaborator is named by the test
    config: AuthConfig | None = None,
    *,
    start: datetime | None = None,
    hooks: AuthHooks | None = None,
    breach_checker: PasswordBreachChecker | None = None,
    profile: type[BaseModel] | None = None,
    telemetry: Telemetry | None = None,
    locale_resolver: LocaleResolver | None = None,
    extra_claims: ExtraClaimsResolver | None = None,
    oauth_providers: Sequence[OAuthProvider] = (),
) -> ReadyEngine:
    """
    Return an engine with `config`, or with `config_for_tests()` without one.

    Raises:
        ConfigError: The configuration violates start-up rules; it lists every problem.
    """
    clock = FakeClock(start)
    users, admins = InMemoryUserRepository(clock=clock), InMemoryPlatformUserRepository(clock=clock)
    stores, mailer, events = EmbeddedStores(clock=clock), RecordingMailer(clock), RecordingEvents()
    failures: list[tuple[str, BaseException]] = []
    engine = AuthEngine(
        config_for_tests() if config is None else config,
        users=users,
        stores=stores,
        platform_users=admins,
        email=mailer,
        hooks=hooks,
        breach_checker=breach_checker,
        events=events,
        clock=clock,
        profile=profile,
        locale_resolver=locale_resolver,
        extra_claims=extra_claims,
        oauth_providers=oauth_providers,
        on_internal_error=lambda origin, error: failures.append((origin, error)),
        telemetry=telemetry,
    )
    return ReadyEngine(
        engine=engine,
        users=users,
        admins=admins,
        stores=stores,
        mailer=mailer,
        events=events,
        clock=clock,
        failures=failures,
    )
