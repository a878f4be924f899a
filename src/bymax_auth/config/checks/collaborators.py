"""Rules about the collaborators that an engine receives beside its configuration."""

from collections.abc import Iterator
from datetime import timedelta

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = [
    "extras_present",
    "feed_covers_access",
    "invitation_store_present",
    "platform_users_present",
    "reset_store_present",
    "stores_durable",
    "stores_present",
    "tenant_resolver_present",
    "ticket_store_present",
    "toggles_have_features",
    "users_present",
]


def users_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """A user repository is required."""
    if not context.collaborators.has_users:
        hint = "Pass users=… to the engine."
        yield problem("missing_user_repository", "users", "there is no user repository", hint)


def stores_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """The stores that every engine needs are required."""
    missing = context.collaborators.missing_stores
    if missing:
        message = f"lack {', '.join(missing)}"
        hint = "Pass stores=EmbeddedStores(…) to the engine, or an object with these stores."
        yield problem("missing_stores", "stores", message, hint, which=missing)


def platform_users_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """The platform realm requires a repository of administrators."""
    if context.config.platform.enabled and not context.collaborators.has_platform_users:
        message = "there is no repository of platform administrators, and platform.enabled is on"
        hint = "Pass platform_users=… to the engine, or turn BYMAX_AUTH_PLATFORM__ENABLED off."
        yield problem("missing_platform_repository", "platform_users", message, hint)


def invitation_store_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """Invitations require an invitation store."""
    if (
        context.config.invitations.enabled
        and context.not_reported("stores")
        and not context.collaborators.has_invitation_store
    ):
        message = "are needed while invitations.enabled is on"
        hint = "Pass stores=… with invitations, or turn BYMAX_AUTH_INVITATIONS__ENABLED off."
        yield problem("missing_invitation_store", "stores.invitations", message, hint)


def extras_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """An option's extra must be installed; otherwise the first request would fail."""
    given = context.collaborators
    wanted: list[tuple[str, str]] = []
    if context.config.mfa is not None:
        wanted.append(("mfa", "mfa"))
    google_served = given.has_http_client or "google" in given.oauth_provider_names
    if context.config.oauth.google is not None and not google_served:
        wanted.append(("oauth", "oauth.google"))
    for extra, option in wanted:
        if extra not in given.importable:
            message = f"needs the extra `{extra}`"
            hint = f'Install it: pip install "bymax-auth[{extra}]"; or remove the {{env}}__… variables.'
            yield problem("missing_extra", option, message, hint, extra=extra, option=option)


def tenant_resolver_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """At least one source of the tenant is required."""
    if not context.config.tenancy.allow_body_tenant and context.config.tenancy.resolver is None:
        message = "is needed, because tenancy.allow_body_tenant is off"
        hint = "Pass tenancy.resolver in code, or set BYMAX_AUTH_TENANCY__ALLOW_BODY_TENANT to true."
        yield problem("tenant_resolver_required", "tenancy.resolver", message, hint)


def stores_durable(context: CheckContext) -> Iterator[ConfigProblem]:
    """Production requires stores that keep sessions across a restart."""
    given = context.collaborators
    if context.production and given.stores_volatile and not given.stores_allow_production:
        message = "are in this process's memory: a restart would lose sessions, revocations and lockouts"
        hint = (
            'Pass EmbeddedStores("auth.db"), or allow_in_production=True to accept it, '
            "or set BYMAX_AUTH_ENVIRONMENT to development."
        )
        yield problem("volatile_stores_in_production", "stores", message, hint)


def feed_covers_access(context: CheckContext) -> Iterator[ConfigProblem]:
    """The stores must keep a revocation longer than any access token lives."""
    access, longest = context.config.jwt.access_ttl, context.collaborators.stores_longest_access_ttl
    if longest is not None and access > longest:
        message = f"keep revocations for access tokens of at most {longest}, and jwt.access_ttl is {access}"
        hint = (
            "Pass revocation=FeedLimits(horizon=…) a minute longer than jwt.access_ttl, "
            "or set BYMAX_AUTH_JWT__ACCESS_TTL lower."
        )
        details = {"access": _seconds(access), "longest": _seconds(longest)}
        yield problem("feed_horizon_too_short", "stores", message, hint, **details)


def ticket_store_present(context: CheckContext) -> Iterator[str]:
    """Without a ticket store, the ticket route is not served; the host is warned."""
    if context.config.controllers.auth and context.collaborators.has_ws_ticket_store is False:
        yield "The stores keep no WebSocket tickets, so no ticket route is served (missing_ws_ticket_store)."


def reset_store_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """Mailed links require a proof store."""
    chosen = context.config.controllers
    needed = chosen.password_reset or chosen.email_change
    if needed and context.not_reported("stores") and not context.collaborators.has_proof_store:
        message = "are needed while controllers.password_reset or controllers.email_change is on"
        hint = "Pass stores=… with proofs, or turn BYMAX_AUTH_CONTROLLERS__PASSWORD_RESET off."
        yield problem("missing_password_reset_store", "stores.proofs", message, hint)


def toggles_have_features(context: CheckContext) -> Iterator[ConfigProblem]:
    """Routes cannot be enabled for a disabled feature."""
    switches = {
        "platform": (context.config.controllers.platform, context.config.platform.enabled),
        "invitations": (context.config.controllers.invitations, context.config.invitations.enabled),
    }
    for name, (served, enabled) in switches.items():
        if served and not enabled:
            message = f"is on while {name}.enabled is off"
            hint = f"Set BYMAX_AUTH_{name.upper()}__ENABLED to true, or turn {{env}} off."
            yield problem(f"{name}_toggle_without_config", f"controllers.{name}", message, hint)


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
