"""No cache between the server and a browser may keep an answer that sets a cookie."""

from collections.abc import AsyncIterator

import pytest

from bymax_auth.http.routes import ROUTES
from bymax_auth.http.routes.answers import Empty, Session
from tests.integration.http.driver import Answer
from tests.integration.http.factors import enrolled
from tests.integration.http.providers import PAGES, Open, arrive, depart, returned, signed_in
from tests.integration.http.requests import BODIES, STATE, path_of, request_of
from tests.integration.http.world import EMAIL, LOGIN, NEW_PASSWORD, PASSWORD, TENANT, World, a_world, user

MODES = ["cookie", "bearer", "both"]
SET_COOKIES = {
    spec.name
    for spec in ROUTES
    if isinstance(spec.answer, Session) or (isinstance(spec.answer, Empty) and spec.answer.clears_cookies)
} | {"oauth_initiate", "link_identity"}


def is_uncached(answer: Answer) -> bool:
    return (answer.header("cache-control"), answer.header("cdn-cache-control")) == ("no-store", "no-store")


@pytest.fixture(params=["cookie", "both"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    boss = user(id="boss", email="boss@example.com", role="ADMIN")
    async with a_world(
        token_delivery=request.param, hooks=Open(), oauth=PAGES, accounts=(user(), boss)
    ) as deployment:
        yield deployment


async def test_every_answer_that_sets_a_cookie_is_kept_by_no_cache(world: World) -> None:
    """A network that caches for everybody would sign the next visitor in as the one before."""
    call = world.driver.call
    login = await world.login()
    boss = (await world.login(email="boss@example.com")).cookies
    guest = {"email": "guest@example.com", "role": "MEMBER"}
    await call("POST", "/invitations", json_body=guest, cookies=boss)
    await world.engine.drain()
    token = world.mailer.last("invitation").code
    back, state = await returned(world)
    answers = {
        "register": await call("POST", "/register", json_body=BODIES["register"]),
        "login": login,
        "refresh": await call("POST", "/refresh", cookies=login.cookies),
        "invitation_accept": await call(
            "POST", "/invitations/accept", json_body={"token": token, "name": "Gus", "password": NEW_PASSWORD}
        ),
        "oauth_initiate": await depart(world),
        "oauth_callback": await arrive(world, back, state),
        "link_identity": await call(
            "POST", "/oauth/memory/link", json_body={"password": PASSWORD}, cookies=boss
        ),
    }
    answers["logout"] = await call("POST", "/logout", cookies=login.cookies)
    app = await enrolled(world)
    answers["mfa_challenge"] = await app.sign_in()
    assert answers.keys() == SET_COOKIES
    for name, answer in answers.items():
        assert answer.all("set-cookie"), (name, answer)
        assert is_uncached(answer), name


async def test_cookies_that_only_bridge_two_steps_are_kept_by_no_cache(world: World) -> None:
    """The next visitor would answer the challenge, or return to the sign-in, of the one before."""
    app = await enrolled(world)
    await world.users.link_oauth("u1", "memory", "1234", tenant_id=TENANT)
    challenged = await signed_in(world, EMAIL)
    assert "mfa_temp_token" in challenged.cookies
    assert is_uncached(challenged)
    refused = await app.answer(None, app.code(1), cookies={"mfa_temp_token": "a.b.c"})
    failed = await arrive(world, {"state": STATE, "code": "c"}, {"oauth_state": STATE})
    for answer in (refused, failed):
        assert answer.all("set-cookie"), answer
        assert is_uncached(answer)


@pytest.mark.parametrize("mode", MODES)
async def test_whatever_a_route_answers_is_kept_by_no_cache_if_it_sets_a_cookie(mode: str) -> None:
    """A refusal clears cookies too; a network that kept it would sign everybody out."""
    pages = {} if mode == "bearer" else PAGES
    async with a_world(token_delivery=mode, hooks=Open(), oauth=pages) as world:
        access, refresh = await world.administrators_tokens()
        for spec in ROUTES:
            session = (await world.driver.call("POST", "/login", json_body=LOGIN)).cookies
            given = request_of(spec)
            held = {"refresh_token": refresh, "mfa_temp_token": "a.b.c", "oauth_state": STATE, **session}
            answer = await world.driver.call(
                spec.method,
                path_of(spec),
                **{**given, "cookies": held, "bearer": access if spec.path.startswith("/platform") else None},
            )
            targeted = answer.all("cdn-cache-control")
            assert targeted == (["no-store"] if answer.all("set-cookie") else []), (spec.name, answer)
            assert answer.header("cache-control") == "no-store"
