"""The engine's configuration: options, profiles, environment variables and start-up rules."""

from bymax_auth.config.browser import CookiesConfig, GoogleOAuthConfig, OAuthConfig
from bymax_auth.config.credentials import Argon2Config, JwtConfig, MfaConfig, PasswordConfig, ScryptConfig
from bymax_auth.config.enums import (
    Environment,
    EvictionStrategy,
    JwtAlgorithm,
    PasswordAlgorithm,
    PasswordResetMethod,
    RegistrationSession,
    SameSite,
    TokenDelivery,
)
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
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigError, ConfigProblem
from bymax_auth.config.resolvers import (
    CookieDomainResolver,
    LegacyVerifier,
    MaxSessionsResolver,
    RequestParts,
    StaticTenantResolver,
    TenantIdResolver,
    TenantUnresolved,
)

__all__ = [
    "Argon2Config",
    "AuthConfig",
    "BruteForceConfig",
    "ConfigError",
    "ConfigProblem",
    "ControllersConfig",
    "CookieDomainResolver",
    "CookiesConfig",
    "EmailChangeConfig",
    "EmailVerificationConfig",
    "Environment",
    "EvictionStrategy",
    "GoogleOAuthConfig",
    "InvitationsConfig",
    "JwtAlgorithm",
    "JwtConfig",
    "LegacyVerifier",
    "MaxSessionsResolver",
    "MfaConfig",
    "OAuthConfig",
    "PasswordAlgorithm",
    "PasswordConfig",
    "PasswordResetConfig",
    "PasswordResetMethod",
    "PlatformConfig",
    "RegistrationConfig",
    "RegistrationSession",
    "RequestParts",
    "RolesConfig",
    "SameSite",
    "ScryptConfig",
    "SessionsConfig",
    "StaticTenantResolver",
    "TenancyConfig",
    "TenantIdResolver",
    "TenantUnresolved",
    "TokenDelivery",
]
