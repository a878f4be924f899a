"""
Routes of the group ``platform_mfa``: the second factor of platform administrators.

Passing the second factor belongs to signing in, so that route is in the group ``platform``.
"""

from typing import Final

from bymax_auth.errors import MfaNotEnabled, MfaTempTokenInvalid, TokenInvalid
from bymax_auth.http.asgi import Response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.routes.access import ADMINISTRATOR, PUBLIC
from bymax_auth.http.routes.answers import Json
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import NO_CREDENTIALS, PLATFORM_ACCESS_TOKEN
from bymax_auth.http.routes.second_factor import CODE_REFUSALS, FactorRealm, management_routes
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.schemas.mfa import MfaChallengeRequest
from bymax_auth.types.claims import PlatformClaims
from bymax_auth.types.results import PlatformAuthResult

__all__ = ["PLATFORM_MFA_ROUTES"]


def _no_tenant(_claims: PlatformClaims) -> None:
    """Administrators belong to no tenant."""


_ADMINISTRATORS: Final[FactorRealm[PlatformClaims]] = FactorRealm(
    group=RouteGroup("platform_mfa", lambda groups: groups.platform_mfa),
    prefix="platform_",
    below="/platform",
    access=ADMINISTRATOR,
    credentials=PLATFORM_ACCESS_TOKEN,
    flows=lambda engine: engine.platform,
    tenant_of=_no_tenant,
)


async def _challenge(call: Call[None, MfaChallengeRequest]) -> Response:
    """A cookie is not read: administrators use none."""
    token = call.body.mfa_temp_token
    if token is None:
        raise MfaTempTokenInvalid
    passed = await call.engine.platform.mfa_challenge(token, call.body.code, call.context)
    return json_response(200, json_of(passed))


_CHALLENGE: Final[AnyRoute] = RouteSpec(
    name="platform_mfa_challenge",
    group=RouteGroup("platform", lambda groups: groups.platform),
    method="POST",
    path="/platform/mfa/challenge",
    access=PUBLIC,
    credentials=NO_CREDENTIALS,
    body=MfaChallengeRequest,
    body_mode="json",
    limit=lambda limits: limits.mfa_challenge,
    success=200,
    handler=_challenge,
    answer=Json(
        "A new session of the administrator, which has passed the second factor.", PlatformAuthResult
    ),
    refusals=(MfaTempTokenInvalid, MfaNotEnabled, TokenInvalid, *CODE_REFUSALS),
    summary="Pass the second factor of an administrator's sign-in",
    description="Takes the `mfaTempToken` of the sign-in, with a code of the app or a recovery code. After a "
    "wrong code the token stays usable, for five minutes in all. No cookie is read or set.",
    key="PLATFORM_MFA_CHALLENGE",
    member="mfaChallenge",
)

PLATFORM_MFA_ROUTES: Final[tuple[AnyRoute, ...]] = (_CHALLENGE, *management_routes(_ADMINISTRATORS))
