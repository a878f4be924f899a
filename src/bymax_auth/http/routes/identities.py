"""
Routes of the group ``oauth`` for signed-in users: list, link and unlink identities of providers.

A link is a POST, which no page of another site can send; the browser then goes to the provider by itself, and
comes back to the callback of a sign-in.
"""

from types import NoneType
from typing import Final

from pydantic import TypeAdapter

from bymax_auth.errors import (
    AccountLocked,
    AuthError,
    EmailNotVerified,
    Forbidden,
    InvalidCredentials,
    OAuthFailed,
    Overloaded,
    ReauthenticationRequired,
    SessionNotFound,
    TooManyRequests,
)
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.routes.access import ACTIVE, ACTIVE_AND_MFA_SATISFIED
from bymax_auth.http.routes.answers import Empty, Json
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN, KEEPS_SESSION, NAMES_SESSION
from bymax_auth.http.routes.spec import AnyRoute, PathParameter, RouteGroup, RouteSpec, with_post
from bymax_auth.http.schemas.oauth import IdentityChangeRequest, OAuthDeparture
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.results import IdentityInfo

__all__ = ["IDENTITY_ROUTES"]

_NO_CONTENT: Final = empty_response(204)
_LIST: Final = TypeAdapter(tuple[IdentityInfo, ...])


async def _list(call: Call[DashboardClaims, None]) -> Response:
    held = await call.engine.list_identities(call.claims.sub, tenant_id=call.claims.tenant_id)
    return json_response(200, _LIST.dump_json(held, by_alias=True))


async def _link(call: Call[DashboardClaims, IdentityChangeRequest]) -> Response:
    redirect = await call.engine.link_identity(
        call.claims.sub,
        call.view.parameters["provider"],
        tenant_id=call.claims.tenant_id,
        current_refresh=call.refresh_token(call.body.refresh_token),
        password=call.body.password,
    )
    response = json_response(200, json_of(OAuthDeparture(authorize_url=redirect.authorize_url)))
    return call.runtime.delivery.with_oauth_state(response, redirect.state)


async def _unlink(call: Call[DashboardClaims, IdentityChangeRequest]) -> Response:
    await call.engine.unlink_identity(
        call.claims.sub,
        call.view.parameters["id"],
        tenant_id=call.claims.tenant_id,
        current_refresh=call.refresh_token(call.body.refresh_token),
        password=call.body.password,
        context=call.context,
    )
    return _NO_CONTENT


_GROUP: Final = RouteGroup("oauth", lambda groups: groups.oauth)
_REAUTHENTICATION: Final[tuple[type[AuthError], ...]] = (
    InvalidCredentials,
    AccountLocked,
    TooManyRequests,
    ReauthenticationRequired,
    Overloaded,
)

IDENTITY_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="list_identities",
        group=_GROUP,
        method="GET",
        path="/oauth/identities",
        access=ACTIVE,
        credentials=ACCESS_TOKEN,
        body=NoneType,
        limit=lambda limits: limits.list_identities,
        success=200,
        handler=_list,
        answer=Json("The identities.", IdentityInfo, many=True),
        summary="List the identities with which the signed-in account can sign in",
        description="Oldest first. `linkedAt` is null where it is not known.",
        key="OAUTH_IDENTITIES",
        member="identities",
    ),
    RouteSpec(
        name="link_identity",
        group=_GROUP,
        method="POST",
        path="/oauth/{provider}/link",
        parameters=(
            PathParameter(
                name="provider",
                description="The name of the provider.",
                schema={"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
            ),
        ),
        access=ACTIVE_AND_MFA_SATISFIED,
        credentials=KEEPS_SESSION,
        body=IdentityChangeRequest,
        body_mode="optional_json",
        limit=lambda limits: limits.link_identity,
        success=200,
        handler=_link,
        answer=Json(
            "The provider's page. The cookie `oauth_state` binds this browser to the link.", OAuthDeparture
        ),
        refusals=(*_REAUTHENTICATION, OAuthFailed, EmailNotVerified, SessionNotFound),
        summary="Begin to link an identity of a provider",
        description="The page sends the browser to `authorizeUrl`; it comes back to the callback within ten "
        "minutes, in the same session, which the refresh token names. An account with a password sends it; "
        "one without must have signed in within the last five minutes.",
        key="OAUTH_LINK",
        member="link",
    ),
    *with_post(
        RouteSpec(
            name="unlink_identity",
            group=_GROUP,
            method="DELETE",
            path="/oauth/identities/{id}",
            parameters=(
                PathParameter(
                    name="id",
                    description="The identity's `id`.",
                    schema={"type": "string", "pattern": "^[0-9a-f]{32}$"},
                ),
            ),
            access=ACTIVE_AND_MFA_SATISFIED,
            credentials=NAMES_SESSION,
            body=IdentityChangeRequest,
            body_mode="optional_json",
            limit=lambda limits: limits.unlink_identity,
            success=204,
            handler=_unlink,
            answer=Empty("The account does not have the identity any more."),
            refusals=(*_REAUTHENTICATION, Forbidden),
            summary="Unlink an identity of a provider",
            description="An account with a password sends it; one without must have signed in within the "
            "last five minutes. The last way to sign in stays. Every other session ends, and without its "
            "refresh token the caller's too; the access token ends in any case: refresh afterwards.",
            key="OAUTH_UNLINK",
            member="",
        ),
        path="/oauth/identities/{id}/unlink",
        member="unlink",
    ),
)
