"""A page of another site, and a host's own routes that a cookie opens."""

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from httpx2 import ASGITransport, AsyncClient

from bymax_auth.errors import InsufficientRole, UntrustedOrigin
from bymax_auth.fastapi import (
    AuthHTTPException,
    CurrentUser,
    OptionalUser,
    current_user,
    from_any_origin,
    install,
    optional_auth_user,
    require_role,
    self_or_admin,
    user_status,
)
from bymax_auth.http.request import RequestView
from bymax_auth.types.claims import DashboardClaims
from tests.integration.fastapi.host import Dependency, Host, a_host
from tests.integration.fastapi.sockets import open_socket
from tests.integration.fastapi.test_guards import dependencies_of
from tests.integration.http.world import World

OWN = "https://auth.example.com"
"""The origin of the host that the tests call."""
SPA = "https://app.example.com"
ELSEWHERE = [
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example"},
    {"origin": "https://sub.auth.example.com", "sec-fetch-site": "same-site"},
    {"origin": "null"},
    {"origin": "http://auth.example.com"},
    {"sec-fetch-site": "cross-site"},
]
OWN_PAGES = [
    {"origin": OWN, "sec-fetch-site": "same-origin"},
    {"origin": OWN},
    {"origin": "HTTPS://AUTH.example.com"},
    {"sec-fetch-site": "none"},
    {},
]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def host(world: World) -> Host:
    return Host.of(world)


NAMES = [
    "auth_user",
    "current_user",
    "user_status",
    "verified_user",
    "mfa_satisfied",
    "require_role",
    "self_or_admin",
    "optional_auth_user",
]


def guards_of(host: Host) -> dict[str, Dependency]:
    return {**dependencies_of(host.auth), "optional_auth_user": host.auth.optional_auth_user}


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_elsewhere_cannot_use_the_visitors_cookie(host: Host, name: str) -> None:
    """Any page that a signed-in person visits would change their data, or read along in their socket."""
    guard = guards_of(host)[name]
    for method in UNSAFE:
        host.guarded_by(guard, method=method)
    cookies = await host.world.signed_in()
    for page in ELSEWHERE:
        for method in UNSAFE:
            answer = await host.driver.call(
                method, "/guarded/u1", cookies=cookies, headers=list(page.items())
            )
            assert (answer.status, answer.code) == (403, "auth.untrusted_origin"), (page, method)
        denied = await host.open(cookies=cookies, headers=page)
        assert denied.types == ["websocket.http.response.start", "websocket.http.response.body"]
        assert (denied.status, denied.code) == (403, "auth.untrusted_origin")
        closed = await host.open(cookies=cookies, headers=page, can_deny=False)
        assert (closed.types, closed.close_code) == (["websocket.close"], 1008)


@pytest.mark.parametrize("name", NAMES)
async def test_the_applications_own_pages_go_on_working(host: Host, name: str) -> None:
    """A check that shuts the application's own front end out would be turned off at once."""
    guard = guards_of(host)[name]
    for method in UNSAFE:
        host.guarded_by(guard, method=method)
    cookies = await host.world.signed_in()
    for page in OWN_PAGES:
        for method in UNSAFE:
            answer = await host.driver.call(
                method, "/guarded/u1", cookies=cookies, headers=list(page.items())
            )
            assert answer.status == 200, (page, method)
        assert (await host.open(cookies=cookies, headers=page)).accepted, page


async def test_a_link_from_elsewhere_still_opens_a_page(host: Host) -> None:
    """Most visitors arrive from another site, and reading changes nothing."""
    host.guarded_by(host.auth.current_user)
    cookies = await host.world.signed_in()
    for page in ELSEWHERE:
        assert (await host.get(cookies=cookies, headers=list(page.items()))).status == 200


async def test_a_bearer_token_is_used_from_anywhere() -> None:
    """A browser attaches no header by itself: a page that sends one holds the token."""
    async with a_host(token_delivery="both") as host:
        host.guarded_by(host.auth.current_user, method="POST")
        token = (await host.world.login()).members["accessToken"]
        page = ELSEWHERE[0]
        answer = await host.driver.call("POST", "/guarded/u1", bearer=str(token), headers=list(page.items()))
        assert answer.status == 200
        assert (await host.open(bearer=str(token), headers=page)).accepted
        cookies = {"access_token": str(token)}
        assert (await host.open(bearer=str(token), cookies=cookies, headers=page)).status == 403
    async with a_host(token_delivery="bearer") as host:
        host.guarded_by(host.auth.current_user, method="POST")
        assert (await host.open(cookies=cookies, headers=page)).code == "auth.token_invalid"


