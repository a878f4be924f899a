"""Options about accounts and the features around them."""

from datetime import timedelta
from types import MappingProxyType

from pydantic import Field

from bymax_auth.config.enums import EvictionStrategy, PasswordResetMethod
from bymax_auth.config.field_types import ConfigGroup, Duration, Flag, RoleHierarchy, WholeNumber
from bymax_auth.config.resolvers import MaxSessionsResolver, TenantIdResolver

__all__ = [
    "BruteForceConfig",
    "ControllersConfig",
    "EmailChangeConfig",
    "EmailVerificationConfig",
    "InvitationsConfig",
    "PasswordResetConfig",
    "PlatformConfig",
    "RolesConfig",
    "SessionsConfig",
    "TenancyConfig",
]


class RolesConfig(ConfigGroup):
    """Which roles include which."""

    hierarchy: RoleHierarchy = Field(
        default_factory=lambda: MappingProxyType({}),
        description="Each role with every role it includes, indirect ones too. Required.",
    )
    platform_hierarchy: RoleHierarchy | None = Field(
        default=None, description="The same for platform administrators; required with `platform.enabled`."
    )


class SessionsConfig(ConfigGroup):
    """How many sessions an account may have, and who hears about new ones."""

    enabled: Flag = Field(
        default=False, description="Turns on the session cap, its hooks and the session routes."
    )
    default_max_sessions: WholeNumber = Field(
        default=5, description="Sessions an account may have; less than 1 counts as 1."
    )
    eviction_strategy: EvictionStrategy = Field(
        default=EvictionStrategy.FIFO, description="Which session makes room for a new one: the oldest."
    )
    max_sessions_resolver: MaxSessionsResolver | None = Field(
        default=None, description="Chooses the cap for each account."
    )
    new_session_alerts: Flag = Field(
        default=False, description="Whether a new session is announced by mail; needs `sessions.enabled`."
    )
    reuse_bumps_epoch: Flag = Field(
        default=False,
        description="Whether a replayed refresh token also ends the account's access tokens everywhere.",
    )


class BruteForceConfig(ConfigGroup):
    """When guessing passwords locks an account."""

    max_attempts: WholeNumber = Field(default=5, description="Failures that lock an account, 1 to 100.")
    window: Duration = Field(
        default=timedelta(seconds=900),
        description="How long failures count, from the first one; at least one second.",
    )


class PasswordResetConfig(ConfigGroup):
    """Recovery of a forgotten password."""

    method: PasswordResetMethod = Field(
        default=PasswordResetMethod.TOKEN, description="What the mail carries: a link's token, or a code."
    )
    token_ttl: Duration = Field(default=timedelta(seconds=600), description="How long the link works.")
    otp_ttl: Duration = Field(default=timedelta(seconds=600), description="How long the code works.")
    otp_length: WholeNumber = Field(default=6, description="Digits of the code, 4 to 8.")


class EmailVerificationConfig(ConfigGroup):
    """Proof that an address belongs to the account."""

    required: Flag = Field(default=True, description="Whether sign-in waits until the address is verified.")
    otp_ttl: Duration = Field(
        default=timedelta(seconds=600), description="How long the six-digit code works."
    )


class PlatformConfig(ConfigGroup):
    """Platform administrators: operators above all tenants."""

    enabled: Flag = Field(default=False, description="Turns the platform realm and its routes on.")


class InvitationsConfig(ConfigGroup):
    """Accounts by invitation."""

    enabled: Flag = Field(default=False, description="Turns invitations and their routes on.")
    token_ttl: Duration = Field(default=timedelta(days=2), description="How long an invitation stands.")


class EmailChangeConfig(ConfigGroup):
    """Moving an account to another address."""

    token_ttl: Duration = Field(
        default=timedelta(hours=1), description="How long the link to the new address works."
    )


class ControllersConfig(ConfigGroup):
    """Which groups of routes are served."""

    auth: Flag = Field(default=True, description="Registration, sign-in, sign-out, refresh, verification.")
    password_reset: Flag = Field(default=True, description="Recovery of a forgotten password.")
    mfa: Flag = Field(default=False, description="Enrolment and management of the second factor.")
    oauth: Flag = Field(default=False, description="Sign-in with a provider.")
    email_change: Flag = Field(default=False, description="Moving an account to another address.")
    sessions: Flag = Field(
        default=False, description="Listing and revoking sessions; `sessions.enabled` turns it on too."
    )
    platform: Flag = Field(
        default=False, description="Platform administrators; `platform.enabled` turns it on."
    )
    invitations: Flag = Field(default=False, description="Invitations; `invitations.enabled` turns it on.")


class TenancyConfig(ConfigGroup):
    """How the tenant of a request is decided."""

    resolver: TenantIdResolver | None = Field(
        default=None,
        description="Decides the tenant from the request; once set, what the caller names is ignored.",
    )
    allow_body_tenant: Flag = Field(
        default=True, description="Whether, without a resolver, the tenant that the caller names counts."
    )
