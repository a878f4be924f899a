"""A client of somebody's own API signs its requests, and renews the tokens by itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from bymax_auth.client import ApiError, AuthClient, BymaxAuth, CookieNames, NoSession, SyncAuthClient
from bymax_auth.errors import InvalidCredentials
from bymax_auth.fastapi import AuthHTTPException, CurrentUser, install
from tests.integration.client.deployments import CREDENTIALS, URL, CountingApp, asgi_client, expire
from tests.integration.http.world import World, a_world
from tests.servers.asgi import served

OWN = "/orders"


def host(world: World) -> CountingApp:
    """An application with the routes, and one of its own that only a user may call."""
    app = FastAPI()
    install(app, world.engine, world.http)

    @app.post(OWN)
    async def order(request: Request, user: CurrentUser) -> dict[str, str]:
        return {"by": user.sub, "body": (await request.body()).decode()}

    @app.post("/confirm")
    async def confirm(user: CurrentUser) -> None:
        raise AuthHTTPException(InvalidCredentials())

    return CountingApp(app)


@pytest.fixture
def app(world: World) -> CountingApp:
    return host(world)


async def test_a_request_is_signed_and_repeated_with_new_tokens(world: World, app: CountingApp) -> None:
    """Whoever calls an API for hours does not want to see when a token expires."""
    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        async with asgi_client(app, base_url=URL, auth=BymaxAuth(client)) as api:
            assert (await api.post(OWN, json={"n": 1})).json() == {"by": "u1", "body": '{"n":1}'}
            expire(world)
            again = await api.post(OWN, content=b"the same body")
            assert again.json() == {"by": "u1", "body": "the same body"}
    assert app.paths == {"/auth/login": 1, OWN: 3, "/auth/refresh": 1}


async def test_a_thread_signs_and_repeats_too(world: World, app: CountingApp) -> None:
    """The same for code without an event loop, against a real socket."""
    async with served(app, timeout_graceful_shutdown=1) as address:

        def work() -> tuple[dict[str, str], dict[str, str]]:
            with SyncAuthClient(f"http://{address}") as client:
                client.login(**CREDENTIALS)
                with httpx2.Client(base_url=f"http://{address}", auth=BymaxAuth(client)) as api:
                    first = api.post(OWN, content=b"1").json()
                    expire(world)
                    return first, api.post(OWN, content=b"2").json()

        first, second = await asyncio.to_thread(work)
    assert (first["body"], second["body"]) == ("1", "2")
    assert app.paths == {"/auth/login": 1, OWN: 3, "/auth/refresh": 1}


async def test_a_refusal_of_the_apis_own_is_left_alone(world: World, app: CountingApp) -> None:
    """A 401 about a password is an answer; asking again would count as a second guess."""
    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        async with asgi_client(app, base_url=URL, auth=BymaxAuth(client)) as api:
            assert (await api.post("/confirm")).status_code == 401
    assert app.paths == {"/auth/login": 1, "/confirm": 1}


async def test_a_streamed_body_is_not_sent_twice(world: World, app: CountingApp) -> None:
    """What was read from a stream is gone; the next request finds new tokens."""

    async def body() -> AsyncIterator[bytes]:
        yield b"once"

    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        expire(world)
        async with asgi_client(app, base_url=URL, auth=BymaxAuth(client)) as api:
            assert (await api.post(OWN, content=body())).status_code == 401
            assert (await api.post(OWN, content=body())).json()["body"] == "once"
    assert app.paths == {"/auth/login": 1, OWN: 2, "/auth/refresh": 1}


async def test_a_refresh_that_fails_is_what_the_caller_gets(world: World, app: CountingApp) -> None:
    """The answer to the request says only that a token was refused, and not why there is no other."""
    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        kept = client.session.held
        await client.logout()
        client.session.replace(kept)
        async with asgi_client(app, base_url=URL, auth=BymaxAuth(client)) as api:
            with pytest.raises(ApiError) as refused:
                await api.post(OWN)
            assert refused.value.code == "auth.refresh_token_invalid"
            client.session.replace(None)
            with pytest.raises(NoSession):
                await api.post(OWN)


async def test_cookies_go_to_the_clients_own_server_alone() -> None:
    """A cookie belongs to one host, and the caller's own cookies stay beside it."""
    async with a_world() as world:
        app = host(world)
        async with asgi_client(app) as http:
            client = AuthClient(URL, http=http, cookies=CookieNames())
            await client.login(**CREDENTIALS)
            expire(world)
            async with asgi_client(app, auth=BymaxAuth(client), cookies={"mine": "1"}) as api:
                assert (await api.post(f"{URL}{OWN}")).json()["by"] == "u1"
                assert (await api.post(f"https://other.example.com{OWN}")).status_code == 401
        sent = [headers["cookie"] for headers in app.sent_to(OWN)]
        names = [[pair.partition("=")[0] for pair in line.split("; ")] for line in sent]
        assert names == [["mine", "access_token"], ["mine", "access_token"], ["mine"]]


