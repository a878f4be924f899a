"""WebSocket tickets, kept as one kind of proof by any store of proofs."""

from datetime import timedelta

from bymax_auth.ports.one_time import ProofStore
from bymax_auth.ports.ws_tickets import WS_TICKET, WsTicketSnapshot

__all__ = ["ProofWsTicketStore"]


class ProofWsTicketStore:
    """Implements `WsTicketStore` over a `ProofStore`, whose `consume` is atomic."""

    __slots__ = ("_proofs",)

    def __init__(self, proofs: ProofStore) -> None:
        self._proofs = proofs

    async def mint(self, ticket_hash: str, snapshot: WsTicketSnapshot, ttl: timedelta) -> None:
        await self._proofs.put(WS_TICKET, ticket_hash, snapshot, ttl)

    async def redeem(self, ticket_hash: str) -> WsTicketSnapshot | None:
        return await self._proofs.consume(WS_TICKET, ticket_hash)
