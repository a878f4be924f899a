"""Delivery: which of a session's parts goes where, in each mode."""

from collections.abc import Awaitable, Callable

import pytest

from bymax_auth.http.cookies import AllowlistDomainResolver
from tests.integration.http.driver import Answer
from tests.integration.http.world import LOGIN, PASSWORD, TENANT, World, a_world

REGISTER = {"email": "new@example.com", "password": PASSWORD, "name": "Ada", "tenantId": TENANT}


async def sign_in(world: World) -> Answer:
    return await world.driver.call("POST", "/login", json_body=LOGIN)


async def register(world: World) -> Answer:
    return await world.driver.call("POST", "/register", json_body=REGISTER)


async def refresh(world: World) -> Answer:
    before = await sign_in(world)
    token = before.cookies.get("refresh_token") or str(before.members["refreshToken"])
    return await world.driver.call("POST", "/refresh", json_body={"refreshToken": token})


SESSION_STARTS = [sign_in, register, refresh]
SessionStart = Callable[[World], Awaitable[Answer]]


def cookies_set(answer: Answer) -> list[str]:
    """The cookie lines with the two tokens replaced by their names."""
    lines = answer.all("set-cookie")
    access, refresh_token = (line.split("=", 1)[1].partition(";")[0] for line in lines[:2])
    assert access.count(".") == 2
    assert len(refresh_token) == 64
    return [line.replace(access, "<jwt>").replace(refresh_token, "<hex>") for line in lines]


SECURE = [
    "access_token=<jwt>; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax",
    "refresh_token=<hex>; Path=/auth; Max-Age=604800; HttpOnly; Secure; SameSite=Strict",
    "has_session=1; Path=/; Max-Age=604800; Secure; SameSite=Lax",
]


@pytest.mark.parametrize("start", SESSION_STARTS)
async def test_cookie_mode_keeps_tokens_out_of_the_body(start: SessionStart) -> None:
    """A script that can read a token can send it away."""
    async with a_world(token_delivery="cookie") as world:
        answer = await start(world)
        assert cookies_set(answer) == SECURE
        assert list(answer.members) == ["user"]
        for token in list(answer.cookies.values())[:2]:
            assert token.encode() not in answer.body


@pytest.mark.parametrize("start", SESSION_STARTS)
async def test_bearer_mode_plants_nothing(start: SessionStart) -> None:
    """A cookie beside the header would be sent by every page the browser opens."""
    async with a_world(token_delivery="bearer") as world:
        answer = await start(world)
        assert answer.all("set-cookie") == []
        assert list(answer.members) == ["user", "accessToken", "refreshToken"]


@pytest.mark.parametrize("start", SESSION_STARTS)
async def test_both_modes_carry_the_same_tokens(start: SessionStart) -> None:
    """Two pairs in one answer would be two sessions."""
    async with a_world(token_delivery="both") as world:
        answer = await start(world)
        assert cookies_set(answer) == SECURE
        assert list(answer.members) == ["user", "accessToken", "refreshToken"]
        assert answer.members["accessToken"] == answer.cookies["access_token"]
        assert answer.members["refreshToken"] == answer.cookies["refresh_token"]


async def test_development_works_without_https() -> None:
    """A browser drops Secure cookies on a developer's own machine."""
    async with a_world(environment="development", secure_cookies=None) as world:
        assert cookies_set(await sign_in(world)) == [line.replace("; Secure", "") for line in SECURE]


async def test_a_cross_site_deployment_keeps_its_refresh_cookie_strict() -> None:
    """The access cookie travels where the host allows it; the refresh cookie never does."""
    overrides = {"same_site": "none", "trusted_origins": ["https://app.example.com"]}
    async with a_world(cookies=overrides) as world:
        lines = cookies_set(await sign_in(world))
        assert [line.rpartition("SameSite=")[2] for line in lines] == ["None", "Strict", "None"]


async def test_names_and_paths_are_the_deployments_own() -> None:
    """Two applications of one host must not take each other's cookies."""
    overrides = {
        "access_token_name": "at",
        "refresh_token_name": "rt",
        "session_signal_name": "hs",
        "refresh_cookie_path": "/api/auth",
    }
    async with a_world(cookies=overrides) as world:
        answer = await sign_in(world)
        assert list(answer.cookies) == ["at", "rt", "hs"]
        assert "; Path=/api/auth; " in answer.all("set-cookie")[1]
        assert (await world.driver.call("GET", "/me", cookies=answer.cookies)).status == 200
        assert (await world.driver.call("POST", "/refresh", cookies=answer.cookies)).status == 200


async def test_a_session_spans_the_listed_domain_and_is_cleared_from_it() -> None:
    """A clear on another domain than the plant's leaves the session where it was."""
    async with a_world(cookies={"resolve_domains": AllowlistDomainResolver(("example.com",))}) as world:
        answer = await sign_in(world)
        assert all("; Domain=example.com; Path=" in line for line in answer.all("set-cookie"))
        cleared = await world.driver.call("POST", "/logout", cookies=answer.cookies)
        assert len(cleared.all("set-cookie")) == 3
        assert all("; Domain=example.com; Path=" in line for line in cleared.all("set-cookie"))


