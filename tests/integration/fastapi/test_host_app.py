"""A host's own routes, handlers and documents beside the installed ones."""

import asyncio
import logging
from dataclasses import replace

import pytest
from fastapi import FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.errors import AuthError, InternalError, StoreUnavailable
from bymax_auth.fastapi import CurrentUser, install, register_exception_handlers
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.integration.fastapi.faces import installed_app
from tests.integration.fastapi.sockets import open_socket
from tests.integration.http.world import EMAIL, PASSWORD, TENANT, World, a_world


async def test_a_route_that_signs_in_by_itself_is_answered_as_ours_are(world: World) -> None:
    """A host with its own sign-in form would answer a wrong password with a failure page."""
    app = installed_app(world)

    @app.post("/form")
    async def form(password: str) -> str:
        wanted = LoginInput(email=EMAIL, password=password, tenant_id=TENANT)
        result = await world.engine.login(wanted, RequestContext())
        return type(result).__name__

    driver = replace(world.driver, app=app, prefix="")
    good = await driver.call("POST", "/form", query=b"password=" + PASSWORD.replace(" ", "+").encode())
    assert (good.status, good.json()) == (200, "AuthResult")
    for _ in range(5):
        refused = await driver.call("POST", "/form", query=b"password=wrong")
        ours = await world.driver.call(
            "POST", "/login", json_body={"email": EMAIL, "password": "wrong", "tenantId": TENANT}
        )
    locked = await driver.call("POST", "/form", query=b"password=wrong")
    assert (refused.status, locked.status) == (429, 429)
    assert (locked.code, ours.code) == ("auth.account_locked", "auth.account_locked")
    assert [name for name, _ in locked.headers] == [name for name, _ in ours.headers]


@pytest.mark.parametrize("kind", [AuthError, InternalError])
async def test_an_error_in_an_open_socket_closes_it(world: World, kind: type[Exception]) -> None:
    """A refusal cannot be sent into a conversation; leaving it open would hang the client."""
    app = installed_app(world)

    @app.websocket("/chat")
    async def chat(websocket: WebSocket) -> None:
        await websocket.accept()
        if kind is InternalError:
            raise StoreUnavailable
        await world.engine.refresh("cd" * 32, RequestContext())

    @app.websocket("/over")
    async def over(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()
        await world.engine.refresh("cd" * 32, RequestContext())

    @app.websocket("/left")
    async def left(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()
        await world.engine.refresh("cd" * 32, RequestContext())

    opened = await open_socket(app, "/chat")
    assert opened.types == ["websocket.accept", "websocket.close"]
    assert opened.close_code == (1013 if kind is InternalError else 1008)
    assert (await open_socket(app, "/over")).types == ["websocket.accept", "websocket.close"]
    assert (await open_socket(app, "/left", leaves=True)).types == ["websocket.accept"]


async def test_a_guard_that_is_asked_in_an_open_socket_closes_it(world: World) -> None:
    """A mounted app without our handlers would answer the handshake a second time, which servers report."""
    outer, inner = FastAPI(), FastAPI()
    auth = install(outer, world.engine, world.http)
    outer.mount("/inner", inner)

    async def chat(websocket: WebSocket) -> None:
        await websocket.accept()
        await auth.current_user(websocket)

    for app in (outer, inner):
        app.add_api_websocket_route("/chat", chat)
    for path in ("/chat", "/inner/chat"):
        for can_deny in (True, False):
            opened = await open_socket(outer, path, can_deny=can_deny)
            assert (opened.types, opened.close_code) == (["websocket.accept", "websocket.close"], 1008)


async def test_the_hosts_own_handlers_stay(world: World) -> None:
    """A host's error pages are its own; ours are for our errors only."""
    app = FastAPI()

    @app.exception_handler(HTTPException)
    async def own_page(_request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"mine": error.status_code}, error.status_code)

    @app.exception_handler(LookupError)
    async def own_lookup(_request: Request, _error: LookupError) -> JSONResponse:
        return JSONResponse({"mine": "lookup"}, 410)

    install(app, world.engine, world.http)

    @app.get("/gone")
    async def gone() -> None:
        raise KeyError

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418)

    @app.get("/who")
    async def who(user: CurrentUser) -> str:
        return user.sub

    driver = replace(world.driver, app=app, prefix="")
    assert (await driver.call("GET", "/gone")).json() == {"mine": "lookup"}
    assert (await driver.call("GET", "/teapot")).json() == {"mine": 418}
    assert (await driver.call("GET", "/nowhere")).status == 404
    assert (await driver.call("GET", "/who")).code == "auth.token_invalid"
    unprocessable = await driver.call("GET", "/openapi.json")
    assert unprocessable.status == 200


async def test_a_failure_without_an_engine_is_logged_by_its_class(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A host that only registers the handlers must still find the failure in its logs."""
    app = FastAPI()
    register_exception_handlers(app)

    @app.get("/broken")
    async def broken() -> None:
        raise StoreUnavailable("redis://user:password@host")

    with caplog.at_level(logging.ERROR, logger="bymax_auth"):
        answer = await replace(world.driver, app=app, prefix="").call("GET", "/broken")
    assert (answer.status, answer.code) == (503, "auth.unavailable")
    (record,) = caplog.records
    assert record.__dict__["exception"] == "StoreUnavailable"
    assert "password" not in caplog.text


async def test_two_apps_in_one_process_know_their_own_users(world: World) -> None:
    """A token of one deployment must not open the other, however requests interleave."""
    async with a_world(jwt={"secret": fresh_secret()}) as other:
        apps = []
        for deployment in (world, other):
            app = installed_app(deployment)

            @app.get("/who")
            async def who(user: CurrentUser) -> str:
                return user.sub

            apps.append(replace(deployment.driver, app=app, prefix=""))
        outer = FastAPI()
        outer.mount("/a", apps[0].app)
        outer.mount("/b", apps[1].app)
        mine, theirs = await world.signed_in(), await other.signed_in()
        driver = replace(world.driver, app=outer, prefix="")
        answers = await asyncio.gather(
            *(
                driver.call("GET", f"/{app}/who", cookies=cookies)
                for _ in range(10)
                for app in "ab"
                for cookies in (mine, theirs)
            )
        )
        assert [answer.status for answer in answers] == [200, 401, 401, 200] * 10


async def test_one_app_has_one_engine(world: World) -> None:
    """With two engines on one app, no guard could know which of them is meant."""
    app = installed_app(world)
    with pytest.raises(RuntimeError, match="installed on this app already"):
        install(app, world.engine, world.http)
