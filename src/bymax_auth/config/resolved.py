"""Values that an engine derives from its configuration once, at construction."""

from dataclasses import dataclass, field

from bymax_auth.config.enums import Environment
from bymax_auth.config.features import ControllersConfig
from bymax_auth.config.model import AuthConfig
from bymax_auth.crypto.digest import derive_identifier_key, derive_refresh_key
from bymax_auth.types.secret import Secret

__all__ = ["ResolvedConfig", "resolve_config"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedConfig:
    """
    A configuration with every default resolved.

    `route_prefix` has no slash at either end.  `controllers` lists the route groups that are served,
    including those that a feature enables.  `identifier_key` is the HMAC key of stored account identifiers;
    recovery codes may still be stored under `previous_identifier_keys`.  `refresh_keys` recognise the
    successors of refresh tokens; the first one derives new ones.
    """

    auth: AuthConfig
    secure_cookies: bool
    route_prefix: str
    refresh_cookie_path: str
    mfa_temp_cookie_path: str
    controllers: ControllersConfig
    identifier_secret: Secret
    identifier_key: bytes = field(repr=False)
    previous_identifier_keys: tuple[bytes, ...] = field(repr=False)
    refresh_keys: tuple[bytes, ...] = field(repr=False)


def resolve_config(config: AuthConfig) -> ResolvedConfig:
    """Return `config` with every default resolved, without checking the start-up rules."""
    prefix = config.route_prefix.strip("/")
    identifier_secret = config.identifier_secret or config.jwt.secret
    identifier_secrets = (identifier_secret, *config.previous_identifier_secrets)
    return ResolvedConfig(
        auth=config,
        secure_cookies=_secure_cookies(config),
        route_prefix=prefix,
        refresh_cookie_path=config.cookies.refresh_cookie_path or f"/{prefix}",
        mfa_temp_cookie_path=config.cookies.mfa_temp_cookie_path or f"/{prefix}/mfa",
        controllers=_enabled_controllers(config),
        identifier_secret=identifier_secret,
        identifier_key=derive_identifier_key(identifier_secret.reveal()),
        previous_identifier_keys=tuple(
            derive_identifier_key(secret.reveal()) for secret in config.previous_identifier_secrets
        ),
        refresh_keys=tuple(derive_refresh_key(secret.reveal()) for secret in identifier_secrets),
    )


def _secure_cookies(config: AuthConfig) -> bool:
    if config.secure_cookies is None:
        return config.environment is Environment.PRODUCTION
    return config.secure_cookies


def _enabled_controllers(config: AuthConfig) -> ControllersConfig:
    chosen = config.controllers
    return chosen.model_copy(
        update={
            "sessions": chosen.sessions or config.sessions.enabled,
            "platform": chosen.platform or config.platform.enabled,
            "invitations": chosen.invitations or config.invitations.enabled,
        }
    )
