"""The same routes, whichever framework stands in front of them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, Request, Response

from bymax_auth.fastapi import install
from bymax_auth.http.asgi import ASGIApp, Receive, Scope, Send
from bymax_auth.http.config import RateLimitConfig
from bymax_auth.http.routes import ROUTES
from tests.integration.fastapi.faces import FACES, behind, installed_app
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.requests import path_of
from tests.integration.http.world import EMAIL, PASSWORD, TENANT, World, a_world

NEWCOMER = {"email": "new@example.com", "password": PASSWORD, "name": "Grace", "tenantId": TENANT}

NEW_ADDRESS = {"newEmail": "grace@new.example", "currentPassword": PASSWORD}


def mailed_token(world: World) -> str:
    return world.mailer.last("email_change_verification").code


async def journey(world: World, driver: Driver) -> list[Answer]:
    """Everything a newcomer does, and some of what they do wrong."""
    answers = [await driver.call("POST", "/register", json_body=NEWCOMER)]
    await world.engine.drain()
    otp = world.mailer.last("email_verification_otp").code
    about = {"email": "new@example.com", "tenantId": TENANT}
    answers += [
        await driver.call("POST", "/verify-email", json_body={**about, "otp": f"{otp}0"}),
        await driver.call("POST", "/verify-email", json_body={**about, "otp": otp}),
        await driver.call("POST", "/login", json_body={**about, "password": "wrong"}),
        await driver.call("POST", "/login", json_body={**about, "password": PASSWORD}),
    ]
    cookies = answers[-1].cookies
    answers += [
        await driver.call("GET", "/me", cookies=cookies),
        await driver.call("GET", "/me"),
        await driver.call("POST", "/refresh", cookies=cookies),
    ]
    cookies = answers[-1].cookies
    answers += [
        await driver.call("GET", "/sessions", cookies=cookies),
        await driver.call("DELETE", "/sessions/short", cookies=cookies),
        await driver.call("POST", "/email/change", json_body=NEW_ADDRESS, cookies=cookies),
        await driver.call("POST", "/email/change/confirm", json_body={"token": mailed_token(world)}),
        await driver.call("POST", "/email/change/confirm", json_body={"token": mailed_token(world)}),
        await driver.call("POST", "/sessions/revoke-all", cookies=cookies),
        await driver.call("POST", "/password/forgot-password", json_body=about),
        await driver.call("POST", "/login", json_body={"email": EMAIL}),
        await driver.call("POST", "/login", raw=b"{}", content_type="text/plain"),
        await driver.call("POST", "/logout", cookies=cookies, headers=[("sec-fetch-site", "cross-site")]),
        await driver.call("POST", "/logout", cookies=cookies),
    ]
    return answers


STATUSES = [201, 400, 204, 401, 200, 200, 401, 200, 200, 400, 204, 204, 400, 204, 200, 400, 400, 403, 204]


@pytest.mark.parametrize("face", FACES)
async def test_the_journey_is_the_same_behind_every_face(world: World, face: str) -> None:
    """A host that mounts the routes differently would get different cookies, headers or bodies."""
    answers = await journey(world, behind(world, face))
    assert [answer.status for answer in answers] == STATUSES
    async with a_world() as other:
        expected = await journey(other, other.driver)
    for answer, bare in zip(answers, expected, strict=True):
        assert [name for name, _ in answer.headers] == [name for name, _ in bare.headers]
        assert set(answer.cookies) == set(bare.cookies)
        assert answer.header("cache-control") == "no-store"
        if answer.status >= 400:
            assert answer.body == bare.body


@pytest.mark.parametrize("face", FACES)
async def test_an_account_that_may_not_sign_in_gets_no_session_behind_any_face(face: str) -> None:
    """A host's framework must not be what decides whether an unproven address has a session."""
    newcomer = {"email": "new@example.com", "password": PASSWORD, "name": "New", "tenantId": TENANT}
    async with a_world(registration={"session": "verified"}) as world:
        answer = await behind(world, face).call("POST", "/register", json_body=newcomer)
        assert (answer.status, answer.members.keys(), answer.all("set-cookie")) == (201, {"user"}, [])


@pytest.mark.parametrize("face", FACES)
async def test_a_wrong_method_is_answered_by_the_routes_themselves(world: World, face: str) -> None:
    """A framework's own page would be cached, and says less about what is allowed."""
    driver = behind(world, face)
    for spec in ROUTES:
        for method in ("PUT", "OPTIONS", "HEAD"):
            answer = await driver.call(method, path_of(spec))
            bare = await world.driver.call(method, path_of(spec))
            assert (answer.status, answer.body) == (405, b"")
            assert answer.headers == bare.headers


