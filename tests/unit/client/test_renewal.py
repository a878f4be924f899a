"""When tokens are renewed, and when they are not."""

import asyncio

import httpx2
import pytest

from bymax_auth.client import (
    ApiError,
    AuthClient,
    NoSession,
    RotatedTokens,
    TransportError,
    UnexpectedStatus,
)
from tests.unit.client.answers import (
    ACCESS_TOKEN,
    OTHER,
    REFRESH_TOKEN,
    Server,
    client_of,
    envelope,
    session,
    signed_in_body,
    sync_client_of,
)
from tests.unit.client.holding import HeldServer, begun

SIGNED_IN = httpx2.Response(200, content=signed_in_body())
DONE = httpx2.Response(204)
RENEWED = httpx2.Response(200, content=signed_in_body("a.b.new", "renewed"))


@pytest.mark.parametrize("status", [400, 403, 500, 503])
async def test_only_a_401_renews(status: int) -> None:
    """Every other refusal would be the same with new tokens."""
    server = Server({"/me": envelope(status, "auth.token_invalid")})
    with pytest.raises(ApiError):
        await client_of(server, session()).me()
    assert server.paths == ["/auth/me"]


async def test_a_401_of_something_in_between_does_not_renew() -> None:
    """A gateway's 401 is about the gateway, and each renewal is one of the few that a limit admits."""
    server = Server({"/me": httpx2.Response(401, content=b"who are you?")})
    with pytest.raises(UnexpectedStatus):
        await client_of(server, session()).me()
    assert server.paths == ["/auth/me"]


async def test_a_call_is_repeated_once() -> None:
    """A token that is refused although it is new would be renewed for ever."""
    server = Server(
        {
            "/me": envelope(401, "auth.token_invalid"),
            "/refresh": RENEWED,
        }
    )
    with pytest.raises(ApiError):
        await client_of(server, session()).me()
    assert server.paths == ["/auth/me", "/auth/refresh", "/auth/me"]


async def test_a_wrong_password_is_no_expired_token() -> None:
    """Repeating the call would count as a second guess."""
    server = Server({"/password/change": envelope(401, "auth.invalid_credentials"), "/refresh": SIGNED_IN})
    with pytest.raises(ApiError):
        await client_of(server, session()).change_password(current_password="old", new_password="new")
    assert server.paths == ["/auth/password/change"]


@pytest.mark.parametrize("lost", [envelope(500, "auth.internal"), httpx2.ReadTimeout("late")])
async def test_a_sign_out_that_fails_can_be_repeated(lost: httpx2.Response | Exception) -> None:
    """A client that forgot its tokens could not end the session, which lives on at the server."""
    server = Server({"/logout": [lost, lost, DONE]})
    client, held = client_of(server, one := session()), one
    with pytest.raises((ApiError, TransportError)):
        await client.logout()
    assert held.held.refresh_token == REFRESH_TOKEN
    with pytest.raises((ApiError, TransportError)):
        sync_client_of(server, held).logout()
    await client.logout()
    assert not client.has_session


async def test_a_cancelled_renewal_is_taken_over() -> None:
    """One caller that gives up must not take the session from all the others."""
    server = HeldServer(RENEWED, RENEWED)
    client = server.client(held := session())
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()
    waiting = await begun([client.refresh() for _ in range(4)])
    for task in (waiting.pop(), leading):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert {tokens.access_token for tokens in await asyncio.gather(*waiting)} == {"a.b.new"}
    assert held.held.access_token == "a.b.new"
    assert server.paths == ["/refresh", "/refresh"]


async def test_those_who_wait_get_the_one_refusal() -> None:
    """Each would ask again otherwise, and the server would stop listening to all of them."""
    server = HeldServer(envelope(401, "auth.refresh_token_invalid"))
    client = server.client(held := session())
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()
    tasks = [leading, *await begun([client.refresh() for _ in range(3)])]
    server.released.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ApiError] * 4
    assert server.paths == ["/refresh"]
    assert held.held.refresh_token == REFRESH_TOKEN


async def test_another_login_is_not_replaced_by_an_older_ones_tokens() -> None:
    """Whoever signs in as another person must not find the first one's session again."""
    server = HeldServer(RENEWED)
    client = server.client(held := session())
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()
    waiting = await begun([client.refresh()])
    held.replace(OTHER)
    server.released.set()
    for task in (leading, *waiting):
        with pytest.raises(NoSession, match="another login"):
            await task
    assert held.held == OTHER


async def test_a_session_that_was_given_up_is_not_renewed() -> None:
    """A renewal that ends after the session was dropped would bring it back."""
    server = HeldServer(RENEWED)
    client = server.client(held := session())
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()
    waiting = await begun([client.refresh()])
    held.replace(None)
    server.released.set()
    for task in (leading, *waiting):
        with pytest.raises(NoSession):
            await task
    assert not client.has_session


async def test_a_sign_out_waits_for_a_renewal_and_ends_what_it_got() -> None:
    """A sign-out with the older token could leave the newer one alive."""
    server = HeldServer(RENEWED, httpx2.Response(204))
    client = server.client(session())
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()
    (signing_out,) = await begun([client.logout()])
    server.released.set()
    await asyncio.gather(leading, signing_out)
    assert server.paths == ["/refresh", "/logout"]
    assert server.bodies[1] == {"refreshToken": "renewed"}
    assert not client.has_session


async def test_a_renewal_waits_for_a_sign_out() -> None:
    """A token renewed while its session ends would outlive it."""
    server = HeldServer(httpx2.Response(204))
    client = server.client(session())
    signing_out = asyncio.create_task(client.logout())
    await server.reached.wait()
    renewing = await begun([client.refresh(), client.logout()])
    server.released.set()
    await signing_out
    for task in renewing:
        with pytest.raises(NoSession):
            await task
    assert server.paths == ["/logout"]


async def test_a_thread_does_not_wait_for_its_own_event_loop() -> None:
    """It would wait for ever, and nobody could tell why the service stands still."""
    server = HeldServer(RENEWED)
    client = server.client(held := session())
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()
    with pytest.raises(RuntimeError, match="in another thread"):
        sync_client_of(Server({}), held).refresh()
    server.released.set()
    assert (await leading).access_token == "a.b.new"


async def test_another_event_loop_and_another_thread_wait_too() -> None:
    """A service that runs several loops has one login all the same."""
    server = HeldServer(RENEWED)
    client = server.client(held := session())
    failed, loop, started = held.held, asyncio.get_running_loop(), asyncio.Event()
    leading = asyncio.create_task(client.refresh())
    await server.reached.wait()

    async def follow() -> RotatedTokens:
        async with AuthClient("https://auth.example.com", session=held) as other:
            renewal = asyncio.create_task(other.renew(failed))
            await asyncio.sleep(0)
            loop.call_soon_threadsafe(started.set)
            return await renewal

    following = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(follow())))
    await started.wait()
    blocking = sync_client_of(Server({}), held)
    waiting = asyncio.create_task(asyncio.to_thread(blocking.renew, failed))
    server.released.set()
    assert {one.access_token for one in await asyncio.gather(leading, following, waiting)} == {"a.b.new"}
    assert server.paths == ["/refresh"]


async def test_a_refresh_by_hand_gives_new_tokens_each_time() -> None:
    """Whoever asks for new tokens has a reason, such as a role that has changed."""
    answers: list[httpx2.Response | Exception] = [RENEWED, SIGNED_IN]
    client = client_of(Server({"/refresh": answers}), session())
    assert (await client.refresh()).access_token == "a.b.new"
    assert (await client.refresh()).access_token == ACCESS_TOKEN
