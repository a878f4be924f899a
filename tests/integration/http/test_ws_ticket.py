"""The route that issues WebSocket tickets, and the guards that admit by one, around plain ASGI."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import TokenInvalid, TokenMissing
from bymax_auth.http.asgi import Connection, Receive, Scope, Send
from bymax_auth.http.guards import Guard, Guards
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.request import RequestView
from bymax_auth.http.tenants import HeaderTenantResolver
from bymax_auth.http.ws_guards import ws_auth_user, ws_auth_user_from_header
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.claims import DashboardClaims
from tests.integration.fastapi.sockets import Handshake, open_socket
from tests.integration.http.world import EMAIL, PASSWORD, TENANT, World, a_world, user
from tests.integration.keeping import kept_in

REFUSED = "auth.token_invalid"


async def ticket_of(world: World, token: str | None = None) -> str:
    """A ticket for Ada, who signs in for it unless she has."""
    cookies = {"access_token": token or (await world.signed_in())["access_token"]}
    answer = await world.driver.call("POST", "/ws-ticket", cookies=cookies)
    assert answer.status == 200, answer.body
    return str(answer.members["ticket"])


class HostsSocket:
    """A host's application with one WebSocket behind a guard, which says who has opened it."""

    def __init__(self, world: World, guard: Guard[DashboardClaims] = ws_auth_user) -> None:
        self._guard = guard
        self.app = AuthMiddleware(self._serve, world.engine, world.http)

    async def open(self, query: str = "", **sent: Any) -> Handshake:
        return await open_socket(self.app, "/live", query=query.encode(), **sent)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        claims = await self._guard(RequestView(scope))
        await send({"type": "websocket.accept", "subprotocol": claims.sub})
        await send({"type": "websocket.close", "code": 1000, "reason": ""})


async def test_a_ticket_opens_one_socket(world: World) -> None:
    """A page has no other way to name its user, and its address may be read by others."""
    host = HostsSocket(world)
    ticket = await ticket_of(world)
    assert (await host.open(f"room=7&ticket={ticket}&x=")).accepted
    again = await host.open(f"ticket={ticket}")
    assert (again.status, again.code) == (401, REFUSED)


async def test_the_answer_names_the_ticket_and_its_seconds(world: World) -> None:
    """Clients are generated from the contract, and plan with its thirty seconds."""
    cookies = await world.signed_in()
    answer = await world.driver.call("POST", "/ws-ticket", cookies=cookies)
    assert list(answer.members) == ["ticket", "expiresIn"]
    assert len(str(answer.members["ticket"])) == 64
    assert answer.members["expiresIn"] == 30
    assert answer.header("cache-control") == "no-store"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"status": "BANNED"}, 403, "auth.account_banned"),
        ({"status": "SUSPENDED"}, 403, "auth.account_suspended"),
        ({"mfa_enabled": True}, 403, "auth.mfa_required"),
    ],
)
async def test_somebody_who_may_not_come_in_gets_no_ticket(
    world: World, changes: dict[str, object], status: int, code: str
) -> None:
    """A socket would be a way around what every other route checks."""
    cookies = await world.signed_in()
    world.users.replace(user(**changes))
    answer = await world.driver.call("POST", "/ws-ticket", cookies=cookies)
    assert (answer.status, answer.code) == (status, code)


async def test_a_session_that_has_not_passed_its_factor_gets_no_ticket(world: World) -> None:
    """The claims say it before the account is read."""
    token = world.engine.authenticate.access_tokens.issue(user(mfa_enabled=True), epoch=0, mfa_verified=False)
    answer = await world.driver.call("POST", "/ws-ticket", cookies={"access_token": token})
    assert (answer.status, answer.code) == (403, "auth.mfa_required")


async def test_a_stranger_gets_no_ticket(world: World) -> None:
    """Tickets would be worth nothing."""
    for sent in ({}, {"access_token": "garbage"}):
        answer = await world.driver.call("POST", "/ws-ticket", cookies=sent)
        assert (answer.status, answer.code) == (401, REFUSED)
    await ticket_of(world)


async def test_a_page_of_another_site_gets_no_ticket(world: World) -> None:
    """It would open sockets in the name of whoever visits it."""
    cookies = await world.signed_in()
    answer = await world.driver.call(
        "POST", "/ws-ticket", cookies=cookies, headers=[("sec-fetch-site", "cross-site")]
    )
    assert (answer.status, answer.code) == (403, "auth.untrusted_origin")