HARDENED = {"prefixed_names": True, "refuse_conflicts": True}


async def test_prefixed_names_work_from_sign_in_to_sign_out() -> None:
    """A name that one part writes and another does not read signs everybody out."""
    async with a_world(cookies=HARDENED) as world:
        cookies = (await sign_in(world)).cookies
        assert list(cookies) == ["__Host-access_token", "__Secure-refresh_token", "__Host-has_session"]
        assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
        plain = {"access_token": cookies["__Host-access_token"]}
        assert (await world.driver.call("GET", "/me", cookies=plain)).status == 401
        fresh = await world.driver.call("POST", "/refresh", cookies=cookies)
        assert (fresh.status, list(fresh.cookies)) == (200, list(cookies))
        out = await world.driver.call("POST", "/logout", cookies=fresh.cookies)
        assert out.cookies == dict.fromkeys(cookies, "")
        assert (await world.driver.call("POST", "/refresh", cookies=fresh.cookies)).status == 401


async def test_a_cookie_of_a_sibling_subdomain_signs_nobody_in_as_another() -> None:
    """Its visitor would type what is theirs into the account of a stranger."""
    async with a_world(cookies=HARDENED) as world:
        hers, stranger = (await sign_in(world)).cookies, (await sign_in(world)).cookies
        pairs = [f"{name}={value}" for each in (hers, stranger) for name, value in each.items()]
        both = [("cookie", "; ".join(pairs))]
        for method, path in (("GET", "/me"), ("POST", "/refresh"), ("GET", "/sessions")):
            answer = await world.driver.call(method, path, headers=both)
            assert (answer.status, answer.code) == (401, "auth.token_invalid")
            assert answer.all("set-cookie") == []
        out = await world.driver.call("POST", "/logout", headers=both)
        assert (out.status, out.cookies) == (204, dict.fromkeys(hers, ""))
        for cookies in (hers, stranger):
            assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 401
            assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 401


async def test_the_compatible_profile_takes_the_last_cookie(world: World) -> None:
    """A deployment beside the originals reads what they read."""
    cookies = await world.signed_in()
    twice = [("cookie", f"access_token=stale; access_token={cookies['access_token']}")]
    assert (await world.driver.call("GET", "/me", headers=twice)).status == 200


PAGE = ("sec-fetch-mode", "cors")
COOKIES, BODY = (["user"], 3), (["user", "accessToken", "refreshToken"], 0)
BOTH = (BODY[0], COOKIES[1])


def parts(answer: Answer) -> tuple[list[str], int]:
    """What the body has, and how many cookies were set."""
    return list(answer.members), len(answer.all("set-cookie"))


@pytest.mark.parametrize(
    ("hides", "headers", "expected"),
    [
        (False, [], BOTH),
        (False, [PAGE], BOTH),
        (False, [("x-auth-delivery", "cookie")], COOKIES),
        (False, [("x-auth-delivery", "bearer")], BODY),
        (False, [("x-auth-delivery", " Bearer ")], BODY),
        (False, [("x-auth-delivery", "both")], BOTH),
        (True, [], BOTH),
        (True, [PAGE], COOKIES),
        (True, [PAGE, ("x-auth-delivery", "neither")], COOKIES),
        (True, [PAGE, ("x-auth-delivery", "bearer")], BODY),
        (True, [("x-auth-delivery", "cookie")], COOKIES),
    ],
)
async def test_a_client_gets_its_tokens_the_way_it_asks_for(
    hides: bool, headers: list[tuple[str, str]], expected: tuple[list[str], int]
) -> None:
    """One deployment serves pages, whose scripts must not hold tokens, and apps, which have no cookies."""
    async with a_world(token_delivery="both", cookies={"hide_tokens_from_browsers": hides}) as world:
        call = world.driver.call
        assert parts(await call("POST", "/login", json_body=LOGIN, headers=headers)) == expected
        assert parts(await call("POST", "/register", json_body=REGISTER, headers=headers)) == expected
        token = str((await sign_in(world)).members["refreshToken"])
        fresh = await call("POST", "/refresh", json_body={"refreshToken": token}, headers=headers)
        assert parts(fresh) == expected
        out = await call("POST", "/logout", headers=headers)
        assert (out.status, len(out.all("set-cookie"))) == (204, expected[1])


@pytest.mark.parametrize(("delivery", "expected"), [("cookie", COOKIES), ("bearer", BODY)])
async def test_a_client_cannot_ask_for_what_is_not_configured(
    delivery: str, expected: tuple[list[str], int]
) -> None:
    """A script on a page of a deployment by cookie must not be able to get hold of the tokens."""
    async with a_world(token_delivery=delivery) as world:
        for wanted in ("cookie", "bearer", "both"):
            headers = [("x-auth-delivery", wanted)]
            answer = await world.driver.call("POST", "/login", json_body=LOGIN, headers=headers)
            assert parts(answer) == expected
