"""
An engine that is ready to use: everything in memory, time by hand, mail kept.

    async with build_engine() as auth:
        auth.add_user("ada@example.com")
        result = await auth.engine.login(
            LoginInput(email="ada@example.com", password=TEST_PASSWORD, tenant_id=TEST_TENANT),
            RequestContext(),
        )
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from bymax_auth.config import AuthConfig, Environment
from bymax_auth.config.profiles import merge_options
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.engine import AuthEngine
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing.clock import FakeClock
from bymax_auth.testing.events import RecordingEvents
from bymax_auth.testing.mail import RecordingMailer
from bymax_auth.types.account import AuthPlatformUser, AuthUser

__all__ = ["TEST_PASSWORD", "TEST_TENANT", "ReadyEngine", "build_engine", "config_for_tests"]

TEST_PASSWORD: Final = "lantern-orbit-velvet-92"
"""The password of an account that was added without one."""

TEST_TENANT: Final = "acme"
"""The tenant of a user who was added without one."""

_FASTEST: Final = ScryptParameters(log2_n=14, block_size=8, parallelization=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyEngine:
    """
    An engine and what it was built on.  Use it as an async context manager, as the engine itself.

    `failures` are the failures behind the engine: a name, and the exception.
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
        Put a verified, active user in place; `fields` are those of `AuthUser`.

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
        Put an active platform administrator in place; `fields` are those of `AuthPlatformUser`.

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
    Return a complete configuration with fresh secrets and the cheapest password hash there is.

    Roles are USER and ADMIN, which includes it; SUPER_ADMIN and SUPPORT on the platform.  Sessions
    and the platform are on, and a caller may name its tenant.  Groups in `overrides` are given as
    dictionaries or models; what they leave out stays.
    """
    ready: dict[str, object] = {
        "environment": Environment.TEST,
        "jwt": {"secret": secrets.token_urlsafe(48)},
        "roles": {
            "hierarchy": {"ADMIN": ("USER",), "USER": ()},
            "platform_hierarchy": {"SUPER_ADMIN": ("SUPPORT",), "SUPPORT": ()},
        },
        "password": {"scrypt": {"cost_factor": 1 << _FASTEST.log2_n}},
        "sessions": {"enabled": True},
        "platform": {"enabled": True},
        "controllers": {"sessions": True, "platform": True},
    }
    return AuthConfig.nest_compat_defaults(**merge_options(ready, overrides))


def build_engine(
    config: AuthConfig | None = None,
    *,
    start: datetime | None = None,
    hooks: AuthHooks | None = None,
    breach_checker: PasswordBreachChecker | None = None,
) -> ReadyEngine:
    """
    Return an engine of `config`, or of `config_for_tests` when there is none.

    Raises:
        ConfigError: The configuration breaks rules; it names every one.
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
        on_internal_error=lambda origin, error: failures.append((origin, error)),
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
