"""
The route table: every face of the HTTP API is made from it.

Paths are below the configured prefix.  A row's `limit` names a field of `RateLimitConfig`; rows
with the same `name` share one counter.
"""

from dataclasses import dataclass
from typing import Final, Literal

from bymax_auth.engine import AuthEngine
from bymax_auth.http.schemas.auth import (
    LoginRequest,
    RefreshRequest,
    RegisterRequest,
    ResendVerificationRequest,
    VerifyEmailRequest,
)
from bymax_auth.http.schemas.fields import RequestModel
from bymax_auth.http.schemas.password_reset import (
    ChangePasswordRequest,
    ForgotPasswordRequest,
    ResendOtpRequest,
    ResetPasswordRequest,
    VerifyOtpRequest,
)

__all__ = ["ROUTES", "BodyMode", "RouteSpec", "mounted_routes"]

BodyMode = Literal["none", "json", "optional_json", "lenient_refresh"]
"""
How a body is read.

``lenient_refresh`` asks for no content type and takes zero bytes as no token: known browser
clients send these bodies in every such form.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpec:
    """
    One route.

    `name` is its rate-limit counter and log field; `key` and `member` are its names in the two
    families of generated constants, empty where a family has none.  With `forgiving` a malformed
    body counts as no body: the route must work for clients that have nothing left to say.
    """

    name: str
    group: str
    method: str
    path: str
    guards: tuple[str, ...] = ()
    body: type[RequestModel] | None = None
    body_mode: BodyMode = "none"
    limit: str | None
    success: int
    key: str
    member: str
    forgiving: bool = False


_SIGNED_IN: Final = ("auth_user",)
_ACTIVE: Final = ("auth_user", "user_status")

_AUTH: Final = (
    RouteSpec(
        name="register",
        group="auth",
        method="POST",
        path="/register",
        body=RegisterRequest,
        body_mode="json",
        limit="register",
        success=201,
        key="REGISTER",
        member="register",
    ),
    RouteSpec(
        name="login",
        group="auth",
        method="POST",
        path="/login",
        body=LoginRequest,
        body_mode="json",
        limit="login",
        success=200,
        key="LOGIN",
        member="login",
    ),
    RouteSpec(
        name="logout",
        group="auth",
        method="POST",
        path="/logout",
        body=RefreshRequest,
        body_mode="lenient_refresh",
        limit="logout",
        success=204,
        key="LOGOUT",
        member="logout",
        forgiving=True,
    ),
    RouteSpec(
        name="refresh",
        group="auth",
        method="POST",
        path="/refresh",
        body=RefreshRequest,
        body_mode="lenient_refresh",
        limit="refresh",
        success=200,
        key="REFRESH",
        member="refresh",
    ),
    RouteSpec(
        name="me",
        group="auth",
        method="GET",
        path="/me",
        guards=_SIGNED_IN,
        limit=None,
        success=200,
        key="ME",
        member="me",
    ),
    RouteSpec(
        name="verify_email",
        group="auth",
        method="POST",
        path="/verify-email",
        body=VerifyEmailRequest,
        body_mode="json",
        limit="verify_email",
        success=204,
        key="VERIFY_EMAIL",
        member="verifyEmail",
    ),
    RouteSpec(
        name="resend_verification",
        group="auth",
        method="POST",
        path="/resend-verification",
        body=ResendVerificationRequest,
        body_mode="json",
        limit="resend_verification",
        success=204,
        key="RESEND_VERIFICATION",
        member="resendVerification",
    ),
)

_PASSWORD_RESET: Final = (
    RouteSpec(
        name="forgot_password",
        group="password_reset",
        method="POST",
        path="/password/forgot-password",
        body=ForgotPasswordRequest,
        body_mode="json",
        limit="forgot_password",
        success=200,
        key="PASSWORD_FORGOT",
        member="forgotPassword",
    ),
    RouteSpec(
        name="reset_password",
        group="password_reset",
        method="POST",
        path="/password/reset-password",
        body=ResetPasswordRequest,
        body_mode="json",
        limit="reset_password",
        success=204,
        key="PASSWORD_RESET",
        member="resetPassword",
    ),
    RouteSpec(
        name="verify_reset_otp",
        group="password_reset",
        method="POST",
        path="/password/verify-otp",
        body=VerifyOtpRequest,
        body_mode="json",
        limit="verify_otp",
        success=200,
        key="PASSWORD_VERIFY_OTP",
        member="verifyOtp",
    ),
    RouteSpec(
        name="resend_reset_otp",
        group="password_reset",
        method="POST",
        path="/password/resend-otp",
        body=ResendOtpRequest,
        body_mode="json",
        limit="resend_password_otp",
        success=200,
        key="PASSWORD_RESEND_OTP",
        member="resendOtp",
    ),
    RouteSpec(
        name="change_password",
        group="password_reset",
        method="POST",
        path="/password/change",
        guards=_ACTIVE,
        body=ChangePasswordRequest,
        body_mode="json",
        limit="change_password",
        success=204,
        key="PASSWORD_CHANGE",
        member="changePassword",
    ),
)

_SESSIONS: Final = (
    RouteSpec(
        name="list_sessions",
        group="sessions",
        method="GET",
        path="/sessions",
        guards=_ACTIVE,
        limit="list_sessions",
        success=200,
        key="SESSIONS_LIST",
        member="list",
    ),
    RouteSpec(
        name="revoke_all_sessions",
        group="sessions",
        method="DELETE",
        path="/sessions/all",
        guards=_ACTIVE,
        body=RefreshRequest,
        body_mode="lenient_refresh",
        limit="revoke_all_sessions",
        success=204,
        key="SESSIONS_REVOKE_ALL",
        member="",
        forgiving=True,
    ),
    # Generated clients drop the body of a DELETE, so the same route also answers a POST.
    RouteSpec(
        name="revoke_all_sessions",
        group="sessions",
        method="POST",
        path="/sessions/revoke-all",
        guards=_ACTIVE,
        body=RefreshRequest,
        body_mode="lenient_refresh",
        limit="revoke_all_sessions",
        success=204,
        key="",
        member="revokeAll",
        forgiving=True,
    ),
    RouteSpec(
        name="revoke_session",
        group="sessions",
        method="DELETE",
        path="/sessions/{id}",
        guards=_ACTIVE,
        limit="revoke_session",
        success=204,
        key="SESSIONS_REVOKE_ONE",
        member="revokeOne",
    ),
)

ROUTES: Final[tuple[RouteSpec, ...]] = (*_AUTH, *_PASSWORD_RESET, *_SESSIONS)
"""Every route, in the order of the documentation; a literal path stands before a parameter's."""


def mounted_routes(engine: AuthEngine) -> tuple[RouteSpec, ...]:
    """Return the routes that `engine` serves: those of the groups that its configuration turns on."""
    groups = engine.route_groups
    return tuple(spec for spec in ROUTES if getattr(groups, spec.group))
