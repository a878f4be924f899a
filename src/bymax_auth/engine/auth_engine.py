"""
`AuthEngine`: a frozen record of flows.

    async with AuthEngine(config, users=users, stores=EmbeddedStores()) as engine:
        result = await engine.login(LoginInput(email=..., password=...), RequestContext())

Constructing one judges the whole configuration, does no I/O and needs no running loop; the
threads and tasks it will use start on first use, so it may be built before a server forks its
workers.  One engine serves one event loop.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import fields
from types import TracebackType
from typing import Final, Self

from bymax_auth.config.checks import check_config
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigError
from bymax_auth.config.resolved import ResolvedConfig, resolve_config
from bymax_auth.engine.dependencies import Choices, facts_of, with_defaults
from bymax_auth.engine.disabled_flows import closed, disabled_platform, refuse_every_flow
from bymax_auth.engine.flow_records import AccountFlows, RealmFlows
from bymax_auth.engine.route_groups import RouteGroups, route_groups
from bymax_auth.engine.services import Parts, build_parts
from bymax_auth.engine.wiring import dashboard_flows, platform_flows
from bymax_auth.ports.accounts import PlatformUserRepository, UserRepository
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.events import EventSink
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.stores import AuthStores
from bymax_auth.services.failures import FailureReporter, InternalErrorCallback
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.types.session import CachedStatus

__all__ = ["AuthEngine"]

_LOGGER: Final = logging.getLogger("bymax_auth")


class AuthEngine(AccountFlows):
    """
    Everything an application does with accounts.

    Each field inherited from `AccountFlows` is a flow, and calling it runs it.  `platform` holds
    the flows of platform administrators.  Use it as an async context manager, or call `aclose`.
    """

    platform: RealmFlows
    _parts: Parts
    _life: "_Life"

    def __init__(  # noqa: PLR0913 - each collaborator is named by the host
        self,
        config: AuthConfig,
        *,
        users: UserRepository,
        stores: AuthStores,
        platform_users: PlatformUserRepository | None = None,
        email: EmailProvider | None = None,
        hooks: AuthHooks | None = None,
        breach_checker: PasswordBreachChecker | None = None,
        events: EventSink | None = None,
        clock: Clock | None = None,
        on_internal_error: InternalErrorCallback | None = None,
    ) -> None:
        """
        Wire an engine.

        Args:
            config: Every option.
            users: The host's users.
            stores: Where sessions, codes and counters live.
            platform_users: The platform's administrators; needed with ``platform.enabled``.
            email: Sends mail; by default nothing is sent.
            hooks: The host's say in flows; by default everything passes.
            breach_checker: Judges new passwords; by default a list of common words does.
            events: Takes note of what happens; by default the logger ``bymax_auth`` does.
            clock: Tells the time; by default the machine's.
            on_internal_error: Is told of each failure behind the engine, with the exception.

        Raises:
            ConfigError: The configuration breaks rules; it names every one.
        """
        choices = Choices(
            platform_users=platform_users,
            email=email,
            hooks=hooks,
            breach_checker=breach_checker,
            events=events,
            clock=clock,
            on_internal_error=on_internal_error,
        )
        problems, warnings = check_config(config, facts_of(users, stores, choices))
        if problems:
            raise ConfigError(problems)
        for warning in warnings:
            _LOGGER.warning("%s", warning, extra={"event": "config.warning"})

        parts = build_parts(resolve_config(config), with_defaults(config, users, stores, choices))
        flows = dashboard_flows(parts)
        super().__init__(**{flow.name: getattr(flows, flow.name) for flow in fields(flows)})
        object.__setattr__(self, "platform", _platform_of(parts))
        object.__setattr__(self, "_parts", parts)
        object.__setattr__(self, "_life", _Life())

    # ── lifecycle ──

    async def __aenter__(self) -> Self:
        """
        Open the stores.

        Raises:
            RuntimeError: The engine is closed, or serves another event loop.
            StoreUnavailable: The stores cannot be opened.
        """
        self._require_open()
        loop = asyncio.get_running_loop()
        if self._life.loop not in (None, loop):
            raise RuntimeError("One engine serves one event loop.")
        self._life.loop = loop
        await self.stores.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self, timeout: float = 10.0) -> None:
        """
        Accept no more work, wait up to `timeout` seconds for detached work, and close everything.

        Idempotent.  Any flow called after it raises `RuntimeError`.
        """
        if self._life.closed:
            return
        self._life.closed = True
        refuse_every_flow(self, closed)
        refuse_every_flow(self.platform, closed)
        async with AsyncExitStack() as ending:
            ending.push_async_callback(self.stores.aclose)
            ending.push_async_callback(self._parts.passwords.aclose)
            ending.push_async_callback(self._parts.background.aclose, timeout)

    async def drain(self) -> None:
        """Return once no detached work is running; for tests and orderly hand-overs."""
        await self._parts.background.drain()

    def _require_open(self) -> None:
        if self._life.closed:
            raise closed()

    # ── what guards ask ──

    async def assert_user_active(
        self, user_id: str, *, tenant_id: str, cached: CachedStatus | None = None
    ) -> None:
        """
        Let the user pass whose account exists and is not blocked.

        Args:
            user_id: The user.
            tenant_id: The user's tenant, from a verified token.
            cached: What `authenticate` found in the status cache.

        Raises:
            TokenInvalid: The account is gone.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            RepositoryBackendError: The repository failed.
        """
        self._require_open()
        await self._parts.account_status.assert_active(user_id, tenant_id=tenant_id, cached=cached)

    async def assert_user_active_and_verified(
        self, user_id: str, *, tenant_id: str, cached: CachedStatus | None = None
    ) -> None:
        """
        As `assert_user_active`, for a user whose address is proven where that is required.

        Raises:
            EmailNotVerified: The address is still unproven.
        """
        self._require_open()
        await self._parts.account_status.assert_active_and_verified(
            user_id, tenant_id=tenant_id, cached=cached
        )

    async def invalidate_user_status(self, user_id: str, *, tenant_id: str) -> None:
        """Forget the cached status of a user whom the host has just changed.  Idempotent."""
        self._require_open()
        await self._parts.account_status.forget(user_id, tenant_id)

    # ── what the engine is made of ──

    @property
    def config(self) -> ResolvedConfig:
        """The configuration with every open choice made."""
        return self._parts.config

    @property
    def users(self) -> UserRepository:
        """The host's users, as they were given."""
        return self._parts.given.users

    @property
    def platform_users(self) -> PlatformUserRepository | None:
        """The platform's administrators, as they were given."""
        return self._parts.given.platform_users

    @property
    def email(self) -> EmailProvider:
        """The mail provider."""
        return self._parts.given.email

    @property
    def hooks(self) -> AuthHooks:
        """The host's hooks."""
        return self._parts.given.hooks

    @property
    def stores(self) -> AuthStores:
        """The stores."""
        return self._parts.given.stores

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self._parts.given.clock

    @property
    def events(self) -> EventSink:
        """Where events go; a sink of the host's stands behind this one."""
        return self._parts.given.events

    @property
    def route_groups(self) -> RouteGroups:
        """The groups of routes that the configuration serves."""
        return route_groups(self._parts.config)

    @property
    def identifiers(self) -> Identifiers:
        """Names of accounts and clients in stores."""
        return self._parts.identifiers

    @property
    def failures(self) -> FailureReporter:
        """Where failures behind the engine are reported."""
        return self._parts.failures

    @property
    def tenants(self) -> TenantResolution:
        """Decides the tenant of each request."""
        return self._parts.tenants


class _Life:
    """What changes while an engine lives."""

    __slots__ = ("closed", "loop")

    def __init__(self) -> None:
        self.closed = False
        self.loop: asyncio.AbstractEventLoop | None = None


def _platform_of(parts: Parts) -> RealmFlows:
    admins = parts.given.platform_users
    if admins is None or not parts.config.auth.platform.enabled:
        return disabled_platform()
    return platform_flows(parts, admins)
