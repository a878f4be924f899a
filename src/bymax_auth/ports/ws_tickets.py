"""
Port: tickets that open a WebSocket.

A browser cannot send an ``Authorization`` header with a handshake, so it exchanges its access token for a
ticket: a random token that works once, within seconds, and for a handshake only.  Implemented by
`bymax_auth.stores.ws_tickets` over each kind of store; every implementation must pass
``tests/contract/test_ws_ticket_store.py``.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from bymax_auth.ports.one_time import ProofKind

__all__ = ["WS_TICKET", "WsTicketSnapshot", "WsTicketStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WsTicketSnapshot:
    """
    The account that asked for a ticket, and the access token that it asked with.

    `epoch`, `jti` and `exp` are those of the access token; ``None`` in a ticket of a sibling backend.
    """

    user_id: str
    tenant_id: str | None
    role: str
    status: str
    mfa_enabled: bool
    mfa_verified: bool
    epoch: int | None = None
    jti: str | None = field(default=None, repr=False)
    exp: int | None = None


WS_TICKET: Final = ProofKind("wst", WsTicketSnapshot)
"""How stores of proofs keep a ticket."""


class WsTicketStore(Protocol):
    """Tickets, by the SHA-256 of their text."""

    async def mint(self, ticket_hash: str, snapshot: WsTicketSnapshot, ttl: timedelta) -> None:
        """
        Keep what the ticket stands for.

        Raises:
            StoreUnavailable: The store did not answer, or is full.
        """
        ...

    async def redeem(self, ticket_hash: str) -> WsTicketSnapshot | None:
        """
        Return what the ticket stands for and delete it, ``None`` when it is unknown or has expired.

        Atomic: of concurrent calls at most one gets the snapshot.  An unreadable record is ``None``, and
        gone.
        """
        ...
