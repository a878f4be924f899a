"""The route of the group ``auth`` that issues WebSocket tickets, where the stores keep them."""

from types import NoneType
from typing import Final

from bymax_auth.config.constants import WS_TICKET_TTL
from bymax_auth.http.asgi import Response, json_response
from bymax_auth.http.delivery import json_of
from bymax_auth.http.routes.access import ACTIVE_AND_MFA_SATISFIED
from bymax_auth.http.routes.answers import Json
from bymax_auth.http.routes.auth import AUTH_GROUP
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import ACCESS_TOKEN
from bymax_auth.http.routes.spec import AnyRoute, RouteSpec
from bymax_auth.http.schemas.ws_ticket import IssuedWsTicket
from bymax_auth.types.claims import DashboardClaims

__all__ = ["WS_TICKET_ROUTES"]


async def _issue_ws_ticket(call: Call[DashboardClaims, None]) -> Response:
    ticket = await call.engine.issue_ws_ticket(call.claims)
    issued = IssuedWsTicket(ticket=ticket, expires_in=int(WS_TICKET_TTL.total_seconds()))
    return json_response(200, json_of(issued))


WS_TICKET_ROUTES: Final[tuple[AnyRoute, ...]] = (
    RouteSpec(
        name="ws_ticket",
        group=AUTH_GROUP,
        method="POST",
        path="/ws-ticket",
        access=ACTIVE_AND_MFA_SATISFIED,
        credentials=ACCESS_TOKEN,
        body=NoneType,
        limit=lambda limits: limits.ws_ticket,
        success=200,
        handler=_issue_ws_ticket,
        answer=Json("The ticket.", IssuedWsTicket),
        is_served=lambda engine: engine.keeps_ws_tickets,
        summary="Get a ticket for a WebSocket",
        description="Browsers send no `Authorization` header with a WebSocket. The ticket goes into the "
        "query of its address, as `ticket`, and opens one WebSocket within thirty seconds.",
        key="WS_TICKET",
        member="wsTicket",
    ),
)