def recorded(requests: list[httpx2.Request], answer: httpx2.Response) -> Any:
    def handle(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(answer.status_code, content=answer.content)

    return httpx2.MockTransport(handle)


@pytest.fixture
def asked() -> list[httpx2.Request]:
    """The requests that reached somebody's API."""
    return []


@pytest.mark.parametrize(
    ("url", "is_signed"),
    [
        ("https://api.example.com/orders", True),
        ("https://api.example.com:443/orders", True),
        ("https://api.example.com:8443/orders", False),
        ("http://api.example.com/orders", False),
        ("https://evil.example/orders", False),
    ],
)
async def test_the_token_goes_to_the_named_servers_alone(
    world: World, app: CountingApp, asked: list[httpx2.Request], url: str, is_signed: bool
) -> None:
    """A client that follows an address from elsewhere would hand its user's token to whoever wrote it."""
    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        blocking = SyncAuthClient(URL, session=client.session)
        transport = recorded(asked, httpx2.Response(200))
        origins = ("https://api.example.com",)
        async with httpx2.AsyncClient(transport=transport, auth=BymaxAuth(client, origins=origins)) as api:
            await api.get(url)
        with httpx2.Client(transport=transport, auth=BymaxAuth(blocking, origins=origins)) as blocking_api:
            blocking_api.get(url)
        blocking.close()
    assert ["authorization" in request.headers for request in asked] == [is_signed] * 2
    assert "signed_in=True" in repr(BymaxAuth(client))


@pytest.mark.parametrize("body", [b"", b"nobody", b'{"error":{"code":"other","message":"m"}}'])
async def test_a_401_that_is_not_ours_renews_nothing(
    world: World, app: CountingApp, asked: list[httpx2.Request], body: bytes
) -> None:
    """Another kind of credential is missing, and new tokens would not be it."""
    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        transport = recorded(asked, httpx2.Response(401, content=body))
        async with httpx2.AsyncClient(transport=transport, auth=BymaxAuth(client)) as api:
            assert (await api.get("https://api.example.com/")).content == body
    assert len(asked) == 1


async def test_each_client_serves_its_own_kind() -> None:
    """A mix-up is found by its message, and not by a coroutine that nobody awaited."""
    with SyncAuthClient(URL) as blocking:
        async with AuthClient(URL) as client, httpx2.AsyncClient(auth=BymaxAuth(blocking)) as api:
            with pytest.raises(TypeError, match="give BymaxAuth an AuthClient"):
                await api.get(URL)
            blocking_api = httpx2.Client(auth=BymaxAuth(client))
            with blocking_api, pytest.raises(TypeError, match="give BymaxAuth a SyncAuthClient"):
                blocking_api.get(URL)
    with pytest.raises(ValueError, match="no absolute http address"):
        BymaxAuth(client, origins=("api.example.com",))


async def test_a_refusal_elsewhere_says_nothing_of_the_token(world: World, app: CountingApp) -> None:
    """An order that redirects to another server would be placed twice, at one refresh a request."""
    ordered: list[httpx2.Request] = []

    def api(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "api.example.com":
            ordered.append(request)
            return httpx2.Response(303, headers={"Location": "https://login.example.net/"})
        body = {"error": {"code": "auth.token_missing", "message": "-", "details": None}}
        return httpx2.Response(401, json=body)

    async with asgi_client(app) as http:
        client = AuthClient(URL, http=http)
        await client.login(**CREDENTIALS)
        auth = BymaxAuth(client, origins=["https://api.example.com"])
        transport = httpx2.MockTransport(api)
        async with httpx2.AsyncClient(transport=transport, auth=auth, follow_redirects=True) as caller:
            answer = await caller.post("https://api.example.com/orders", content=b"1")
    assert (answer.status_code, len(ordered)) == (401, 1)
    assert app.paths == {"/auth/login": 1}
