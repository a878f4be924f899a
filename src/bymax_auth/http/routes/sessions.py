"""Routes of the group ``sessions``: list the signed-in account's sessions, and end them."""

from types import NoneType
from typing import Final

from pydantic import TypeAdapter

from bymax_auth.errors import SessionNotFound, ValidationFailed
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.routes.access import ACTIVE
from bymax_auth.http.routes.answers import Empty, Json
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN, KEEPS_SESSION, NAMES_SESSION
from bymax_auth.http.routes.spec import AnyRoute, PathParameter, RouteGroup, RouteSpec, with_post
from bymax_auth.http.schemas.auth import RefreshRequest
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.session import ActiveSessionInfo

__all__ = ["SESSION_ROUTES"]

_NO_CONTENT: Final = empty_response(204)
_LIST: Final = TypeAdapter(tuple[ActiveSessionInfo, ...])


async def _list_sessions(call: Call[DashboardClaims, None]) -> Response:
    """The session of the refresh cookie is the current one."""
    claims = call.claims
    sessions = await call.engine.list_sessions(
        claims.sub, tenant_id=claims.tenant_id, raw_refresh=call.refresh_token()
    )
    return json_response(200, _LIST.dump_json(sessions, by_alias=True))


async def _revoke_all_sessions(call: Call[DashboardClaims, RefreshRequest]) -> Response:
    """End every session but the caller's, which the refresh token must name."""
    token = call.refresh_token(call.body.refresh_token)
    if token is None:
        raise SessionNotFound
    claims = call.claims
    await call.engine.revoke_other_sessions(claims.sub, tenant_id=claims.tenant_id, raw_refresh=token)
    return _NO_CONTENT


async def _revoke_session(call: Call[DashboardClaims, None]) -> Response:
    claims = call.claims
    await call.engine.revoke_session(claims.sub, call.view.parameters["id"], tenant_id=claims.tenant_id)
    return _NO_CONTENT


_GROUP: Final = RouteGroup("sessions", lambda groups: groups.sessions)

SESSION_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="list_sessions",
        group=_GROUP,
        method="GET",
        path="/sessions",
        access=ACTIVE,
        credentials=NAMES_SESSION,
        body=NoneType,
        limit=lambda limits: limits.list_sessions,
        success=200,
        handler=_list_sessions,
        answer=Json("The sessions.", ActiveSessionInfo, many=True),
        summary="List the signed-in account's sessions",
        description="Newest first. `isCurrent` is known from the refresh cookie only.",
        key="SESSIONS_LIST",
        member="list",
    ),
    *with_post(
        RouteSpec(
            name="revoke_all_sessions",
            group=_GROUP,
            method="DELETE",
            path="/sessions/all",
            access=ACTIVE,
            credentials=KEEPS_SESSION,
            body=RefreshRequest,
            body_mode="forgiving_refresh",
            limit=lambda limits: limits.revoke_all_sessions,
            success=204,
            handler=_revoke_all_sessions,
            answer=Empty("The other sessions are ended."),
            refusals=(SessionNotFound,),
            summary="End every other session",
            description="The refresh token names the session to keep. "
            "The access token ends: refresh afterwards.",
            key="SESSIONS_REVOKE_ALL",
            member="",
        ),
        path="/sessions/revoke-all",
        member="revokeAll",
    ),
    RouteSpec(
        name="revoke_session",
        group=_GROUP,
        method="DELETE",
        path="/sessions/{id}",
        parameters=(
            PathParameter(
                name="id",
                description="The session's `sessionHash`.",
                schema={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            ),
        ),
        access=ACTIVE,
        credentials=ACCESS_TOKEN,
        body=NoneType,
        limit=lambda limits: limits.revoke_session,
        success=204,
        handler=_revoke_session,
        answer=Empty("The session is ended."),
        refusals=(ValidationFailed, SessionNotFound),
        summary="End one session",
        description="The account's access tokens end with it: refresh afterwards.",
        key="SESSIONS_REVOKE_ONE",
        member="revokeOne",
    ),
)
