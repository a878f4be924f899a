"""Handlers of the group ``auth``."""

from typing import Final

from bymax_auth.errors import RefreshTokenInvalid
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.handlers.call import Call
from bymax_auth.http.schemas.auth import (
    LoginRequest,
    RegisterRequest,
    ResendVerificationRequest,
    VerifyEmailRequest,
)
from bymax_auth.types.inputs import LoginInput, RegisterInput
from bymax_auth.types.results import AuthResult, SessionResult

__all__ = ["login", "logout", "me", "refresh", "register", "resend_verification", "verify_email"]

_NO_CONTENT: Final = empty_response(204)


async def register(call: Call) -> Response:
    """Create an account and give its first session."""
    body = call.body(RegisterRequest)
    wanted = RegisterInput(email=body.email, name=body.name, password=body.password, tenant_id=body.tenant_id)
    return _session(call, 201, await call.engine.register(wanted, call.context))


async def login(call: Call) -> Response:
    """Give a session for a password."""
    body = call.body(LoginRequest)
    given = LoginInput(email=body.email, password=body.password, tenant_id=body.tenant_id)
    return _session(call, 200, await call.engine.login(given, call.context))


async def logout(call: Call) -> Response:
    """End the session that the refresh token names; a caller with nothing left is signed out too."""
    await call.engine.logout(call.edge.channels.access(call.view), call.refresh_token, call.context)
    return call.edge.delivery.signed_out(call.view)


async def refresh(call: Call) -> Response:
    """Exchange a refresh token for a new pair."""
    token = call.refresh_token
    if token is None:
        raise RefreshTokenInvalid
    exchanged = await call.engine.refresh(token, call.context)
    tokens = exchanged.tokens
    return call.edge.delivery.session(
        call.view, 200, exchanged.account, tokens.access_token, tokens.refresh_token
    )


async def me(call: Call) -> Response:
    """Show the caller's account, whatever its status."""
    claims = call.claims
    return json_response(200, json_of(await call.engine.me(claims.sub, tenant_id=claims.tenant_id)))


async def verify_email(call: Call) -> Response:
    """Prove an address by its code."""
    body = call.body(VerifyEmailRequest)
    await call.engine.verify_email(
        tenant_id=body.tenant_id, email=body.email, otp=body.otp, context=call.context
    )
    return _NO_CONTENT


async def resend_verification(call: Call) -> Response:
    """Send another verification code, or seem to."""
    body = call.body(ResendVerificationRequest)
    await call.engine.resend_verification(tenant_id=body.tenant_id, email=body.email, context=call.context)
    return _NO_CONTENT


def _session(call: Call, status: int, result: SessionResult) -> Response:
    if not isinstance(result, AuthResult):
        raise TypeError("A dashboard flow answered with a session of the other realm.")
    return call.edge.delivery.session(
        call.view, status, result.user, result.access_token, result.refresh_token
    )
