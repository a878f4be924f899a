"""Flows that issue and redeem WebSocket tickets."""

from bymax_auth.engine.services import Services
from bymax_auth.flows.ws_tickets import IssueWsTicket, RedeemWsTicket

__all__ = ["issue_ws_ticket", "redeem_ws_ticket"]


def issue_ws_ticket(services: Services) -> IssueWsTicket:
    """Return the flow that exchanges an access token for a ticket."""
    return IssueWsTicket(
        users=services.users,
        status_gate=services.status_gate,
        tickets=services.stores.ws_tickets,
    )


def redeem_ws_ticket(services: Services) -> RedeemWsTicket:
    """Return the flow that a handshake redeems its ticket with."""
    return RedeemWsTicket(
        users=services.users,
        status_gate=services.status_gate,
        identifiers=services.identifiers,
        revocation=services.stores.revocation,
        tickets=services.stores.ws_tickets,
        clock=services.clock,
        access_ttl=services.config.auth.jwt.access_ttl,
    )
