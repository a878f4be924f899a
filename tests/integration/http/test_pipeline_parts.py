"""The pipeline and the document for rows that no group has yet: optional bodies, platform, redirects."""

import json
from types import NoneType

import pytest

from bymax_auth.errors import AuthError, OtpInvalid, PlatformAuthRequired
from bymax_auth.http.asgi import Response, json_response, redirect_response
from bymax_auth.http.guards import platform_user
from bymax_auth.http.openapi.responses import responses_of
from bymax_auth.http.pipeline import Pipeline
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes import ROUTES
from bymax_auth.http.routes.access import PUBLIC, Access
from bymax_auth.http.routes.answers import Json, Redirect
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.credentials import NO_CREDENTIALS
from bymax_auth.http.routes.spec import AnyRoute, RouteGroup, RouteSpec
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.schemas.auth import RefreshRequest
from bymax_auth.types.account import SafeAuthPlatformUser
from bymax_auth.types.claims import PlatformClaims
from tests.integration.http.world import World
from tests.unit.http.scopes import receiving

GROUP = RouteGroup("auth", lambda groups: groups.auth)


async def echo(call: Call[None, RefreshRequest]) -> Response:
    return json_response(200, json.dumps([call.body.refresh_token]).encode())


async def administrator(call: Call[PlatformClaims, None]) -> Response:
    return json_response(200, json.dumps([call.claims.sub]).encode())


async def leave(call: Call[None, None]) -> Response:
    if call.view.header(b"x-refuse"):
        raise OtpInvalid
    return redirect_response(302, "https://app.example.com/done")


def to_error_page(_runtime: HttpRuntime, refusal: AuthError) -> Response:
    return redirect_response(302, f"https://app.example.com/error?error={refusal.code.removeprefix('auth.')}")


OPTIONAL: AnyRoute = RouteSpec(
    name="optional",
    group=GROUP,
    method="POST",
    path="/optional",
    access=PUBLIC,
    credentials=NO_CREDENTIALS,
    body=RefreshRequest,
    body_mode="optional_json",
    limit=None,
    success=200,
    handler=echo,
    answer=Redirect("Elsewhere."),
    summary="",
    description="",
    key="",
    member="",
)
PLATFORM: AnyRoute = RouteSpec(
    name="administrator",
    group=GROUP,
    method="GET",
    path="/administrator",
    access=Access(guards=(platform_user,), refusals=(PlatformAuthRequired,)),
    credentials=NO_CREDENTIALS,
    body=NoneType,
    limit=None,
    success=200,
    handler=administrator,
    answer=Json("The administrator.", SafeAuthPlatformUser),
    summary="",
    description="",
    key="",
    member="",
)
LEAVING: AnyRoute = RouteSpec(
    name="leaving",
    group=GROUP,
    method="GET",
    path="/leaving",
    access=PUBLIC,
    credentials=NO_CREDENTIALS,
    body=NoneType,
    limit=None,
    success=302,
    handler=leave,
    answer=Redirect("The browser goes on to the application."),
    refusals=(OtpInvalid,),
    render_refusal=to_error_page,
    summary="",
    description="",
    key="",
    member="",
)


async def answer_of(world: World, spec: AnyRoute, raw: bytes = b"", *headers: tuple[str, str]) -> Response:
    pipeline = Pipeline(HttpRuntime(world.engine, world.http))
    view = RequestView(world.driver.scope(spec.method, spec.path, headers))
    answer = await pipeline.respond(pipeline.bind(spec), view, receiving(raw))
    assert answer is not None
    return answer


async def test_an_optional_body_is_json_or_nothing(world: World) -> None:
    """A client that has nothing to say sends nothing, and no header about it."""
    as_json = ("content-type", "application/json")
    assert (await answer_of(world, OPTIONAL)).body == b"[null]"
    assert (await answer_of(world, OPTIONAL, b'{"refreshToken":"x"}', as_json)).body == b'["x"]'
    for refused in (
        await answer_of(world, OPTIONAL, b'{"refreshToken":"x"}'),
        await answer_of(world, OPTIONAL, b" ", as_json),
        await answer_of(world, OPTIONAL, b"{", as_json),
    ):
        assert refused.status == 400


async def test_a_row_of_the_platform_realm_refuses_a_dashboard_token(world: World) -> None:
    """An administrator's route that took a customer's token would hand the platform to every customer."""
    token = (await world.signed_in())["access_token"]
    for headers in ((), (("authorization", f"Bearer {token}"),), (("cookie", f"access_token={token}"),)):
        answer = await answer_of(world, PLATFORM, b"", *headers)
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (
            401,
            "auth.platform_auth_required",
        )


async def test_a_row_may_redirect_and_say_so_for_refusals_too(world: World) -> None:
    """A browser in the middle of a navigation would show a page of JSON."""
    assert await answer_of(world, LEAVING) == redirect_response(302, "https://app.example.com/done")
    refused = await answer_of(world, LEAVING, b"", ("x-refuse", "1"))
    assert refused.headers == ((b"location", b"https://app.example.com/error?error=otp_invalid"),)


async def test_a_redirect_is_documented_by_its_header(world: World) -> None:
    """A generated client that waits for a body would hang on the redirect."""
    responses = responses_of(LEAVING, world.engine.config, world.http)
    assert responses["302"] == {
        "description": "The browser goes on to the application.",
        "headers": {"Location": {"description": "The target.", "schema": {"type": "string"}}},
    }
    assert set(responses) == {"302", "401", "500", "503"}


@pytest.mark.parametrize("location", ["https://a.example/\r\nset-cookie: x=1", "/a b", "/é", "/a\x00"])
def test_a_redirect_cannot_end_its_header_line(location: str) -> None:
    """Whoever chooses a part of the address would add headers of their own."""
    with pytest.raises(ValueError, match="visible ASCII"):
        redirect_response(302, location)


def test_every_row_names_its_parameters() -> None:
    """A parameter that the row forgets is missing in the document and in generated clients."""
    for spec in ROUTES:
        in_path = [part[1:-1] for part in spec.path.split("/") if part.startswith("{")]
        assert [parameter.name for parameter in spec.parameters] == in_path
        assert (spec.body is NoneType) == (spec.body_mode == "none")
