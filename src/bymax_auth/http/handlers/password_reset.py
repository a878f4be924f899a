"""Handlers of the group ``password_reset``."""

from typing import Final

from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.handlers.call import Call
from bymax_auth.http.schemas.password_reset import (
    ChangePasswordRequest,
    ForgotPasswordRequest,
    ResendOtpRequest,
    ResetPasswordRequest,
    VerifyOtpRequest,
)
from bymax_auth.types.inputs import (
    ForgotPasswordInput,
    ResendResetOtpInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)

__all__ = ["change_password", "forgot_password", "resend_reset_otp", "reset_password", "verify_reset_otp"]

_NO_CONTENT: Final = empty_response(204)
_ACCEPTED: Final = json_response(200, b"{}")


async def forgot_password(call: Call) -> Response:
    """Send a way to set a new password, or seem to."""
    body = call.body(ForgotPasswordRequest)
    wanted = ForgotPasswordInput(email=body.email, tenant_id=body.tenant_id)
    await call.engine.forgot_password(wanted, call.context)
    return _ACCEPTED


async def resend_reset_otp(call: Call) -> Response:
    """Send the reset mail again, or seem to."""
    body = call.body(ResendOtpRequest)
    wanted = ResendResetOtpInput(email=body.email, tenant_id=body.tenant_id)
    await call.engine.resend_reset_otp(wanted, call.context)
    return _ACCEPTED


async def reset_password(call: Call) -> Response:
    """Set a new password for whoever proves to read the mailbox."""
    body = call.body(ResetPasswordRequest)
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


async def verify_reset_otp(call: Call) -> Response:
    """Exchange a reset code for a token."""
    body = call.body(VerifyOtpRequest)
    given = VerifyResetOtpInput(email=body.email, otp=body.otp, tenant_id=body.tenant_id)
    token = await call.engine.verify_reset_otp(given, call.context)
    return json_response(200, b'{"verifiedToken":"%b"}' % token.encode())


async def change_password(call: Call) -> Response:
    """Replace the caller's password and end every session but the caller's."""
    body = call.body(ChangePasswordRequest)
    claims = call.claims
    await call.engine.change_password(
        claims.sub,
        tenant_id=claims.tenant_id,
        current_password=body.current_password,
        new_password=body.new_password,
        current_refresh=call.edge.channels.refresh(call.view, body.refresh_token),
    )
    return _NO_CONTENT
