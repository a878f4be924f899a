"""
Routes of the group ``platform``: administrators sign in and out, refresh, and end their sessions.

Administrators use bearer tokens in every delivery mode.  No cookie is read or set, so that a browser in
which somebody is signed in as a user carries nothing that could act as an administrator.
"""

from types import NoneType
from typing import Final

from bymax_auth.errors import (
    AccountLocked,
    InvalidCredentials,
    Overloaded,
    RefreshTokenInvalid,
    TokenInvalid,
    TooManyRequests,
)
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.extraction import bearer_token
from bymax_auth.http.routes.access import ADMINISTRATOR, BLOCKED, PUBLIC
from bymax_auth.http.routes.answers import Empty, Json
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import (
    NO_CREDENTIALS,
    PLATFORM_ACCESS_TOKEN,
    PLATFORM_REFRESH_TOKEN,
    PLATFORM_SIGN_OUT,
)
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.auth import RefreshRequest
from bymax_auth.http.schemas.platform import PlatformLoginRequest
from bymax_auth.types.account import SafeAuthPlatformUser
from bymax_auth.types.claims import PlatformClaims
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import MfaChallengeResult, PlatformAuthResult

__all__ = ["PLATFORM_ROUTES"]

_NO_CONTENT: Final = empty_response(204)


async def _login(call: Call[None, PlatformLoginRequest]) -> Response:
    body = call.body
    given = LoginInput(email=body.email, password=body.password)
    return json_response(200, json_of(await call.engine.platform.login(given, call.context)))


async def _me(call: Call[PlatformClaims, None]) -> Response:
    return json_response(200, json_of(await call.engine.platform.me(call.claims.sub)))


async def _logout(call: Call[None, RefreshRequest]) -> Response:
    await call.engine.platform.logout(bearer_token(call.view), call.body.refresh_token, call.context)
    return _NO_CONTENT


async def _refresh(call: Call[None, RefreshRequest]) -> Response:
    if not call.body.refresh_token:
        raise RefreshTokenInvalid
    exchanged = await call.engine.platform.refresh(call.body.refresh_token, call.context)
    if not isinstance(exchanged.account, SafeAuthPlatformUser):
        raise TypeError("A platform flow returned an account of the other realm.")
    session = PlatformAuthResult(
        admin=exchanged.account,
        access_token=exchanged.tokens.access_token,
        refresh_token=exchanged.tokens.refresh_token,
    )
    return json_response(200, json_of(session))


async def _revoke_all(call: Call[PlatformClaims, None]) -> Response:
    """End every session, the caller's too."""
    await call.engine.platform.revoke_all_sessions(call.claims.sub)
    return _NO_CONTENT


_GROUP: Final = RouteGroup("platform", lambda groups: groups.platform)

PLATFORM_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="platform_login",
        group=_GROUP,
        method="POST",
        path="/platform/login",
        access=PUBLIC,
        credentials=NO_CREDENTIALS,
        body=PlatformLoginRequest,
        body_mode="json",
        limit=lambda limits: limits.platform_login,
        success=200,
        handler=_login,
        answer=Json(
            "A new session of the administrator, whose tokens are in the body, or the challenge of a second "
            "factor.",
            PlatformAuthResult,
            otherwise=MfaChallengeResult,
        ),
        refusals=(InvalidCredentials, AccountLocked, TooManyRequests, *BLOCKED, Overloaded),
        summary="Sign in as a platform administrator",
        description="An unknown address and a wrong password have the same answer. No cookie is set, in any "
        "delivery mode.",
        key="PLATFORM_LOGIN",
        member="login",
    ),
    RouteSpec(
        name="platform_me",
        group=_GROUP,
        method="GET",
        path="/platform/me",
        access=ADMINISTRATOR,
        credentials=PLATFORM_ACCESS_TOKEN,
        body=NoneType,
        limit=None,
        success=200,
        handler=_me,
        answer=Json("The administrator.", SafeAuthPlatformUser),
        refusals=(TokenInvalid,),
        summary="Show the signed-in administrator",
        description="Answers a blocked administrator too, so that a client can show why.",
        key="PLATFORM_ME",
        member="me",
    ),
    RouteSpec(
        name="platform_logout",
        group=_GROUP,
        method="POST",
        path="/platform/logout",
        access=PUBLIC,
        credentials=PLATFORM_SIGN_OUT,
        body=RefreshRequest,
        body_mode="forgiving_refresh",
        limit=lambda limits: limits.logout,
        admits_uncounted=True,
        success=204,
        handler=_logout,
        answer=Empty("Signed out."),
        summary="Sign out as a platform administrator",
        description="Ends the session of the refresh token and revokes the access token, even an expired "
        "one. A call without credentials succeeds and revokes nothing.",
        key="PLATFORM_LOGOUT",
        member="logout",
    ),
    RouteSpec(
        name="platform_refresh",
        group=_GROUP,
        method="POST",
        path="/platform/refresh",
        access=PUBLIC,
        credentials=PLATFORM_REFRESH_TOKEN,
        body=RefreshRequest,
        body_mode="lenient_refresh",
        limit=lambda limits: limits.refresh,
        success=200,
        handler=_refresh,
        answer=Json("The administrator as it is now, and a new pair of tokens.", PlatformAuthResult),
        refusals=(RefreshTokenInvalid, *BLOCKED),
        summary="Exchange an administrator's refresh token",
        description="A refresh token works once. The same token presented again within a few seconds is "
        "tolerated; later it ends the session everywhere. The token is read from the body only.",
        key="PLATFORM_REFRESH",
        member="refresh",
    ),
    RouteSpec(
        name="platform_revoke_all",
        group=_GROUP,
        method="DELETE",
        path="/platform/sessions",
        access=ADMINISTRATOR,
        credentials=PLATFORM_ACCESS_TOKEN,
        body=NoneType,
        limit=lambda limits: limits.revoke_all_sessions,
        success=204,
        handler=_revoke_all,
        answer=Empty("Every session is ended."),
        summary="End every session of the signed-in administrator",
        description="The caller's own session ends too, and every access token with it.",
        key="PLATFORM_SESSIONS_REVOKE_ALL",
        member="revokeAllSessions",
    ),
)
