"""Routes of the group ``mfa``: the second factor of tenants' users."""

from typing import Final

from bymax_auth.errors import MfaNotEnabled, MfaTempTokenInvalid, TokenInvalid
from bymax_auth.http.asgi import Response
from bymax_auth.http.errors import render
from bymax_auth.http.routes.access import PUBLIC, VERIFIED
from bymax_auth.http.routes.answers import Session
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN, NO_CREDENTIALS
from bymax_auth.http.routes.second_factor import CODE_REFUSALS, FactorRealm, management_routes
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.mfa import MfaChallengeRequest
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.results import AuthResult

__all__ = ["MFA_ROUTES"]

_GROUP: Final = RouteGroup("mfa", lambda groups: groups.mfa)

_USERS: Final[FactorRealm[DashboardClaims]] = FactorRealm(
    group=_GROUP,
    prefix="",
    below="",
    access=VERIFIED,
    credentials=ACCESS_TOKEN,
    flows=lambda engine: engine,
    tenant_of=lambda claims: claims.tenant_id,
)


async def _challenge(call: Call[None, MfaChallengeRequest]) -> Response:
    """The cookie with the temporary token is cleared once the token cannot be used again."""
    delivery, view, body = call.runtime.delivery, call.view, call.body
    token = call.runtime.channels.mfa_temp(view, body.mfa_temp_token)
    try:
        if token is None:
            raise MfaTempTokenInvalid
        passed = await call.engine.mfa_challenge(token, body.code, call.context)
    except MfaTempTokenInvalid as refusal:
        return delivery.without_challenge(view, render(refusal))
    if not isinstance(passed, AuthResult):
        raise TypeError("A dashboard flow returned a session of the other realm.")
    session = delivery.session(view, 200, passed.user, passed.access_token, passed.refresh_token)
    return delivery.without_challenge(view, session)


_CHALLENGE: Final[AnyRoute] = RouteSpec(
    name="mfa_challenge",
    group=_GROUP,
    method="POST",
    path="/mfa/challenge",
    access=PUBLIC,
    credentials=NO_CREDENTIALS,
    body=MfaChallengeRequest,
    body_mode="json",
    limit=lambda limits: limits.mfa_challenge,
    success=200,
    handler=_challenge,
    answer=Session("A new session, which has passed the second factor."),
    refusals=(MfaTempTokenInvalid, MfaNotEnabled, TokenInvalid, *CODE_REFUSALS),
    summary="Pass the second factor of a sign-in",
    description="Takes the `mfaTempToken` of the sign-in, or without one the cookie `mfa_temp_token`, with a "
    "code of the app or a recovery code. After a wrong code the token stays usable, for five minutes in all; "
    "the cookie is cleared when the token is used or invalid.",
    key="MFA_CHALLENGE",
    member="challenge",
)

_SETUP, _VERIFY_ENABLE, _DISABLE, _RECOVERY_CODES = management_routes(_USERS)

MFA_ROUTES: Final[tuple[AnyRoute, ...]] = (_SETUP, _VERIFY_ENABLE, _CHALLENGE, _DISABLE, _RECOVERY_CODES)
