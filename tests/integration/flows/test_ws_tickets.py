"""Issuing and redeeming WebSocket tickets."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    AccountBanned,
    MfaRequired,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
    WsTicketsNotKept,
)
from bymax_auth.ports.ws_tickets import WsTicketSnapshot
from bymax_auth.types.claims import AdmittingToken, DashboardClaims, TicketClaims, admitting_token
from bymax_auth.types.identity import Realm
from tests.integration.flows.world import ANA, CONTEXT, TENANT, World

TICKET_TTL = timedelta(seconds=30)


async def signed_in(world: World) -> DashboardClaims:
    """The claims of a fresh sign-in, as a guard returns them."""
    claims = (await world.engine.authenticate((await world.login()).access_token)).claims
    assert isinstance(claims, DashboardClaims)
    return claims


async def siblings_ticket(world: World, **changes: Any) -> str:
    """A ticket as a backend writes it that adds no fields."""
    snapshot = WsTicketSnapshot(
        user_id=ANA.id,
        tenant_id=TENANT,
        role="MEMBER",
        status="ACTIVE",
        mfa_enabled=False,
        mfa_verified=False,
    )
    ticket = "ab" * 32
    await world.stores.ws_tickets.mint(sha256_hex(ticket), replace(snapshot, **changes), TICKET_TTL)
    return ticket


async def test_a_ticket_says_who_asked_for_it(world: World) -> None:
    """The socket would act for the wrong person, or with a role that they lost."""
    claims = await signed_in(world)
    await world.change_account(Realm.DASHBOARD, role="ADMIN")
    ticket = await world.engine.issue_ws_ticket(claims)
    assert len(bytes.fromhex(ticket)) == 32

    world.clock.advance(timedelta(seconds=10))
    admitted = await world.engine.redeem_ws_ticket(ticket)
    now = int(world.clock.now().timestamp())
    assert (admitted.sub, admitted.tenant_id, admitted.role) == (ANA.id, TENANT, "ADMIN")
    assert (admitted.status, admitted.mfa_enabled, admitted.mfa_verified) == ("ACTIVE", False, False)
    assert (admitted.iat, admitted.exp, admitted.epoch) == (now, now + 30, 0)
    assert admitted.jti != claims.jti
    assert admitted.admitted_by == AdmittingToken(claims.jti, claims.epoch, claims.exp)


async def test_a_ticket_works_once(world: World) -> None:
    """Whoever reads it in a log would listen in."""
    ticket = await world.engine.issue_ws_ticket(await signed_in(world))
    await world.engine.redeem_ws_ticket(ticket)
    with pytest.raises(TokenInvalid):
        await world.engine.redeem_ws_ticket(ticket)


async def test_a_ticket_ends_after_thirty_seconds(world: World) -> None:
    """An address is kept in histories and logs."""
    ticket = await world.engine.issue_ws_ticket(await signed_in(world))
    world.clock.advance(TICKET_TTL)
    with pytest.raises(TokenInvalid):
        await world.engine.redeem_ws_ticket(ticket)


@pytest.mark.parametrize("ticket", ["", "ab" * 31, "AB" * 32, "zz" * 32, "ab" * 33, "\ud800" * 64])
async def test_what_is_no_ticket_is_refused_unhashed(world: World, ticket: str) -> None:
    """Anybody could have the server hash and look up megabytes."""
    world.trace.clear()
    with pytest.raises(TokenInvalid):
        await world.engine.redeem_ws_ticket(ticket)
    assert world.trace.calls == []


async def test_an_account_that_is_gone_gets_no_ticket_and_opens_no_socket(world: World) -> None:
    """Deleted people would keep reading along."""
    claims = await signed_in(world)
    ticket = await world.engine.issue_ws_ticket(claims)
    world.users._rows.clear()
    with pytest.raises(TokenInvalid):
        await world.engine.issue_ws_ticket(claims)
    with pytest.raises(TokenInvalid):
        await world.engine.redeem_ws_ticket(ticket)


async def test_a_blocked_account_gets_no_ticket(world: World) -> None:
    """A token that was issued before the ban is good for minutes."""
    claims = await signed_in(world)
    await world.change_account(Realm.DASHBOARD, status="BANNED")
    with pytest.raises(AccountBanned):
        await world.engine.issue_ws_ticket(claims)


async def test_a_ban_closes_the_ticket_too_unless_the_host_says_otherwise(world: World) -> None:
    """For thirty seconds after a ban a socket could be opened, and stay open."""
    claims = await signed_in(world)
    tickets = [await world.engine.issue_ws_ticket(claims) for _ in range(2)]
    await world.change_account(Realm.DASHBOARD, status="BANNED")
    with pytest.raises(AccountBanned):
        await world.engine.redeem_ws_ticket(tickets[0])
    admitted = await world.engine.redeem_ws_ticket(tickets[1], recheck_status=False)
    assert admitted.sub == ANA.id


async def test_a_factor_that_was_enabled_meanwhile_must_be_passed_first(world: World) -> None:
    """The token of before says that there is none."""
    claims = await signed_in(world)
    await world.change_account(Realm.DASHBOARD, mfa_enabled=True)
    with pytest.raises(MfaRequired):
        await world.engine.issue_ws_ticket(claims)
    passed = claims.model_copy(update={"mfa_verified": True})
    admitted = await world.engine.redeem_ws_ticket(await world.engine.issue_ws_ticket(passed))
    assert (admitted.mfa_enabled, admitted.mfa_verified) == (True, True)


async def test_a_ticket_of_before_a_revocation_opens_nothing(world: World) -> None:
    """A thief who asked for a ticket in time would sit in the socket after "sign out everywhere"."""
    ticket = await world.engine.issue_ws_ticket(await signed_in(world))
    await world.engine.revoke_all_sessions(ANA.id, tenant_id=TENANT)
    with pytest.raises(TokenRevoked):
        await world.engine.redeem_ws_ticket(ticket)


async def test_a_ticket_ends_with_the_token_that_asked_for_it(world: World) -> None:
    """Somebody who signs out on a shared machine would leave a ticket that still works."""
    born = await world.login()
    claims = (await world.engine.authenticate(born.access_token)).claims
    assert isinstance(claims, DashboardClaims)
    ticket = await world.engine.issue_ws_ticket(claims)
    await world.engine.logout(born.access_token, born.refresh_token, CONTEXT)
    with pytest.raises(TokenRevoked):
        await world.engine.redeem_ws_ticket(ticket)


async def test_a_token_that_expires_takes_its_tickets_along(world: World) -> None:
    """A socket would open only to be closed at once."""
    claims = await signed_in(world)
    world.clock.advance(world.engine.config.auth.jwt.access_ttl - timedelta(seconds=5))
    ticket = await world.engine.issue_ws_ticket(claims)
    world.clock.advance(timedelta(seconds=5))
    with pytest.raises(TokenExpired):
        await world.engine.redeem_ws_ticket(ticket)


async def test_a_siblings_ticket_is_accepted_and_bound_to_now(world: World) -> None:
    """Deployments run two backends over one store while they move from one to the other."""
    await world.engine.revoke_all_sessions(ANA.id, tenant_id=TENANT)
    admitted = await world.engine.redeem_ws_ticket(await siblings_ticket(world))
    latest = admitted.iat + int(world.engine.config.auth.jwt.access_ttl.total_seconds())
    assert (admitted.admitted_by.epoch, admitted.admitted_by.exp) == (1, latest)


async def test_a_ticket_without_a_tenant_opens_nothing(world: World) -> None:
    """No account could be read for it, and no revocation could reach its socket."""
    ticket = await siblings_ticket(world, tenant_id=None)
    with pytest.raises(TokenInvalid):
        await world.engine.redeem_ws_ticket(ticket, recheck_status=False)


async def test_a_sockets_own_claims_can_ask_for_the_next_ticket(world: World) -> None:
    """A page that reconnects has the claims of its last socket, whose own id and epoch mean nothing."""
    await world.engine.revoke_all_sessions(ANA.id, tenant_id=TENANT)
    claims = await signed_in(world)
    first = await world.engine.redeem_ws_ticket(await world.engine.issue_ws_ticket(claims))
    second = await world.engine.redeem_ws_ticket(await world.engine.issue_ws_ticket(first))
    assert second.admitted_by == admitting_token(claims)


async def test_the_token_behind_a_socket_is_not_part_of_its_claims(world: World) -> None:
    """A host that answers with the claims would tell the page the id of another token."""
    admitted = await world.engine.redeem_ws_ticket(await world.engine.issue_ws_ticket(await signed_in(world)))
    assert isinstance(admitted, TicketClaims)
    assert admitted.admitted_by.jti not in admitted.model_dump_json() + repr(admitted)


@pytest.mark.parametrize(
    "use",
    [
        lambda world, claims: world.engine.issue_ws_ticket(claims),
        lambda world, _claims: world.engine.redeem_ws_ticket("ab" * 32),
    ],
)
async def test_stores_that_keep_no_tickets_issue_and_admit_none(
    worlds: Callable[..., World], use: Callable[[World, DashboardClaims], Any]
) -> None:
    """A host's own stores may not have them; nothing else must take their place."""
    world = worlds()
    claims = await signed_in(world)
    for flow in (world.engine.issue_ws_ticket, world.engine.redeem_ws_ticket):
        object.__setattr__(flow, "tickets", None)
    with pytest.raises(WsTicketsNotKept):
        await use(world, claims)
