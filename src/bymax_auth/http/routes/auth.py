"""Routes of the group ``auth``: sign up, sign in and out, refresh, verify an address."""

from types import NoneType
from typing import Any, Final

from bymax_auth.errors import (
    AccountLocked,
    EmailAlreadyExists,
    EmailNotVerified,
    Forbidden,
    InvalidCredentials,
    OtpInvalid,
    Overloaded,
    PasswordCompromised,
    RefreshTokenInvalid,
    TokenInvalid,
    TooManyRequests,
)
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.delivery import challenge_response, json_of
from bymax_auth.http.routes.access import BLOCKED, PUBLIC, SIGNED_IN
from bymax_auth.http.routes.answers import Empty, Json, Session
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN, NO_CREDENTIALS, REFRESH_TOKEN, SIGN_OUT
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.auth import (
    LoginRequest,
    RefreshRequest,
    RegisterRequest,
    ResendVerificationRequest,
    VerifyEmailRequest,
)
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.inputs import LoginInput, RegisterInput
from bymax_auth.types.results import (
    AccountCreated,
    AuthResult,
    MfaChallengeResult,
    RegistrationResult,
    SessionResult,
)

__all__ = ["AUTH_GROUP", "AUTH_ROUTES", "new_account_response"]

_NO_CONTENT: Final = empty_response(204)


async def _register(call: Call[None, RegisterRequest]) -> Response:
    body = call.body
    wanted = RegisterInput(
        email=body.email,
        name=body.name,
        password=body.password,
        tenant_id=body.tenant_id,
        profile=body.given_profile,
    )
    return new_account_response(call, await call.engine.register(wanted, call.context))


async def _login(call: Call[None, LoginRequest]) -> Response:
    body = call.body
    given = LoginInput(email=body.email, password=body.password, tenant_id=body.tenant_id)
    answered = await call.engine.login(given, call.context)
    if isinstance(answered, MfaChallengeResult):
        return challenge_response(answered)
    return _session(call, 200, answered)


async def _logout(call: Call[None, RefreshRequest]) -> Response:
    runtime, view = call.runtime, call.view
    for access, refresh in runtime.channels.to_end(view, call.body.refresh_token):
        await call.engine.logout(access, refresh, call.context)
    return runtime.delivery.signed_out(view)


async def _refresh(call: Call[None, RefreshRequest]) -> Response:
    token = call.refresh_token(call.body.refresh_token)
    if token is None:
        raise RefreshTokenInvalid
    exchanged = await call.engine.refresh(token, call.context)
    tokens = exchanged.tokens
    return call.runtime.delivery.session(
        call.view, 200, exchanged.account, tokens.access_token, tokens.refresh_token
    )


async def _me(call: Call[DashboardClaims, None]) -> Response:
    claims = call.claims
    return json_response(200, json_of(await call.engine.me(claims.sub, tenant_id=claims.tenant_id)))


async def _verify_email(call: Call[None, VerifyEmailRequest]) -> Response:
    body = call.body
    await call.engine.verify_email(
        tenant_id=body.tenant_id, email=body.email, otp=body.otp, context=call.context
    )
    return _NO_CONTENT


async def _resend_verification(call: Call[None, ResendVerificationRequest]) -> Response:
    body = call.body
    await call.engine.resend_verification(tenant_id=body.tenant_id, email=body.email, context=call.context)
    return _NO_CONTENT


def new_account_response(call: Call[None, Any], result: RegistrationResult) -> Response:
    """Answer with a new account, and with its first session if it may sign in already."""
    if isinstance(result, AccountCreated):
        return json_response(201, json_of(result))
    return _session(call, 201, result)


def _session(call: Call[None, Any], status: int, result: SessionResult) -> Response:
    if not isinstance(result, AuthResult):
        raise TypeError("A dashboard flow returned a session of the other realm.")
    return call.runtime.delivery.session(
        call.view, status, result.user, result.access_token, result.refresh_token
    )


AUTH_GROUP: Final = RouteGroup("auth", lambda groups: groups.auth)
"""Signing up, in and out, and what belongs to it."""

