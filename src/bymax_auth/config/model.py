"""The whole configuration of an engine."""

import os
from datetime import timedelta
from typing import Self

from pydantic import Field

from bymax_auth.config.browser import CookiesConfig, OAuthConfig
from bymax_auth.config.credentials import JwtConfig, MfaConfig, PasswordConfig
from bymax_auth.config.enums import Environment, TokenDelivery
from bymax_auth.config.environment import read_environment
from bymax_auth.config.features import (
    BruteForceConfig,
    ControllersConfig,
    EmailChangeConfig,
    EmailVerificationConfig,
    InvitationsConfig,
    PasswordResetConfig,
    PlatformConfig,
    RegistrationConfig,
    RolesConfig,
    SessionsConfig,
    TenancyConfig,
)
from bymax_auth.config.field_types import (
    FROM_TEXT,
    ConfigGroup,
    Duration,
    Flag,
    SecretText,
    SecretTexts,
    Text,
    Texts,
)
from bymax_auth.config.profiles import Profile, profile_options
from bymax_auth.config.validation import validated

__all__ = ["AuthConfig"]


class AuthConfig(ConfigGroup):
    """
    Every option of an engine.

    The defaults are those of `nest_compat_defaults`; `secure_defaults` hardens them.  Neither has a
    signing secret or a role: the host must always set `jwt.secret` and `roles.hierarchy`.
    Construction checks types; rules that need several options are checked when the engine is built.
    """

    environment: Environment = Field(
        default=Environment.PRODUCTION,
        description="Where the application runs; `production` enforces more rules.",
    )
    identifier_secret: SecretText | None = Field(
        default=None,
        description="Key of the digests under which accounts are stored; unset means `jwt.secret`. Required "
        "when `jwt.previous_secrets` is set. Changing it signs everyone out.",
    )
    previous_identifier_secrets: SecretTexts = Field(
        default=(), description="Previous identifier secrets, used only to verify recovery codes."
    )
    jwt: JwtConfig = Field(default_factory=JwtConfig, description="Tokens and sessions.")
    roles: RolesConfig = Field(default_factory=RolesConfig, description="Which roles include which.")
    password: PasswordConfig = Field(default_factory=PasswordConfig, description="Password hashing.")
    token_delivery: TokenDelivery = Field(
        default=TokenDelivery.COOKIE, description="How tokens reach the client."
    )
    secure_cookies: Flag | None = Field(
        default=None, description="Whether cookies are Secure; unset means in production only."
    )
    cookies: CookiesConfig = Field(default_factory=CookiesConfig, description="Cookies and origins.")
    mfa: MfaConfig | None = Field(default=None, description="The second factor.")
    sessions: SessionsConfig = Field(default_factory=SessionsConfig, description="The session limit.")
    brute_force: BruteForceConfig = Field(default_factory=BruteForceConfig, description="Lockout.")
    password_reset: PasswordResetConfig = Field(
        default_factory=PasswordResetConfig, description="Password recovery."
    )
    email_verification: EmailVerificationConfig = Field(
        default_factory=EmailVerificationConfig, description="Verification of addresses."
    )
    registration: RegistrationConfig = Field(default_factory=RegistrationConfig, description="New accounts.")
    platform: PlatformConfig = Field(default_factory=PlatformConfig, description="Platform administrators.")
    invitations: InvitationsConfig = Field(default_factory=InvitationsConfig, description="Invitations.")
    email_change: EmailChangeConfig = Field(
        default_factory=EmailChangeConfig, description="Change of address."
    )
    oauth: OAuthConfig = Field(default_factory=OAuthConfig, description="Sign-in with a provider.")
    route_prefix: Text = Field(default="auth", description="The path below which the routes are served.")
    blocked_statuses: Texts = Field(
        default=("BANNED", "INACTIVE", "SUSPENDED"),
        description="Account statuses that may not sign in, compared without regard to ASCII case.",
    )
    user_status_cache_ttl: Duration = Field(
        default=timedelta(seconds=60),
        description="How long an account's status is cached; 0 reads the database each time.",
    )
    controllers: ControllersConfig = Field(default_factory=ControllersConfig, description="Groups of routes.")
    tenancy: TenancyConfig = Field(default_factory=TenancyConfig, description="How the tenant is resolved.")
    hook_timeout: Duration = Field(
        default=timedelta(seconds=5), description="Timeout of a hook that a request waits for."
    )
    email_timeout: Duration = Field(
        default=timedelta(seconds=30), description="Timeout for sending one mail."
    )

    @classmethod
    def nest_compat_defaults(cls, **overrides: object) -> Self:
        """
        Return the default profile, compatible with existing deployments of the original.

        A group is a model or a dictionary; options that it does not set keep the profile's value.

        Raises:
            ConfigError: an option is unknown or has the wrong type.
        """
        return validated(cls, profile_options("nest_compat", overrides), context=None)

    @classmethod
    def secure_defaults(cls, **overrides: object) -> Self:
        """
        Return the hardened profile.

        Argon2id, strict cookies, no tenant taken from the request body, and no session before the address
        is verified or the account approved.

        It needs the extra ``argon2``.  A host that sets no option of `tenancy` has one tenant, ``default``.

        Raises:
            ConfigError: an option is unknown or has the wrong type.
        """
        return validated(cls, profile_options("secure", overrides), context=None)

    @classmethod
    def from_env(
        cls, *, profile: Profile = "nest_compat", env_file: str | os.PathLike[str] | None = None
    ) -> Self:
        """
        Return a profile overridden by the ``BYMAX_AUTH_`` environment variables.

        Groups are separated by two underscores, as in ``BYMAX_AUTH_JWT__SECRET``.

        Raises:
            ConfigError: the extra ``settings`` is missing, or a variable is unknown or has the wrong type.
        """
        return validated(cls, profile_options(profile, read_environment(env_file)), context=FROM_TEXT)
