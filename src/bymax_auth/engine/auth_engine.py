"""
`AuthEngine`: the flows of one deployment, with the lifetime of what they use.

    async with AuthEngine(config, users=users, stores=EmbeddedStores()) as engine:
        result = await engine.login(LoginInput(email=..., password=...), RequestContext())

The constructor checks the whole configuration, opens nothing and needs no running event loop; threads
and tasks start on first use, so an engine may be built before a server forks its workers.  One
engine serves one event loop.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from pydantic import BaseModel

from bymax_auth.config.checks import check_config
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigError
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.config.resolvers import ExtraClaimsResolver, LocaleResolver
from bymax_auth.config.urls import with_error
from bymax_auth.crypto.tokens import is_opaque_token
from bymax_auth.engine.built_in_providers import with_configured_provider
from bymax_auth.engine.composition import compose
from bymax_auth.engine.dependencies import Dependencies, facts_of
from bymax_auth.engine.disabled_flows import disable_flows, enable_flows, engine_closed
from bymax_auth.engine.flow_records import AccountFlows
from bymax_auth.engine.one_process import refuse_second_process
from bymax_auth.engine.route_groups import RouteGroups, route_groups
from bymax_auth.engine.served_addresses import ServedAddresses
from bymax_auth.ports.accounts import PlatformUserRepository, UserRepository
from bymax_auth.ports.attempts import RateLimitStore
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.events import EventSink
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.http import HttpClient
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.telemetry import Telemetry
from bymax_auth.services.failures import FailureReporter, InternalErrorCallback
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.open_logins import OpenLogin
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.types.claims import AccessClaims, DashboardClaims
from bymax_auth.types.session import CachedStatus

__all__ = ["AuthEngine"]

_LOGGER: Final = logging.getLogger("bymax_auth")


class AuthEngine(AccountFlows):
    """
    The flows of one deployment.

    Each field inherited from `AccountFlows` is a flow; call it to run it.  `platform` holds the flows of
    platform administrators.  Use the engine as an async context manager, or call `aclose`.

    Raises:
        ConfigError: The configuration breaks rules; the error lists all of them.
    """

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
        profile: type[BaseModel] | None = None,
        telemetry: Telemetry | None = None,
        locale_resolver: LocaleResolver | None = None,
        extra_claims: ExtraClaimsResolver | None = None,
        oauth_providers: Sequence[OAuthProvider] = (),
        http_client: HttpClient | None = None,
    ) -> None:
        """
        Build an engine.

        Args:
            config: The options.
            users: The host's users.
            stores: Where sessions, codes and counters are kept.
            platform_users: The platform's administrators; needed with ``platform.enabled``.
            email: Sends mail; by default nothing is sent.
            hooks: Functions that flows call; by default they do nothing.
            breach_checker: Checks new passwords; by default against a list of common words.
            events: Receives events; by default they are records of the logger ``bymax_auth``.
            clock: The time; by default the system's.
            on_internal_error: Called once for each failure behind the engine, with its exception.
            profile: The model of an account's ``profile``; ``me`` omits fields with ``exclude=True``.
            telemetry: Measures flows and stores; by default nothing is measured.
            locale_resolver: The language of an account's mail; by default as ``Accept-Language`` says.
            extra_claims: What users' access tokens carry as ``ext``: JSON of at most 1 KiB.
            oauth_providers: With whom users can sign in, beside the Google of `config`.
            http_client: Calls Google; by default `HttpxHttpClient` of the extra ``oauth``.
        """
        given = Dependencies(
            users=users,
            stores=stores,
            platform_users=platform_users,
            email=email,
            hooks=hooks,
            breach_checker=breach_checker,
            events=events,
            clock=clock,
            on_internal_error=on_internal_error,
            profile=profile,
            telemetry=telemetry,
            locale_resolver=locale_resolver,
            extra_claims=extra_claims,
            oauth_providers=tuple(oauth_providers),
            http_client=http_client,
        )
        self._compose(config, given)

    def _compose(self, config: AuthConfig, given: Dependencies) -> None:
        _require_valid(config, given)
        composition = compose(config, with_configured_provider(config, given))
        super().__init__(**vars(composition.accounts))
        self.platform = composition.platform
        self._services = composition.services
        self._addresses = ServedAddresses()
        self._closed = self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None

    # ── lifecycle ──

    async def __aenter__(self) -> Self:
        """
        Open the stores; a closed engine opens again, as one whose application starts a second time.

        Raises:
            RuntimeError: The engine is being closed, or serves another event loop.
            StoreUnavailable: The stores cannot be opened.
            ConfigError: In production, another process serves the same address, and accounts or sessions
                are in the memory of each.
        """
        if self._closed:
            await self._reopen()
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            raise RuntimeError("One engine serves one event loop.")
        self._loop = loop
        refuse_second_process(self.config.auth, self._services.dependencies, self._addresses)
        await self.stores.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self, timeout: float = 10.0) -> None:
        """
        Accept no more work, wait up to `timeout` seconds for background tasks, and close everything.

        Idempotent.  Any flow called after it raises `RuntimeError`, until the engine is entered again.
        """
        if self._closed:
            return
        self._closed = self._closing = True
        disable_flows(self, engine_closed)
        disable_flows(self.platform, engine_closed)
        async with AsyncExitStack() as closing:
            closing.callback(self._has_closed)
            closing.callback(self._addresses.release)
            closing.push_async_callback(self.stores.aclose)
            closing.push_async_callback(self._services.passwords.aclose)
            closing.push_async_callback(self._services.background.aclose, timeout)
            closing.push_async_callback(self._services.open_logins.aclose)

    def _has_closed(self) -> None:
        self._closing, self._loop = False, None

    async def _reopen(self) -> None:
        """Replace every flow and service, whose threads, tasks and locks ended with the last event loop."""
        if self._closing:
            raise RuntimeError("The engine is being closed.")
        # Off the event loop, because composing derives a password hash.
        composition = await asyncio.to_thread(
            compose, self._services.config.auth, self._services.dependencies
        )
        enable_flows(self, composition.accounts)
        enable_flows(self.platform, composition.platform)
        self._services = composition.services
        self._closed = False

    async def drain(self) -> None:
        """Return once no background task is running; for tests and for an orderly shutdown."""
        await self._services.background.drain()

    def _require_open(self) -> None:
        if self._closed:
            raise engine_closed()

    # ── checks for guards ──

    async def assert_user_active(
        self, user_id: str, *, tenant_id: str, cached: CachedStatus | None = None
    ) -> None:
        """
        Raise unless the account exists and is not blocked.

        Args:
            user_id: The user.
            tenant_id: The user's tenant, from a verified token.
            cached: The cached status that `authenticate` returned.

        Raises:
            TokenInvalid: The account no longer exists.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            RepositoryBackendError: The repository failed.
        """
        self._require_open()
        await self._services.account_status.assert_active(user_id, tenant_id=tenant_id, cached=cached)

    async def assert_user_active_and_verified(
        self, user_id: str, *, tenant_id: str, cached: CachedStatus | None = None
    ) -> None:
        """
        As `assert_user_active`; where verification is required, the address must be verified too.

        Raises:
            EmailNotVerified: The address is not verified.
        """
        self._require_open()
        await self._services.account_status.assert_active_and_verified(
            user_id, tenant_id=tenant_id, cached=cached
        )

    async def invalidate_user_status(self, user_id: str, *, tenant_id: str) -> None:
        """Delete the cached status of a user whom the host has changed.  Idempotent."""
        self._require_open()
        await self._services.account_status.forget(user_id, tenant_id)

    # ── open connections ──

    def ended(self, claims: AccessClaims) -> OpenLogin:
        """
        Return what can be awaited until the login of these claims has ended, with the reason.

        For a WebSocket, or another connection that outlives the check of its guard.  The claims are those
        that the guard returned.  Nothing is kept for it but while it is awaited.
        """
        self._require_open()
        of_user = isinstance(claims, DashboardClaims)
        return self._services.open_logins.of(claims, self._user if of_user else self._administrator)

    async def _user(self, token: str) -> AccessClaims:
        if is_opaque_token(token):
            return await self.redeem_ws_ticket(token)
        return (await self.authenticate(token)).claims

    async def _administrator(self, token: str) -> AccessClaims:
        return (await self.platform.authenticate(token)).claims

    # ── parts of the engine ──

    @property
    def config(self) -> ResolvedConfig:
        """The configuration with every default derived."""
        return self._services.config

    @property
    def users(self) -> UserRepository:
        """The host's users, as they were given."""
        return self._services.dependencies.users

    @property
    def platform_users(self) -> PlatformUserRepository | None:
        """The platform's administrators, as they were given."""
        return self._services.dependencies.platform_users

    @property
    def profile(self) -> type[BaseModel] | None:
        """The model of profiles, as it was given."""
        return self._services.dependencies.profile

    @property
    def email(self) -> EmailProvider:
        """The mail provider."""
        return self._services.mailer.email

    @property
    def hooks(self) -> AuthHooks:
        """The host's hooks."""
        return self._services.hooks.hooks

    @property
    def stores(self) -> AuthStores:
        """The stores, as they were given."""
        return self._services.dependencies.stores

    @property
    def rate_limits(self) -> RateLimitStore:
        """The counters of requests."""
        return self._services.stores.rate_limits

    @property
    def keeps_ws_tickets(self) -> bool:
        """Whether the stores keep WebSocket tickets, so that they can be issued."""
        return self._services.stores.ws_tickets is not None

    @property
    def oauth_providers(self) -> Mapping[str, OAuthProvider]:
        """The providers of identities, by name."""
        return self._services.oauth_providers.by_name

    def oauth_success_redirect_url(self) -> str | None:
        """Return where a browser goes after a sign-in with a provider; ``None`` to answer it directly."""
        return self._services.config.auth.oauth.success_redirect_url

    def oauth_link_redirect_url(self) -> str | None:
        """Return where a browser goes after an identity was linked; ``None`` to answer it directly."""
        chosen = self._services.config.auth.oauth
        return chosen.link_redirect_url or chosen.success_redirect_url

    def oauth_mfa_redirect_url(self) -> str | None:
        """Return where a browser goes to prove a second factor; ``None`` to answer it directly."""
        return self._services.config.auth.oauth.mfa_redirect_url

    def oauth_error_redirect_url(self, short_code: str) -> str | None:
        """Return where a browser goes after a refusal, with its code without ``auth.`` in the query."""
        base = self._services.config.auth.oauth.error_redirect_url
        return None if base is None else with_error(base, short_code)

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self._services.clock

    @property
    def events(self) -> EventSink:
        """The event sink; it passes events on to the host's sink."""
        return self._services.events

    @property
    def route_groups(self) -> RouteGroups:
        """The groups of routes that the configuration serves."""
        return route_groups(self._services.config)

    @property
    def identifiers(self) -> Identifiers:
        """Identifiers of accounts and clients in stores."""
        return self._services.identifiers

    @property
    def failures(self) -> FailureReporter:
        """Where failures behind the engine are reported."""
        return self._services.failures

    @property
    def tenants(self) -> TenantResolution:
        """The resolution of a request's tenant."""
        return self._services.tenants


def _require_valid(config: AuthConfig, given: Dependencies) -> None:
    problems, warnings = check_config(config, facts_of(given))
    if problems:
        raise ConfigError(problems)
    for warning in warnings:
        _LOGGER.warning("%s", warning, extra={"event": "config.warning"})