AUTH_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="register",
        group=AUTH_GROUP,
        method="POST",
        path="/register",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=RegisterRequest,
        body_mode="json",
        limit=lambda limits: limits.register,
        success=201,
        handler=_register,
        answer=Session(
            "The account, with its first session if it may sign in already.", otherwise=AccountCreated
        ),
        refusals=(EmailAlreadyExists, PasswordCompromised, Forbidden, Overloaded),
        summary="Create an account",
        description="Creates the account and signs it in, unless its status is blocked, as one that waits "
        "for approval is: then the answer has the account, and neither tokens nor cookies. Where "
        "verification is required, a six-digit code is mailed; until the address is verified there is no "
        "session, or with `registration.session` set to `always` one that cannot be refreshed.",
        key="REGISTER",
        member="register",
    ),
    RouteSpec(
        name="login",
        group=AUTH_GROUP,
        method="POST",
        path="/login",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=LoginRequest,
        body_mode="json",
        limit=lambda limits: limits.login,
        success=200,
        handler=_login,
        answer=Session("A new session, or the challenge of a second factor.", otherwise=MfaChallengeResult),
        refusals=(
            InvalidCredentials,
            AccountLocked,
            TooManyRequests,
            EmailNotVerified,
            *BLOCKED,
            Forbidden,
            Overloaded,
        ),
        summary="Sign in with a password",
        description="An unknown address and a wrong password have the same answer. An account with a second "
        "factor gets `mfaTempToken`, with neither tokens nor cookies, in every delivery mode.",
        key="LOGIN",
        member="login",
    ),
    RouteSpec(
        name="logout",
        group=AUTH_GROUP,
        method="POST",
        path="/logout",
        access=PUBLIC,
        credentials=SIGN_OUT,
        body=RefreshRequest,
        body_mode="forgiving_refresh",
        limit=lambda limits: limits.logout,
        admits_uncounted=True,
        success=204,
        handler=_logout,
        answer=Empty("Signed out.", clears_cookies=True),
        summary="Sign out",
        description="Ends the session of the refresh token and revokes the access token, even an expired "
        "one. A call without credentials succeeds and revokes nothing.",
        key="LOGOUT",
        member="logout",
    ),
    RouteSpec(
        name="refresh",
        group=AUTH_GROUP,
        method="POST",
        path="/refresh",
        access=PUBLIC,
        credentials=REFRESH_TOKEN,
        body=RefreshRequest,
        body_mode="lenient_refresh",
        limit=lambda limits: limits.refresh,
        success=200,
        handler=_refresh,
        answer=Session("The account as it is now, and a new pair of tokens."),
        refusals=(RefreshTokenInvalid, TokenInvalid, EmailNotVerified, *BLOCKED),
        summary="Exchange the refresh token",
        description="A refresh token works once. The same token presented again within a few seconds, as "
        "two tabs do, is tolerated; later it ends the session everywhere.",
        key="REFRESH",
        member="refresh",
    ),
    RouteSpec(
        name="me",
        group=AUTH_GROUP,
        method="GET",
        path="/me",
        access=SIGNED_IN,
        credentials=ACCESS_TOKEN,
        body=NoneType,
        limit=None,
        success=200,
        handler=_me,
        answer=Json("The account.", SafeAuthUser, profiled=True),
        summary="Show the signed-in account",
        description="Answers blocked and unverified accounts too, so that a client can show why.",
        key="ME",
        member="me",
    ),
    RouteSpec(
        name="verify_email",
        group=AUTH_GROUP,
        method="POST",
        path="/verify-email",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=VerifyEmailRequest,
        body_mode="json",
        limit=lambda limits: limits.verify_email,
        success=204,
        handler=_verify_email,
        answer=Empty("The address is verified."),
        refusals=(OtpInvalid, Forbidden),
        summary="Verify an address by its code",
        description="Every failure has the same answer. No session is issued.",
        key="VERIFY_EMAIL",
        member="verifyEmail",
    ),
    RouteSpec(
        name="resend_verification",
        group=AUTH_GROUP,
        method="POST",
        path="/resend-verification",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=ResendVerificationRequest,
        body_mode="json",
        limit=lambda limits: limits.resend_verification,
        admits_uncounted=True,
        success=204,
        handler=_resend_verification,
        answer=Empty("A code is on its way if the account waits for one."),
        summary="Mail another verification code",
        description="The answer is the same whether or not the account exists.",
        key="RESEND_VERIFICATION",
        member="resendVerification",
    ),
)
