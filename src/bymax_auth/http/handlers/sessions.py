"""Handlers of the group ``sessions``."""

from typing import Final

from pydantic import TypeAdapter

from bymax_auth.errors import SessionNotFound
from bymax_auth.http.asgi import Response, empty_response, json_response
from bymax_auth.http.handlers.call import Call
from bymax_auth.types.session import ActiveSessionInfo

__all__ = ["list_sessions", "revoke_all_sessions", "revoke_session"]

_NO_CONTENT: Final = empty_response(204)
_LIST: Final = TypeAdapter(tuple[ActiveSessionInfo, ...])


async def list_sessions(call: Call) -> Response:
    """List the caller's sessions; the one of the refresh cookie is the current one."""
    claims = call.claims
    sessions = await call.engine.list_sessions(
        claims.sub, tenant_id=claims.tenant_id, raw_refresh=call.refresh_token
    )
    return json_response(200, _LIST.dump_json(sessions, by_alias=True))


async def revoke_all_sessions(call: Call) -> Response:
    """End every session but the caller's, which has to be named."""
    token = call.refresh_token
    if token is None:
        raise SessionNotFound
    claims = call.claims
    await call.engine.revoke_other_sessions(claims.sub, tenant_id=claims.tenant_id, raw_refresh=token)
    return _NO_CONTENT


async def revoke_session(call: Call) -> Response:
    """End one session of the caller."""
    claims = call.claims
    await call.engine.revoke_session(claims.sub, call.view.parameters["id"], tenant_id=claims.tenant_id)
    return _NO_CONTENT