@pytest.mark.parametrize("face", FACES)
async def test_an_unknown_path_is_not_found_and_never_redirected(world: World, face: str) -> None:
    """A redirect built from the Host header sends a password wherever that header says."""
    driver = behind(world, face)
    for method in ("GET", "POST"):
        for path in ("/nowhere", "/login/", "/sessions/", "/sessions/all/x"):
            answer = await driver.call(method, path)
            assert (answer.status, answer.body, answer.header("cache-control")) == (404, b"", "no-store")
        assert (await driver.call(method, "/")).status == 404


@pytest.mark.parametrize("face", ["installed", "by hand", "included below /api"])
async def test_a_line_feed_in_a_path_is_no_way_to_a_route(world: World, face: str) -> None:
    """A proxy that keeps strangers from /auth/register would let /auth/register%0A through to it."""
    driver = behind(world, face)
    for spec in ROUTES:
        for path in (f"{path_of(spec)}\n", f"{path_of(spec)}\nx", f"/\n{path_of(spec)}"):
            answer = await driver.call(spec.method, path)
            assert answer == await world.driver.call(spec.method, path)


@pytest.mark.parametrize("face", FACES)
async def test_a_literal_path_is_never_taken_for_a_session(world: World, face: str) -> None:
    """Ending all sessions with the wrong method must not look like ending the one called revoke-all."""
    cookies = await world.signed_in()
    answer = await behind(world, face).call("DELETE", "/sessions/revoke-all", cookies=cookies)
    assert (answer.status, answer.header("allow")) == (405, "POST")


async def test_the_hosts_own_routes_below_the_prefix_go_first(world: World) -> None:
    """A host that serves its sign-in page at /auth/login, or more of its own, would lose them."""
    app = installed_app(world)

    @app.get("/auth/login")
    @app.get("/auth/more")
    async def page() -> str:
        return "page"

    driver = replace(world.driver, app=app)
    for path in ("/login", "/more"):
        answer = await driver.call("GET", path)
        assert (answer.status, answer.json()) == (200, "page")
    assert (await driver.call("POST", "/login", json_body={})).status == 400


async def test_the_prefix_itself_is_the_hosts(world: World) -> None:
    """An app that redirects slashes must not redirect a sign-in by the Host header."""
    for method in ("GET", "POST"):
        answer = await replace(world.driver, app=installed_app(world), prefix="").call(method, "/auth")
        assert answer.status == 404


async def test_limits_are_shared_by_both_spellings_behind_fastapi() -> None:
    """A client would double its budget by alternating between them."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        driver = replace(world.driver, app=installed_app(world))
        for _ in range(5):
            assert (await driver.call("DELETE", "/sessions/all")).status == 401
        refused = await driver.call("POST", "/sessions/revoke-all")
        assert (refused.status, refused.code) == (429, "auth.too_many_requests")
        assert refused.header("retry-after") == "60"


async def test_a_client_that_goes_away_leaves_no_failure_behind(world: World) -> None:
    """A middleware that waits for an answer would report each impatient visitor as a failure."""
    app = installed_app(world)

    @app.middleware("http")
    async def watch(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        return await call_next(request)

    driver = replace(world.driver, app=app)
    scope = driver.scope("POST", "/login", [("content-type", "application/json")])
    await driver.exchange(scope, [b'{"email":'], disconnect=True)
    assert world.failures == []


async def test_an_apps_own_dependencies_also_run_for_the_routes(world: World) -> None:
    """A host that audits every request would have a blind spot at its front door."""
    seen: list[str] = []

    async def audit(request: Request, tasks: BackgroundTasks) -> None:
        seen.append(request.url.path)
        tasks.add_task(seen.append, "afterwards")

    app = FastAPI(dependencies=[Depends(audit)])
    install(app, world.engine, world.http)
    answer = await replace(world.driver, app=app).call("GET", "/me")
    assert answer.status == 401
    assert seen == ["/auth/me", "afterwards"]


class Interrupting:
    """Middleware that fails while the body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def broken() -> object:
            raise ValueError("the connection, in a thousand pieces")

        await self._app(scope, broken, send)


async def test_a_failure_is_the_envelope_and_nothing_of_its_cause(world: World) -> None:
    """A framework's error page would show the cause, or the whole traceback."""
    app = FastAPI(debug=True)
    install(app, world.engine, world.http)
    app.add_middleware(Interrupting)
    driver = replace(world.driver, app=app)
    answer = await driver.call("POST", "/login", raw=b"{}")
    assert (answer.status, answer.code) == (500, "auth.internal")
    assert b"pieces" not in answer.body
    assert [origin for origin, _ in world.failures] == ["login"]