async def test_a_listed_origin_is_as_good_as_the_applications_own() -> None:
    """A front end on its own subdomain opens sockets and changes data on this one."""
    async with a_host(cookies={"trusted_origins": [SPA]}) as host:
        host.guarded_by(host.auth.current_user, method="POST")
        cookies = await host.world.signed_in()
        for page, status in (
            ({"origin": SPA, "sec-fetch-site": "same-site"}, 200),
            ({"origin": SPA}, 200),
            ({"origin": OWN}, 200),
            ({"origin": "https://evil.example"}, 403),
        ):
            answer = await host.driver.call(
                "POST", "/guarded/u1", cookies=cookies, headers=list(page.items())
            )
            assert answer.status == status, page
            assert (await host.open(cookies=cookies, headers=page)).accepted is (status == 200)


async def test_a_stranger_is_told_to_sign_in_wherever_the_page_is(host: Host) -> None:
    """Without a cookie there is nothing for the page to abuse, and 403 would mislead."""
    host.guarded_by(host.auth.current_user, method="POST")
    answer = await host.driver.call("POST", "/guarded/u1", headers=list(ELSEWHERE[0].items()))
    assert (answer.status, answer.code) == (401, "auth.token_invalid")
    assert (await host.open(headers=ELSEWHERE[0])).status == 401


def opened(auth: Any) -> dict[str, Dependency]:
    return {
        "role": require_role("MEMBER", cross_origin=True),
        "bound role": auth.require_role("MEMBER", cross_origin=True),
        "owner": self_or_admin("ADMIN", cross_origin=True),
        "bound owner": auth.self_or_admin("ADMIN", cross_origin=True),
        "user": from_any_origin(current_user),
        "bound user": auth.from_any_origin(auth.current_user),
        "status": from_any_origin(user_status),
        "bound status": auth.from_any_origin(auth.verified_user),
        "optional": from_any_origin(optional_auth_user),
    }


@pytest.mark.parametrize(
    "name",
    [
        "role",
        "bound role",
        "owner",
        "bound owner",
        "user",
        "bound user",
        "status",
        "bound status",
        "optional",
    ],
)
async def test_a_route_for_other_sites_says_so(host: Host, name: str) -> None:
    """An embedded widget that acts for the visitor needs a way past the check, on its routes alone."""
    host.guarded_by(opened(host.auth)[name], method="POST")
    cookies = await host.world.signed_in()
    for page in ELSEWHERE:
        answer = await host.driver.call("POST", "/guarded/u1", cookies=cookies, headers=list(page.items()))
        assert answer.status == 200
        assert (await host.open(cookies=cookies, headers=page)).accepted
    assert (await host.open(cookies={"access_token": "garbage"}, headers=page)).accepted is (
        name == "optional"
    )


STRICT = Annotated[DashboardClaims, Depends(current_user)]


@pytest.mark.parametrize("alias", [CurrentUser, STRICT, OptionalUser])
@pytest.mark.parametrize("name", ["role", "bound role", "user", "bound user", "optional"])
async def test_one_open_guard_does_not_open_the_others_of_a_route(host: Host, name: str, alias: Any) -> None:
    """A router that is open for a widget must not open the one route in it that is not."""
    loose = opened(host.auth)[name]

    @host.app.post("/first", dependencies=[Depends(loose)])
    async def first(user: alias) -> str:
        return "changed"

    @host.app.post("/last")
    async def last(user: alias, other: Annotated[Any, Depends(loose)]) -> str:
        return "changed"

    cookies = await host.world.signed_in()
    for path in ("/first", "/last"):
        answer = await host.driver.call("POST", path, cookies=cookies, headers=list(ELSEWHERE[0].items()))
        assert (answer.status, answer.code) == (403, "auth.untrusted_origin")
        assert (await host.driver.call("POST", path, cookies=cookies)).status == 200


async def test_a_mounted_app_without_our_handlers_refuses_properly(world: World) -> None:
    """A server that cannot deny a handshake would log a failure for each page that tries."""
    outer, inner = FastAPI(), FastAPI()
    auth = install(outer, world.engine, world.http)
    Host(world, inner, auth, world.driver).guarded_by(auth.current_user, method="POST")
    outer.mount("/inner", inner)
    cookies = await world.signed_in()
    for page in ELSEWHERE:
        path = "/inner/guarded/u1"
        denied = await open_socket(outer, path, cookies=cookies, headers=page)
        assert denied.status == 403
        closed = await open_socket(outer, path, cookies=cookies, headers=page, can_deny=False)
        assert (closed.types, closed.close_code) == (["websocket.close"], 1008)


