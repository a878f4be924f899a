"""The pipeline where no route leads yet, and where a route and its handler disagree."""

import json
from dataclasses import replace

import pytest

from bymax_auth.http.asgi import Response, json_response
from bymax_auth.http.edge import Edge
from bymax_auth.http.handlers import Call
from bymax_auth.http.pipeline import BoundRoute, Pipeline
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes import ROUTES
from bymax_auth.http.schemas.auth import LoginRequest, RefreshRequest
from tests.integration.http.world import World
from tests.unit.http.scopes import receiving


async def echo(call: Call) -> Response:
    return json_response(200, json.dumps([call.body(RefreshRequest).refresh_token]).encode())


async def answer_of(world: World, route: BoundRoute, raw: bytes, *headers: tuple[str, str]) -> Response:
    view = RequestView(world.driver.scope("POST", "/login", headers))
    answer = await Pipeline(Edge(world.engine, world.http)).respond(route, view, receiving(raw))
    assert answer is not None
    return answer


async def test_an_optional_body_is_json_or_nothing(world: World) -> None:
    """A client that has nothing to say sends nothing, and no header about it."""
    spec = replace(ROUTES[1], body=RefreshRequest, body_mode="optional_json")
    route = BoundRoute(spec=spec, handler=echo, guards=(), limit=None, checks_origin=True)
    as_json = ("content-type", "application/json")
    assert (await answer_of(world, route, b"")).body == b"[null]"
    assert (await answer_of(world, route, b'{"refreshToken":"x"}', as_json)).body == b'["x"]'
    for refused in (
        await answer_of(world, route, b'{"refreshToken":"x"}'),
        await answer_of(world, route, b" ", as_json),
        await answer_of(world, route, b"{", as_json),
    ):
        assert refused.status == 400


async def test_a_handler_cannot_ask_for_what_its_route_does_not_give(world: World) -> None:
    """A slip in the table is a failure that is reported, never an answer made of nothing."""
    call = Call(Edge(world.engine, world.http), RequestView(world.driver.scope("GET", "/me")), None, None)
    with pytest.raises(TypeError, match="guard"):
        _ = call.claims
    with pytest.raises(TypeError, match="LoginRequest"):
        call.body(LoginRequest)
