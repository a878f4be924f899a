"""Somebody signs in, or out, while a call of the login before is under way."""

import asyncio
import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from bymax_auth.client import (
    ApiError,
    AuthClient,
    BymaxAuth,
    NoSession,
    PlatformAuthClient,
    RotatedTokens,
    Session,
    SyncAuthClient,
    SyncPlatformAuthClient,
)
from bymax_auth.client.session import Turn
from tests.unit.client.answers import (
    ACCESS_TOKEN,
    OTHER,
    REFRESH_TOKEN,
    client_of,
    envelope,
    ok,
    session,
    signed_in_body,
    sync_client_of,
)
from tests.unit.client.answers import Server as Answers
from tests.unit.client.holding import HeldServer, begun

URL = "https://auth.example.com"
REFUSED = envelope(401, "auth.token_expired")
RENEWED = httpx2.Response(200, content=signed_in_body("a.b.new", "renewed"))
ALL = "/platform/sessions"
NOBODY = pytest.mark.parametrize("newer", [OTHER, None], ids=["another", "nobody"])


class Meanwhile(Answers):
    """A server at which something happens before it answers the first request to a path."""

    def __init__(self, answers: dict[str, httpx2.Response], at: str, happens: Callable[[], object]) -> None:
        super().__init__(answers)
        self.at, self.happens = f"/auth{at}", happens

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == self.at and self.at not in self.paths:
            self.happens()
        return super().__call__(request)


@NOBODY
@pytest.mark.parametrize("at", ["/sessions", "/refresh"])
@pytest.mark.parametrize("calling", [client_of, sync_client_of])
async def test_a_call_is_not_repeated_as_somebody_else(
    calling: Callable[..., AuthClient | SyncAuthClient], at: str, newer: RotatedTokens | None
) -> None:
    """One person's order would be placed in the name of the next one."""
    held = session()
    server = Meanwhile({"/sessions": REFUSED, "/refresh": RENEWED}, at, lambda: held.replace(newer))
    with pytest.raises(ApiError) as refused:
        await result_of(calling(server, held).list_sessions)
    assert refused.value.code == "auth.token_expired"
    assert server.paths.count("/auth/sessions") == 1
    assert server.paths[-1] == f"/auth{at}"
    assert held.tokens == newer


async def result_of(call: Callable[[], Any]) -> Any:
    """What a call of either kind of client returns."""
    result = call()
    return await result if inspect.isawaitable(result) else result


@NOBODY
async def test_a_request_of_an_api_is_not_repeated_as_somebody_else(newer: RotatedTokens | None) -> None:
    """The same for whoever calls an API of their own: the refusal is what the caller gets."""
    held = session()
    server = Meanwhile({"/orders": REFUSED}, "/orders", lambda: held.replace(newer))
    async with httpx2.AsyncClient(
        transport=httpx2.MockTransport(server), auth=BymaxAuth(AuthClient(URL, session=held))
    ) as api:
        assert (await api.post(f"{URL}/auth/orders")).status_code == 401
    held.replace(RotatedTokens(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN))
    server.requests.clear()
    with (
        SyncAuthClient(URL, session=held) as blocking,
        httpx2.Client(transport=httpx2.MockTransport(server), auth=BymaxAuth(blocking)) as blocking_api,
    ):
        assert blocking_api.post(f"{URL}/auth/orders").status_code == 401
    assert len(server.requests) == 1


async def test_a_call_is_repeated_with_what_its_login_holds_by_now() -> None:
    """A slow call outlives several renewals, and is still its login's."""
    held = session()

    def renew_twice() -> None:
        for number in (1, 2):
            turn = held.begin(held.held)
            assert isinstance(turn, Turn)
            assert turn.renewed(RotatedTokens(access_token=f"a.b.{number}", refresh_token=f"r{number}"))

    server = Meanwhile({"/sessions": REFUSED}, "/sessions", renew_twice)
    with pytest.raises(ApiError):
        await client_of(server, held).list_sessions()
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == [f"Bearer {ACCESS_TOKEN}", "Bearer a.b.2"]


