"""Routes of the group ``password_reset``: reset a forgotten password, and change a password."""

from typing import Final

from bymax_auth.errors import (
    AccountLocked,
    Forbidden,
    InvalidCredentials,
    OtpInvalid,
    Overloaded,
    PasswordCompromised,
    PasswordResetTokenInvalid,
    TooManyRequests,
)
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.routes.access import ACTIVE, PUBLIC
from bymax_auth.http.routes.answers import Empty, Json
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import NAMES_SESSION, NO_CREDENTIALS
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.password_reset import (
    ChangePasswordRequest,
    ForgotPasswordRequest,
    ResendOtpRequest,
    ResetMailAccepted,
    ResetPasswordRequest,
    VerifiedToken,
    VerifyOtpRequest,
)
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.inputs import (
    ForgotPasswordInput,
    ResendResetOtpInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)

__all__ = ["PASSWORD_RESET_ROUTES"]

_NO_CONTENT: Final = empty_response(204)
_ACCEPTED: Final = json_response(200, json_of(ResetMailAccepted()))


async def _forgot_password(call: Call[None, ForgotPasswordRequest]) -> Response:
    wanted = ForgotPasswordInput(email=call.body.email, tenant_id=call.body.tenant_id)
    await call.engine.forgot_password(wanted, call.context)
    return _ACCEPTED


async def _resend_reset_otp(call: Call[None, ResendOtpRequest]) -> Response:
    wanted = ResendResetOtpInput(email=call.body.email, tenant_id=call.body.tenant_id)
    await call.engine.resend_reset_otp(wanted, call.context)
    return _ACCEPTED


async def _reset_password(call: Call[None, ResetPasswordRequest]) -> Response:
    body = call.body
    wanted = ResetPasswordInput(
        email=body.email,
        new_password=body.new_password,
        token=body.token,
        otp=body.otp,
        verified_token=body.verified_token,
        tenant_id=body.tenant_id,
    )
    await call.engine.reset_password(wanted, call.context)
    return _NO_CONTENT


async def _verify_reset_otp(call: Call[None, VerifyOtpRequest]) -> Response:
    body = call.body
    given = VerifyResetOtpInput(email=body.email, otp=body.otp, tenant_id=body.tenant_id)
    token = await call.engine.verify_reset_otp(given, call.context)
    return json_response(200, json_of(VerifiedToken(verified_token=token)))


async def _change_password(call: Call[DashboardClaims, ChangePasswordRequest]) -> Response:
    body, claims = call.body, call.claims
    await call.engine.change_password(
        claims.sub,
        tenant_id=claims.tenant_id,
        current_password=body.current_password,
        new_password=body.new_password,
        current_refresh=call.refresh_token(body.refresh_token),
        context=call.context,
    )
    return _NO_CONTENT


_GROUP: Final = RouteGroup("password_reset", lambda groups: groups.password_reset)
_UNIFORM: Final = "The answer is the same whether or not the account exists."

PASSWORD_RESET_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="forgot_password",
        group=_GROUP,
        method="POST",
        path="/password/forgot-password",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=ForgotPasswordRequest,
        body_mode="json",
        limit=lambda limits: limits.forgot_password,
        admits_uncounted=True,
        success=200,
        handler=_forgot_password,
        answer=Json("A mail is on its way if the account may have one.", ResetMailAccepted),
        summary="Ask for a way to set a new password",
        description=_UNIFORM,
        key="PASSWORD_FORGOT",
        member="forgotPassword",
    ),
    RouteSpec(
        name="reset_password",
        group=_GROUP,
        method="POST",
        path="/password/reset-password",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=ResetPasswordRequest,
        body_mode="json",
        limit=lambda limits: limits.reset_password,
        success=204,
        handler=_reset_password,
        answer=Empty("The password is set."),
        refusals=(PasswordResetTokenInvalid, PasswordCompromised, OtpInvalid, Forbidden, Overloaded),
        summary="Set a new password with a proof from the mailbox",
        description="Takes exactly one of `token`, `otp` and `verifiedToken`, of the kind that was "
        "mailed: a deployment that sends codes sends a link when too many wrong ones were given for an "
        "address. Every session of the account ends; none is issued.",
        key="PASSWORD_RESET",
        member="resetPassword",
    ),
    RouteSpec(
        name="verify_reset_otp",
        group=_GROUP,
        method="POST",
        path="/password/verify-otp",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=VerifyOtpRequest,
        body_mode="json",
        limit=lambda limits: limits.verify_otp,
        success=200,
        handler=_verify_reset_otp,
        answer=Json("The token.", VerifiedToken),
        refusals=(OtpInvalid, PasswordResetTokenInvalid, Forbidden),
        summary="Exchange a reset code for a token",
        description="The token sets a new password within five minutes.",
        key="PASSWORD_VERIFY_OTP",
        member="verifyOtp",
    ),
    RouteSpec(
        name="resend_reset_otp",
        group=_GROUP,
        method="POST",
        path="/password/resend-otp",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=ResendOtpRequest,
        body_mode="json",
        limit=lambda limits: limits.resend_password_otp,
        admits_uncounted=True,
        success=200,
        handler=_resend_reset_otp,
        answer=Json("A mail is on its way if the account may have one.", ResetMailAccepted),
        summary="Mail the reset code again",
        description=_UNIFORM,
        key="PASSWORD_RESEND_OTP",
        member="resendOtp",
    ),
    RouteSpec(
        name="change_password",
        group=_GROUP,
        method="POST",
        path="/password/change",
        access=ACTIVE,
        credentials=NAMES_SESSION,
        body=ChangePasswordRequest,
        body_mode="json",
        limit=lambda limits: limits.change_password,
        success=204,
        handler=_change_password,
        answer=Empty("The password is changed."),
        refusals=(InvalidCredentials, AccountLocked, TooManyRequests, PasswordCompromised, Overloaded),
        summary="Change the signed-in account's password",
        description="Every other session ends; the one that the refresh token names is kept, and without "
        "one all end. The access token ends either way: refresh afterwards.",
        key="PASSWORD_CHANGE",
        member="changePassword",
    ),
)