def addresses(ticket: str) -> Mapping[str, str]:
    return {
        "none": "",
        "empty": "ticket=",
        "without a value": "ticket",
        "malformed": "ticket=" + ticket[:-1],
        "in capitals": "ticket=" + ticket.upper(),
        "unknown": "ticket=" + "0" * 64,
        "two": f"ticket={ticket}&ticket={'0' * 64}",
        "the same twice": f"ticket={ticket}&ticket={ticket}",
        "an empty second": f"ticket={ticket}&ticket=",
        "a second in disguise": f"ticket={ticket}&%74icket=x",
        "another name": f"Ticket={ticket}",
        "an access token": f"access_token={ticket}",
        "too many parameters": f"ticket={ticket}" + "&a=b" * 64,
    }


@pytest.mark.parametrize("case", list(addresses("")))
@pytest.mark.parametrize("guard", [ws_auth_user, ws_auth_user_from_header])
async def test_what_is_not_one_ticket_is_refused_alike(
    world: World, case: str, guard: Guard[DashboardClaims]
) -> None:
    """A proxy in front may check one parameter, and the application use the other."""
    ticket = await ticket_of(world)
    host = HostsSocket(world, guard)
    denied = await host.open(addresses(ticket)[case])
    assert denied.types == ["websocket.http.response.start", "websocket.http.response.body"]
    assert (denied.status, denied.code) == (401, REFUSED)
    assert denied.headers["cache-control"] == "no-store"
    closed = await host.open(addresses(ticket)[case], can_deny=False)
    assert (closed.types, closed.close_code) == (["websocket.close"], 1008)
    assert (await host.open(f"ticket={ticket}")).accepted, "what was not looked up was not used up"


async def test_a_query_that_is_no_text_is_refused(world: World) -> None:
    """Anybody can send any bytes, and none of them may be a failure of ours."""
    host = HostsSocket(world)
    denied = await open_socket(host.app, "/live", query=b"ticket=\xff\xfe")
    assert (denied.status, denied.code) == (401, REFUSED)


async def test_a_ticket_that_is_too_old_is_refused(world: World) -> None:
    """An address is kept where others read it."""
    ticket = await ticket_of(world)
    world.clock.advance(timedelta(seconds=30))
    assert (await HostsSocket(world).open(f"ticket={ticket}")).code == REFUSED


async def test_an_account_that_was_blocked_since_is_told_so(world: World) -> None:
    """For half a minute after a ban a socket could be opened, and stay open."""
    ticket = await ticket_of(world)
    world.users.replace(user(status="BANNED"))
    denied = await HostsSocket(world).open(f"ticket={ticket}")
    assert (denied.status, denied.code) == (403, "auth.account_banned")


async def test_signing_out_ends_the_tickets_that_it_leaves(world: World) -> None:
    """Somebody at a shared machine would take over the page's next socket."""
    cookies = await world.signed_in()
    ticket = await ticket_of(world, cookies["access_token"])
    assert (await world.driver.call("POST", "/logout", cookies=cookies)).status == 204
    assert (await HostsSocket(world).open(f"ticket={ticket}")).code == REFUSED


async def test_a_ticket_is_no_credential_of_any_route(world: World) -> None:
    """It stands in an address, and routes change things."""
    ticket = await ticket_of(world)
    for sent in (
        {"bearer": ticket},
        {"cookies": {"access_token": ticket}},
        {"query": f"ticket={ticket}".encode()},
    ):
        answer = await world.driver.call("GET", "/me", **sent)
        assert (answer.status, answer.code) == (401, REFUSED)
    bound = Guards(world.engine, world.http)
    page = RequestView(world.driver.scope("GET", "/page", query=f"ticket={ticket}".encode()))
    with pytest.raises(TokenMissing):
        await bound.ws_auth_user(page)
    assert (await HostsSocket(world).open(f"ticket={ticket}")).accepted


