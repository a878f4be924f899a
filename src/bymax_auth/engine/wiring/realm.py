"""What one realm's flows are built from: its policy, its accounts and its tokens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bymax_auth.engine.services import Services
from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.ports.accounts import Accounts, PlatformUserRepository
from bymax_auth.services.accounts import DashboardAccounts, PlatformAccounts
from bymax_auth.services.realm import RealmPolicy, dashboard_policy, platform_policy
from bymax_auth.services.session_issuer import SessionCap, SessionIssuer
from bymax_auth.services.tokens import AccessTokens, ExtraClaimsReader
from bymax_auth.types.context import RequestContext

__all__ = ["RealmServices", "dashboard_services", "platform_services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmServices:
    """The services that differ between the realms."""

    policy: RealmPolicy
    accounts: Accounts
    resolve_tenant: Callable[[str | None, RequestContext], Awaitable[str | None]]
    access_tokens: AccessTokens
    issuer: SessionIssuer


def dashboard_services(services: Services) -> RealmServices:
    """Return the services of the realm of tenants' users."""
    accounts = DashboardAccounts(services.dependencies.users, services.failures)
    return _realm(services, dashboard_policy(services.config), accounts, services.tenants.resolve)


def platform_services(services: Services, admins: PlatformUserRepository) -> RealmServices:
    """Return the services of the realm of platform administrators."""
    accounts = PlatformAccounts(admins, services.failures)
    return _realm(services, platform_policy(services.config), accounts, _no_tenant)


async def _no_tenant(named: str | None, _context: RequestContext) -> None:
    if named is not None:
        raise ValidationFailed(fields=(FieldError("tenantId", "must be absent"),))


def _realm(
    services: Services,
    policy: RealmPolicy,
    accounts: Accounts,
    resolve_tenant: Callable[[str | None, RequestContext], Awaitable[str | None]],
) -> RealmServices:
    auth = services.config.auth
    resolver = services.dependencies.extra_claims
    extra = None if resolver is None else ExtraClaimsReader(resolver, services.failures)
    access_tokens = AccessTokens(
        policy, services.keys, services.clock, auth.jwt.access_ttl, auth.jwt.issuer, auth.jwt.audience, extra
    )
    issuer = SessionIssuer(
        policy=policy,
        sessions=services.stores.sessions,
        layout=services.stores.layout,
        identifiers=services.identifiers,
        access_tokens=access_tokens,
        clock=services.clock,
        lifetime=services.session_lifetime,
        ceiling=max(1, services.config.auth.sessions.absolute_max_sessions),
        hooks=services.hooks,
        mailer=services.mailer,
        cap=_session_cap(services) if policy.caps_sessions else None,
        new_session_alerts=auth.sessions.new_session_alerts,
    )
    return RealmServices(
        policy=policy,
        accounts=accounts,
        resolve_tenant=resolve_tenant,
        access_tokens=access_tokens,
        issuer=issuer,
    )


def _session_cap(services: Services) -> SessionCap:
    sessions = services.config.auth.sessions
    return SessionCap(
        default=sessions.default_max_sessions,
        resolver=sessions.max_sessions_resolver,
        timeout=services.config.auth.hook_timeout,
        failures=services.failures,
    )
