"""Where the application may stand, and what it answers besides HTTP."""

from dataclasses import replace

import pytest

from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import Message
from bymax_auth.http.routes import ROUTES, mounted_routes
from tests.integration.http.driver import Driver
from tests.integration.http.requests import BODIES, path_of
from tests.integration.http.world import LOGIN, World, a_world


def mounted(world: World, *, root_path: str = "", prefix: str = "") -> Driver:
    app = auth_app(world.engine, world.http)
    return replace(world.driver, app=app, root_path=root_path, prefix=prefix, scopes=[])


async def works(driver: Driver) -> bool:
    answer = await driver.call("POST", "/login", json_body=LOGIN)
    if answer.status == 404:
        return False
    assert answer.status == 200
    me = await driver.call("GET", "/me", cookies=answer.cookies)
    assert me.status == 200
    missing = await driver.call("GET", "/login")
    assert (missing.status, missing.header("allow")) == (405, "POST")
    return True


async def test_a_framework_may_mount_it_anywhere(world: World) -> None:
    """Frameworks differ in whether they keep the mount point in the path; both must find the routes."""
    assert await works(mounted(world, root_path="/auth"))
    assert await works(mounted(world, root_path="/api/v1/auth"))
    assert await works(mounted(world))
    stripped = mounted(world)
    scope = stripped.scope("POST", "/login", [("content-type", "application/json")])
    scope["root_path"] = "/auth"
    answer = await stripped.exchange(scope, [b"{}"])
    assert answer is not None
    assert answer.status == 400
    assert not await works(mounted(world, prefix="/auth"))


async def test_on_its_own_it_stands_at_its_prefix(world: World) -> None:
    """A deployment without a framework needs no router of its own."""
    assert await works(world.driver)
    assert not await works(replace(world.driver, prefix=""))
    assert await works(replace(world.driver, root_path="/proxy"))
    async with a_world(route_prefix="api/v2") as other:
        assert not await works(other.driver)
        assert await works(replace(other.driver, prefix="/api/v2"))


async def test_a_route_below_a_longer_prefix_has_its_parameters(world: World) -> None:
    """The session to end is named in the path, wherever the path begins."""
    for driver in (world.driver, mounted(world, root_path="/auth")):
        cookies = (await driver.call("POST", "/login", json_body=LOGIN)).cookies
        answer = await driver.call("DELETE", "/sessions/short", cookies=cookies)
        assert (answer.status, answer.fields) == (400, ["sessionHash"])


async def test_it_starts_and_stops_without_ado(world: World) -> None:
    """A server that asks whether the application is ready must not wait for an answer."""
    events: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return events.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await world.driver.app({"type": "lifespan"}, receive, send)
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


async def test_it_opens_no_sockets(world: World) -> None:
    """An upgrade belongs to the host's own routes."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await world.driver.app({**world.driver.scope("GET", "/me"), "type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    with pytest.raises(RuntimeError, match="mystery"):
        await world.driver.app({"type": "mystery"}, receive, send)


@pytest.mark.parametrize(
    "group", ["auth", "password_reset", "sessions", "invitations", "mfa", "email_change", "oauth", "platform"]
)
async def test_a_group_that_is_off_is_nowhere(group: str) -> None:
    """A route that still answers 401 tells that it is there."""
    off: dict[str, object] = {"controllers": {group: False}}
    if group in {"invitations", "platform"}:
        off = {group: {"enabled": False}}
    async with a_world(**off) as world:
        assert {spec.group.name for spec in mounted_routes(world.engine)} == {
            "auth",
            "password_reset",
            "sessions",
            "invitations",
            "mfa",
            "email_change",
            "oauth",
            "platform",
            "platform_mfa",
        } - {group} - ({"platform_mfa"} if group in {"mfa", "platform"} else set())
        cookies = {} if group == "auth" else await world.signed_in()
        for spec in ROUTES:
            if spec.group.name != group:
                continue
            for credentials in ({}, cookies):
                for method in ("GET", "POST", "DELETE"):
                    answer = await world.driver.call(
                        method, path_of(spec), json_body=BODIES.get(spec.name), cookies=credentials
                    )
                    assert (answer.status, answer.body) == (404, b"")


async def test_sessions_are_served_as_soon_as_they_are_capped() -> None:
    """A user who is signed out by the cap must be able to see why."""
    async with a_world(controllers={"sessions": False}, sessions={"enabled": True}) as world:
        answer = await world.driver.call("GET", "/sessions", cookies=await world.signed_in())
        assert answer.status == 200