async def test_guards_of_one_handshake_use_its_ticket_once(world: World) -> None:
    """A host that stacks guards would refuse its own users."""
    bound = Guards(world.engine, world.http)

    async def stacked(connection: Connection) -> DashboardClaims:
        await bound.ws_auth_user_from_header(connection)
        return await bound.ws_auth_user(connection)

    ticket = await ticket_of(world)
    assert (await HostsSocket(world, stacked).open(f"ticket={ticket}")).accepted
    assert (await HostsSocket(world, stacked).open(f"ticket={ticket}")).code == REFUSED


@pytest.mark.parametrize("delivery", ["cookie", "bearer", "both"])
async def test_a_header_opens_a_socket_and_a_cookie_does_not(delivery: str) -> None:
    """Clients that are no browsers send a header; a cookie is sent from pages of any site."""
    async with a_world(token_delivery=delivery) as world:
        login = await world.login()
        token = login.cookies.get("access_token") or str(login.members["accessToken"])
        host = HostsSocket(world, ws_auth_user_from_header)
        assert (await host.open(bearer=token)).accepted
        assert (await host.open(bearer=token)).accepted, "a token is used more than once"
        assert (await host.open(cookies={"access_token": token})).code == REFUSED
        assert (await host.open(f"access_token={token}")).code == REFUSED
        assert (await host.open(bearer="garbage")).code == REFUSED


async def test_a_ticket_decides_where_there_is_one(world: World) -> None:
    """Two credentials that disagree must not be chosen from."""
    token = (await world.signed_in())["access_token"]
    host = HostsSocket(world, ws_auth_user_from_header)
    ticket = await ticket_of(world)
    assert (await host.open(f"ticket={ticket}", bearer="garbage")).accepted
    assert (await host.open(f"ticket={ticket}", bearer=token)).code == REFUSED


async def test_a_refusal_is_remembered_for_the_handshake(world: World) -> None:
    """A second guard would read the store again for what is known."""
    bound = Guards(world.engine, world.http)
    socket = RequestView({**world.driver.scope("GET", "/live", query=b"ticket=x"), "type": "websocket"})
    for guard in (bound.ws_auth_user, bound.ws_auth_user):
        with pytest.raises(TokenInvalid):
            await guard(socket)
    header = RequestView({**world.driver.scope("GET", "/live"), "type": "websocket"})
    for _ in range(2):
        with pytest.raises(TokenMissing):
            await bound.ws_auth_user_from_header(header)


async def test_a_socket_belongs_to_the_tenant_that_its_address_names() -> None:
    """With tenant binding, a ticket of one tenant would open a socket on another one's host."""
    resolver = HeaderTenantResolver("x-tenant")
    async with a_world(enforce_tenant_binding=True, tenancy={"resolver": resolver}) as world:
        world.driver.default_headers = (("x-tenant", TENANT),)
        answer = await world.driver.call("POST", "/login", json_body={"email": EMAIL, "password": PASSWORD})
        token = answer.cookies["access_token"]
        by_ticket, by_header = HostsSocket(world), HostsSocket(world, ws_auth_user_from_header)
        for tenant, opened in ((TENANT, True), ("other", False)):
            ticket = await ticket_of(world, token)
            sent: dict[str, Any] = {"headers": {"x-tenant": tenant}}
            assert (await by_ticket.open(f"ticket={ticket}", **sent)).accepted is opened
            assert (await by_header.open(bearer=token, **sent)).accepted is opened


async def test_an_outage_admits_nobody_and_says_so(world: World) -> None:
    """A socket that nothing can end must not open."""
    ticket = await ticket_of(world)
    await world.stores.aclose()
    denied = await HostsSocket(world).open(f"ticket={ticket}")
    assert (denied.status, denied.code) == (503, "auth.unavailable")
    closed = await HostsSocket(world).open(f"ticket={ticket}", can_deny=False)
    assert closed.close_code == 1013


async def test_without_a_ticket_store_there_is_no_route(world: World) -> None:
    """A host's own stores may keep no tickets; a route that always fails is worse than none."""

    def bare() -> EmbeddedStores:
        stores: Any = EmbeddedStores(clock=world.clock)
        stores.ws_tickets = None
        return stores  # type: ignore[no-any-return]

    with kept_in(bare):
        async with a_world() as without:
            assert isinstance(without.engine, AuthEngine)
            assert not without.engine.keeps_ws_tickets
            cookies = await without.signed_in()
            answer = await without.driver.call("POST", "/ws-ticket", cookies=cookies)
            assert (answer.status, answer.body) == (404, b"")
