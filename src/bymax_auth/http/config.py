"""Configuration of the HTTP layer, in addition to the engine's own."""

from dataclasses import dataclass
from typing import Self

from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.ports.attempts import RateLimitStore

__all__ = ["AuthHttpConfig", "RateLimit", "RateLimitConfig"]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `requests` requests from one client in each window of `window_seconds`."""

    requests: int
    window_seconds: int

    def __post_init__(self) -> None:
        if self.requests < 1 or self.window_seconds < 1:
            raise ValueError("A rate limit allows at least one request, in a window of at least one second.")

    def __str__(self) -> str:
        return f"{self.requests}/{self.window_seconds}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitConfig:
    """The limit of each route; ``None`` disables the limit, not the route."""

    login: RateLimit | None = RateLimit(5, 60)
    register: RateLimit | None = RateLimit(10, 3_600)
    refresh: RateLimit | None = RateLimit(10, 60)
    logout: RateLimit | None = RateLimit(20, 60)
    ws_ticket: RateLimit | None = RateLimit(20, 60)
    forgot_password: RateLimit | None = RateLimit(3, 300)
    reset_password: RateLimit | None = RateLimit(3, 300)
    change_password: RateLimit | None = RateLimit(5, 60)
    verify_otp: RateLimit | None = RateLimit(3, 300)
    resend_password_otp: RateLimit | None = RateLimit(3, 300)
    verify_email: RateLimit | None = RateLimit(5, 60)
    resend_verification: RateLimit | None = RateLimit(3, 300)
    mfa_setup: RateLimit | None = RateLimit(5, 60)
    mfa_verify_enable: RateLimit | None = RateLimit(5, 60)
    mfa_challenge: RateLimit | None = RateLimit(5, 60)
    mfa_disable: RateLimit | None = RateLimit(3, 300)
    platform_login: RateLimit | None = RateLimit(5, 60)
    invitation_create: RateLimit | None = RateLimit(10, 3_600)
    invitation_accept: RateLimit | None = RateLimit(5, 60)
    invitation_revoke: RateLimit | None = RateLimit(10, 3_600)
    email_change_request: RateLimit | None = RateLimit(3, 300)
    email_change_confirm: RateLimit | None = RateLimit(5, 60)
    list_sessions: RateLimit | None = RateLimit(30, 60)
    revoke_session: RateLimit | None = RateLimit(10, 60)
    revoke_all_sessions: RateLimit | None = RateLimit(5, 60)
    oauth_initiate: RateLimit | None = RateLimit(10, 60)
    oauth_callback: RateLimit | None = RateLimit(10, 60)
    list_identities: RateLimit | None = RateLimit(30, 60)
    link_identity: RateLimit | None = RateLimit(5, 60)
    unlink_identity: RateLimit | None = RateLimit(5, 60)

    @classmethod
    def unlimited(cls) -> Self:
        """Return a configuration without limits, for development and load tests."""
        return cls(**dict.fromkeys(cls.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class AuthHttpConfig:
    """
    Configuration of the HTTP layer.

    Args:
        client_ip_source: Where the client's IP address is taken from; it depends on the deployment, so
            there is no default.
        max_body_bytes: The maximum length of a request body on every route; each has a limit of its own,
            16 KiB for a body without profile fields, and the lower of the two is used.
        rate_limits: The limit of each route.
        rate_limit_store: Where requests are counted; ``None`` means the engine's own store.
        enforce_tenant_binding: Whether a dashboard token is valid only for requests that the
            tenant resolver assigns to the token's tenant.
    """

    client_ip_source: PeerAddress | TrustedForwardedFor
    max_body_bytes: int = 65_536
    rate_limits: RateLimitConfig = RateLimitConfig()
    rate_limit_store: RateLimitStore | None = None
    enforce_tenant_binding: bool = False

    def __post_init__(self) -> None:
        if self.max_body_bytes < 1:
            raise ValueError("AuthHttpConfig.max_body_bytes must be at least 1.")
