"""Options about accounts and the features around them."""

from datetime import timedelta
from types import MappingProxyType

from pydantic import Field

from bymax_auth.config.enums import EvictionStrategy, PasswordResetMethod, RegistrationSession
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
    "RegistrationConfig",
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
    """The session limit, and alerts about new sessions."""

    enabled: Flag = Field(
        default=False, description="Enables the session limit, its hooks and the session routes."
    )
    default_max_sessions: WholeNumber = Field(
        default=5, description="Logins an account may have; less than 1 counts as 1."
    )
    absolute_max_sessions: WholeNumber = Field(
        default=100,
        description="Logins that any account keeps at most, whether or not `sessions.enabled`; the oldest "
        "is evicted. Less than 1 counts as 1.",
    )
    eviction_strategy: EvictionStrategy = Field(
        default=EvictionStrategy.FIFO, description="Which session is evicted at the limit: the oldest."
    )
    max_sessions_resolver: MaxSessionsResolver | None = Field(
        default=None, description="Returns the session limit of an account."
    )
    new_session_alerts: Flag = Field(
        default=False, description="Whether a mail is sent for each new session; needs `sessions.enabled`."
    )
    reuse_bumps_epoch: Flag = Field(
        default=False,
        description="Whether a replayed refresh token also revokes every access token of the account.",
    )


class BruteForceConfig(ConfigGroup):
    """Account lockout after failed sign-ins."""

    max_attempts: WholeNumber = Field(default=5, description="Failures that lock an account, 1 to 100.")
    window: Duration = Field(
        default=timedelta(seconds=900),
        description="Counting window, from the first failure; at least one second.",
    )


class PasswordResetConfig(ConfigGroup):
    """Recovery of a forgotten password."""

    method: PasswordResetMethod = Field(
        default=PasswordResetMethod.TOKEN,
        description="What the mail carries: a link's token, or a code. An address whose codes were guessed "
        "at until the daily limit gets a link either way.",
    )
    token_ttl: Duration = Field(default=timedelta(seconds=600), description="Lifetime of the link.")
    otp_ttl: Duration = Field(default=timedelta(seconds=600), description="Lifetime of the code.")
    otp_length: WholeNumber = Field(default=6, description="Digits of the code, 4 to 8.")


class EmailVerificationConfig(ConfigGroup):
    """Verification of an account's mail address."""

    required: Flag = Field(default=True, description="Whether sign-in requires a verified address.")
    otp_ttl: Duration = Field(default=timedelta(seconds=600), description="Lifetime of the six-digit code.")


class RegistrationConfig(ConfigGroup):
    """New accounts."""

    session: RegistrationSession = Field(
        default=RegistrationSession.ALWAYS,
        description="Whether a registration signs in before the address is verified (`always`), where "
        "`email_verification.required` is on; a blocked account is never signed in.",
    )


class PlatformConfig(ConfigGroup):
    """Platform administrators, who belong to no tenant."""

    enabled: Flag = Field(default=False, description="Enables the platform realm and its routes.")


class InvitationsConfig(ConfigGroup):
    """Accounts by invitation."""

    enabled: Flag = Field(default=False, description="Enables invitations and their routes.")
    token_ttl: Duration = Field(default=timedelta(days=2), description="Lifetime of an invitation.")


class EmailChangeConfig(ConfigGroup):
    """Change of an account's mail address."""

    token_ttl: Duration = Field(
        default=timedelta(hours=1), description="Lifetime of the link sent to the new address."
    )


class ControllersConfig(ConfigGroup):
    """Which groups of routes are served."""

    auth: Flag = Field(default=True, description="Registration, sign-in, sign-out, refresh, verification.")
    password_reset: Flag = Field(default=True, description="Recovery of a forgotten password.")
    mfa: Flag = Field(default=False, description="Enrolment and management of the second factor.")
    oauth: Flag = Field(default=False, description="Sign-in with a provider.")
    email_change: Flag = Field(default=False, description="Change of an account's mail address.")
    sessions: Flag = Field(
        default=False, description="Listing and revoking sessions; `sessions.enabled` enables it too."
    )
    platform: Flag = Field(
        default=False, description="Platform administrators; `platform.enabled` enables it."
    )
    invitations: Flag = Field(default=False, description="Invitations; `invitations.enabled` enables it.")


class TenancyConfig(ConfigGroup):
    """How the tenant of a request is resolved."""

    resolver: TenantIdResolver | None = Field(
        default=None,
        description="Resolves the tenant from the request; once set, a tenant in the body is ignored.",
    )
    allow_body_tenant: Flag = Field(
        default=True, description="Whether, without a resolver, the tenant is taken from the request body."
    )
