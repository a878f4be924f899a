"""Tickets that open a WebSocket: `WsTicketStore`."""

from datetime import timedelta

import pytest

from bymax_auth.ports.one_time import PASSWORD_RESET
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.ws_tickets import WsTicketStore
from bymax_auth.testing import FakeClock
from tests.contract.samples import MARGIN, ticket_snapshot, token

TTL = timedelta(hours=1)


@pytest.mark.parametrize("epoch", [3, None])
async def test_a_ticket_stands_for_its_account_once(stores: AuthStores, epoch: int | None) -> None:
    """Whoever reads the address in a log would open a second socket with it."""
    tickets, snapshot = tickets_of(stores), ticket_snapshot(epoch=epoch)
    await tickets.mint(token("ticket").hash, snapshot, TTL)
    assert await tickets.redeem(token("ticket").hash) == snapshot
    assert await tickets.redeem(token("ticket").hash) is None


async def test_a_ticket_ends_with_its_time(stores: AuthStores, clock: FakeClock) -> None:
    """An address in a history must not open a socket tomorrow."""
    tickets = tickets_of(stores)
    for name in ("early", "late"):
        await tickets.mint(token(name).hash, ticket_snapshot(), TTL)
    clock.advance(TTL - MARGIN)
    assert await tickets.redeem(token("early").hash) == ticket_snapshot()
    clock.advance(MARGIN)
    assert await tickets.redeem(token("late").hash) is None


async def test_tickets_are_told_apart(stores: AuthStores) -> None:
    """Two people who open a socket at the same moment would be taken for each other."""
    tickets = tickets_of(stores)
    for name in ("u1", "u2"):
        await tickets.mint(token(name).hash, ticket_snapshot(name), TTL)
    assert await tickets.redeem(token("u3").hash) is None
    assert await tickets.redeem(token("u2").hash) == ticket_snapshot("u2")
    assert await tickets.redeem(token("u1").hash) == ticket_snapshot("u1")


async def test_a_ticket_is_no_proof_of_anything_else(stores: AuthStores) -> None:
    """A ticket from an address must not set anybody's password."""
    tickets, proofs = tickets_of(stores), stores.proofs
    assert proofs is not None
    await tickets.mint(token("ticket").hash, ticket_snapshot(), TTL)
    assert await proofs.consume(PASSWORD_RESET, token("ticket").hash) is None
    assert await tickets.redeem(token("ticket").hash) == ticket_snapshot()


def tickets_of(stores: AuthStores) -> WsTicketStore:
    """The bundle's tickets; every bundle under contract has them."""
    assert stores.ws_tickets is not None
    return stores.ws_tickets
