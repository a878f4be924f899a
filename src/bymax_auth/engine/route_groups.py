"""The groups of routes that a configuration enables."""

from dataclasses import dataclass

from bymax_auth.config.resolved import ResolvedConfig

__all__ = ["RouteGroups", "route_groups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteGroups:
    """One flag per group; a group that is off has no routes."""

    auth: bool
    password_reset: bool
    mfa: bool
    sessions: bool
    platform: bool
    platform_mfa: bool
    oauth: bool
    invitations: bool
    email_change: bool


def route_groups(config: ResolvedConfig) -> RouteGroups:
    """Return the groups that `config` enables."""
    chosen = config.controllers
    return RouteGroups(
        auth=chosen.auth,
        password_reset=chosen.password_reset,
        mfa=chosen.mfa,
        sessions=chosen.sessions,
        platform=chosen.platform,
        platform_mfa=chosen.platform and chosen.mfa,
        oauth=chosen.oauth,
        invitations=chosen.invitations,
        email_change=chosen.email_change,
    )