async def test_another_logins_tokens_are_not_renewed() -> None:
    """Whoever brings a transport of their own would repeat a request as somebody else."""
    server = Answers({"/refresh": RENEWED})
    client = client_of(server, held := session())
    failed = held.held
    assert await client.renew(failed) == await client.renew(failed)
    assert server.paths == ["/auth/refresh"]
    held.replace(OTHER)
    with pytest.raises(NoSession, match="another login"):
        await client.renew(failed)
    held.replace(None)
    with pytest.raises(NoSession, match="not signed in"):
        await client.renew(failed)
    assert server.paths == ["/auth/refresh"]


async def test_a_sign_out_does_not_end_a_login_that_came_after_it() -> None:
    """Somebody signs out and the next person in; the second one would be signed out at once."""
    server = HeldServer(RENEWED)
    client = server.client(held := session())
    renewing = asyncio.create_task(client.refresh())
    await server.reached.wait()
    (signing_out,) = await begun([client.logout()])
    held.replace(OTHER)
    server.released.set()
    for task in (renewing, signing_out):
        with pytest.raises(NoSession):
            await task
    assert held.held == OTHER
    assert server.paths == ["/refresh"]


async def test_the_end_of_all_logins_forgets_no_newer_one() -> None:
    """An administrator who has just signed in again would have to do so once more."""

    def served(happens: Callable[[Session], object]) -> tuple[Meanwhile, Session]:
        held = session()
        return Meanwhile({ALL: httpx2.Response(204)}, ALL, lambda: happens(held)), held

    server, held = served(lambda held: held.replace(OTHER))
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(server)) as http:
        await PlatformAuthClient(URL, http=http, session=held).revoke_all_sessions()
    assert held.held == OTHER

    def renew(held: Session) -> None:
        turn = held.begin(held.held)
        assert isinstance(turn, Turn)
        turn.renewed(RotatedTokens(access_token="a.b.new", refresh_token="renewed"))

    server, held = served(renew)
    with httpx2.Client(transport=httpx2.MockTransport(server)) as blocking:
        SyncPlatformAuthClient(URL, http=blocking, session=held).revoke_all_sessions()
    assert held.tokens is None


@pytest.mark.parametrize("access", [ACCESS_TOKEN, "a.b.again"])
async def test_putting_the_same_login_back_loses_nothing(access: str) -> None:
    """A host that loads its kept tokens again would keep the exchanged one, and be signed out."""
    server = HeldServer(RENEWED)
    client = server.client(held := session())
    failed = held.held
    renewing = asyncio.create_task(client.refresh())
    await server.reached.wait()
    held.replace(RotatedTokens(access_token=access, refresh_token=REFRESH_TOKEN))
    server.released.set()
    assert (await renewing).refresh_token == "renewed"
    assert held.held.refresh_token == "renewed"
    assert await client.renew(failed) == held.held


async def test_the_next_login_renews_by_itself() -> None:
    """What is left of the login before must not keep it from its own tokens."""
    server = HeldServer(RENEWED, httpx2.Response(200, content=signed_in_body("o.t.new", "other-new")), ok([]))
    client = server.client(held := session())
    renewing = asyncio.create_task(client.refresh())
    await server.reached.wait()
    held.replace(OTHER)
    (other,) = await begun([client.refresh()])
    server.released.set()
    with pytest.raises(NoSession):
        await renewing
    assert (await other).access_token == held.held.access_token == "o.t.new"


async def test_the_list_marks_the_own_login_while_it_renews() -> None:
    """A person who ends every login that is not marked would end the own one."""
    held = session()
    own = hashlib.sha256(REFRESH_TOKEN.encode()).hexdigest()
    row = {"id": own[:8], "sessionHash": own, "device": "d", "ip": "i", "isCurrent": False}
    row |= {"createdAt": 1, "lastActivityAt": 2}

    def renew() -> None:
        turn = held.begin(held.held)
        assert isinstance(turn, Turn)
        turn.renewed(OTHER)

    server = Meanwhile({"/sessions": ok([row])}, "/sessions", renew)
    (listed,) = await client_of(server, held).list_sessions()
    assert listed.is_current
