"""Logout: whoever asks is signed out, whatever they still hold."""

from datetime import timedelta

import pytest

from tests.integration.http.world import World, a_world

GONE = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
CLEARS = [
    f"access_token=; Path=/; {GONE}; HttpOnly; Secure; SameSite=Lax",
    f"refresh_token=; Path=/auth; {GONE}; HttpOnly; Secure; SameSite=Strict",
    f"has_session=; Path=/; {GONE}; Secure; SameSite=Lax",
]


async def test_both_tokens_die_and_the_cookies_go(world: World) -> None:
    """A token that survives its sign-out belongs to whoever finds it."""
    cookies = await world.signed_in()
    answer = await world.driver.call("POST", "/logout", cookies=cookies)
    assert (answer.status, answer.body, answer.all("set-cookie")) == (204, b"", CLEARS)
    assert answer.header("content-type") is None
    assert answer.header("content-length") is None
    assert (await world.driver.call("GET", "/me", cookies=cookies)).code == "auth.token_invalid"
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 401


async def test_an_expired_access_token_does_not_keep_anybody_in(world: World) -> None:
    """Somebody who comes back after lunch and signs out means it."""
    cookies = await world.signed_in()
    world.clock.advance(timedelta(minutes=16))
    assert (await world.driver.call("POST", "/logout", cookies=cookies)).status == 204
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 401


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"{",
        b"[]",
        b"\xff",
        b'{"refreshToken":7}',
        b'{"other":1}',
        b'{"refreshToken":"%b"}' % (b"0" * 2049),
        b'{"refreshToken":"short"}',
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
async def test_a_caller_with_nothing_usable_is_signed_out_too(
    world: World, raw: bytes, content_type: str | None
) -> None:
    """A client that cannot sign out shows its user a session that is not there."""
    answer = await world.driver.call("POST", "/logout", raw=raw, content_type=content_type)
    assert (answer.status, answer.all("set-cookie")) == (204, CLEARS)


async def test_a_body_past_the_cap_is_refused_even_here() -> None:
    """The cap protects the process, which does not depend on who asks."""
    async with a_world(max_body_bytes=100) as world:
        answer = await world.driver.call("POST", "/logout", raw=b"x" * 101)
        assert (answer.status, answer.fields) == (400, ["body"])
        assert answer.all("set-cookie") == []


async def test_a_malformed_body_does_not_hide_the_cookie(world: World) -> None:
    """The session in the cookie ends whatever the body says."""
    cookies = await world.signed_in()
    assert (await world.driver.call("POST", "/logout", raw=b"{", cookies=cookies)).status == 204
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 401


async def test_a_forged_token_cannot_sign_somebody_else_out(world: World) -> None:
    """Anybody can copy a token's id; only its signature makes it theirs."""
    cookies = await world.signed_in()
    head, payload, _ = cookies["access_token"].split(".")
    forged = {"access_token": f"{head}.{payload}.{'A' * 43}"}
    assert (await world.driver.call("POST", "/logout", cookies=forged)).status == 204
    assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200


async def test_a_store_that_is_down_cannot_keep_anybody_in(world: World) -> None:
    """The browser forgets the session even when the server cannot."""
    cookies = await world.signed_in()
    await world.stores.aclose()
    answer = await world.driver.call("POST", "/logout", cookies=cookies)
    assert (answer.status, answer.all("set-cookie")) == (204, CLEARS)


async def test_a_bearer_deployment_clears_only_what_was_sent() -> None:
    """A client without cookies is not sent three; one with leftovers is rid of them."""
    async with a_world(token_delivery="bearer") as world:
        body = (await world.login()).members
        access, refresh = str(body["accessToken"]), str(body["refreshToken"])
        answer = await world.driver.call(
            "POST", "/logout", bearer=access, json_body={"refreshToken": refresh}
        )
        assert (answer.status, answer.all("set-cookie")) == (204, [])
        assert (await world.driver.call("GET", "/me", bearer=access)).status == 401
        answer = await world.driver.call("POST", "/logout", cookies={"access_token": "leftover"})
        assert answer.all("set-cookie") == CLEARS[:1]