async def test_the_auth_routes_keep_their_own_rule(host: Host) -> None:
    """Browsers without `Sec-Fetch-Site` sign in behind proxies that change the host name."""
    cookies = await host.world.signed_in()
    headers = [("origin", "https://renamed.example.com")]
    answer = await host.driver.call("POST", "/auth/sessions/revoke-all", cookies=cookies, headers=headers)
    assert answer.status == 204


async def test_a_guard_may_also_be_called(host: Host) -> None:
    """A host that decides inside its own dependency calls the guard itself."""
    guards = [*guards_of(host).values(), *opened(host.auth).values()]
    cookies = await host.world.signed_in()
    lines = [("cookie", f"access_token={cookies['access_token']}")]
    for guard in guards:
        scope = host.driver.scope("POST", "/guarded/u1", lines)
        claims = await guard(RequestView({**scope, "app": host.app, "path_params": {"user_id": "u1"}}))
        assert claims.sub == "u1"


async def test_a_guard_that_refused_opens_nothing_to_other_sites(host: Host) -> None:
    """A handler that asks for an administrator, else for any user, would serve every page the second time."""
    cookies = await host.world.signed_in()
    lines = [("cookie", f"access_token={cookies['access_token']}"), ("origin", "https://evil.example")]
    for open_guard, guard in (
        (require_role("ADMIN", cross_origin=True), current_user),
        (host.auth.require_role("ADMIN", cross_origin=True), host.auth.current_user),
    ):
        request = RequestView({**host.driver.scope("POST", "/guarded/u1", lines), "app": host.app})
        with pytest.raises(AuthHTTPException) as first:
            await open_guard(request)
        with pytest.raises(AuthHTTPException) as second:
            await guard(request)
        assert isinstance(first.value.refusal, InsufficientRole)
        assert isinstance(second.value.refusal, UntrustedOrigin)


async def test_a_guard_that_refused_leaves_no_engine_behind(host: Host) -> None:
    """The next guard of the request would ask the engine of another deployment."""
    request = RequestView({**host.driver.scope("GET", "/guarded/u1"), "app": FastAPI()})
    with pytest.raises(AuthHTTPException):
        await host.auth.current_user(request)
    assert host.auth.runtime not in request.scope.values()


@pytest.mark.parametrize("name", ["installed", "bound"])
async def test_a_dependency_that_refused_opens_nothing_to_other_sites(host: Host, name: str) -> None:
    """A handler of refusals that serves users what administrators asked for would serve every page."""
    any_page = host.auth.require_role("ADMIN", cross_origin=True)
    loose, strict = {
        "installed": (require_role("ADMIN", cross_origin=True), current_user),
        "bound": (any_page, host.auth.current_user),
    }[name]
    host.guarded_by(loose, method="POST")
    asked: list[object] = []

    @host.app.exception_handler(AuthHTTPException)
    async def as_a_user(request: Request, refusal: AuthHTTPException) -> JSONResponse:
        asked.append(refusal.refusal)
        try:
            asked.append(await strict(request))
        except AuthHTTPException as second:
            asked.append(second.refusal)
        return JSONResponse({}, 403)

    cookies = await host.world.signed_in()
    await host.driver.call("POST", "/guarded/u1", cookies=cookies, headers=list(ELSEWHERE[0].items()))
    assert [type(each) for each in asked] == [InsufficientRole, UntrustedOrigin]


async def test_a_dependency_that_refused_leaves_no_engine_behind(host: Host) -> None:
    """The next guard of the request would ask the engine of another deployment."""
    app, left = FastAPI(), dict[str, object]()

    @app.get("/guarded", dependencies=[Depends(host.auth.current_user)])
    async def guarded() -> None: ...

    @app.exception_handler(AuthHTTPException)
    async def refuse(request: Request, refusal: AuthHTTPException) -> JSONResponse:
        left.update(request.scope)
        return JSONResponse({}, refusal.status_code)

    async with AsyncClient(transport=ASGITransport(app=app), base_url=OWN) as client:
        assert (await client.get("/guarded")).status_code == 401
    assert host.auth.runtime not in left.values()
