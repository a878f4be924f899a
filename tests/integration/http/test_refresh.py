"""Refresh: a fresh pair for a live session, and nothing for anybody else."""

import asyncio
import base64
import json

import pytest

from tests.integration.http.driver import Answer
from tests.integration.http.world import World, a_world, user

INVALID = (
    b'{"error":{"code":"auth.refresh_token_invalid",'
    b'"message":"Invalid or expired refresh token","details":null}}'
)


def claims_of(answer: Answer) -> dict[str, object]:
    payload = answer.cookies["access_token"].split(".")[1]
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


async def test_a_refresh_replaces_the_whole_session(world: World) -> None:
    """Half a session, or an old token that still works, is a session that can be stolen later."""
    before = await world.signed_in()
    answer = await world.driver.call("POST", "/refresh", cookies=before)
    assert answer.status == 200
    assert answer.members.keys() == {"user"}
    assert answer.cookies.keys() == before.keys()
    assert answer.cookies["refresh_token"] != before["refresh_token"]
    assert answer.cookies["access_token"] != before["access_token"]


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"", None),
        (b"", "application/json"),
        (b"{}", "application/json"),
        (b"{}", None),
        (b'{"refreshToken":null}', "text/plain"),
        (b'{"refreshToken":""}', "application/json"),
    ],
)
async def test_every_form_of_an_empty_body_works(world: World, raw: bytes, content_type: str | None) -> None:
    """Browser clients in the field send each of these; refusing one signs its users out."""
    cookies = await world.signed_in()
    headers = [] if content_type is None else [("content-type", content_type)]
    answer = await world.driver.call(
        "POST", "/refresh", raw=raw, content_type=None, headers=headers, cookies=cookies
    )
    assert answer.status == 200


async def test_the_token_may_come_in_the_body(world: World) -> None:
    """A native client has no cookies."""
    cookies = await world.signed_in()
    answer = await world.driver.call("POST", "/refresh", json_body={"refreshToken": cookies["refresh_token"]})
    assert answer.status == 200


@pytest.mark.parametrize(
    "token", [None, "", "x", "cd" * 32, "CD" * 32, "cd" * 31, "g" * 64, "é" * 64, "0" * 2048]
)
async def test_a_token_that_is_no_live_session_is_refused_alike(world: World, token: str | None) -> None:
    """The holder of a bad token learns only that they must sign in again."""
    answer = await world.driver.call("POST", "/refresh", json_body={"refreshToken": token})
    assert (answer.status, answer.body) == (401, INVALID)
    assert answer.all("set-cookie") == []


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"refreshToken":1}', "refreshToken"),
        (b'{"refreshToken":"%b"}' % (b"0" * 2049), "refreshToken"),
        (b'{"refresh_token":"x"}', "refresh_token"),
        (b'{"refreshToken":"a","refreshToken":"b"}', "refreshToken"),
    ],
)
async def test_a_malformed_body_is_told_so(world: World, raw: bytes, field: str) -> None:
    """A client with a bug needs to hear of it, not to see its users signed out."""
    answer = await world.driver.call("POST", "/refresh", raw=raw, cookies=await world.signed_in())
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", [field])


async def test_six_tabs_that_wake_together_all_stay_signed_in(world: World) -> None:
    """The third tab would be signed out, and the list would show one browser as several devices."""
    cookies = await world.signed_in()
    answers = await asyncio.gather(
        *(world.driver.call("POST", "/refresh", cookies=cookies) for _ in range(6))
    )
    assert [answer.status for answer in answers] == [200] * 6
    [successor] = {answer.cookies["refresh_token"] for answer in answers}
    for answer in answers:
        assert (await world.driver.call("GET", "/me", cookies=answer.cookies)).status == 200
    after = await world.driver.call("POST", "/refresh", cookies={"refresh_token": successor})
    assert after.status == 200


async def test_a_replayed_token_ends_its_login(world: World) -> None:
    """A stolen token and its owner's cannot both be right: both sign in again."""
    first = await world.signed_in()
    second = (await world.driver.call("POST", "/refresh", cookies=first)).cookies
    third = (await world.driver.call("POST", "/refresh", cookies=second)).cookies
    world.clock.advance(world.engine.config.auth.jwt.refresh_grace_window * 2)
    answer = await world.driver.call("POST", "/refresh", cookies=first)
    assert (answer.status, answer.body) == (401, INVALID)
    answer = await world.driver.call("POST", "/refresh", cookies=third)
    assert (answer.status, answer.body) == (401, INVALID)


async def test_a_banned_account_loses_every_session(world: World) -> None:
    """A ban that waits for a token to expire is not a ban."""
    cookies, other = await world.signed_in(), await world.signed_in()
    world.users.replace(user(status="BANNED"))
    answer = await world.driver.call("POST", "/refresh", cookies=cookies)
    assert (answer.status, answer.code) == (403, "auth.account_banned")
    assert answer.all("set-cookie") == []
    world.users.replace(user())
    assert (await world.driver.call("POST", "/refresh", cookies=other)).status == 401
    assert (await world.driver.call("GET", "/me", cookies=other)).code == "auth.token_invalid"


async def test_an_unverified_account_keeps_its_token(world: World) -> None:
    """Waiting for the code must not look like theft, however often the client asks."""
    cookies = await world.signed_in()
    world.users.replace(user(email_verified=False))
    for _ in range(3):
        answer = await world.driver.call("POST", "/refresh", cookies=cookies)
        assert (answer.status, answer.code) == (403, "auth.email_not_verified")
    world.users.replace(user())
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 200


async def test_a_deleted_account_is_signed_out(world: World) -> None:
    """Its token names nobody any more."""
    cookies = await world.signed_in()
    world.users._rows.clear()
    answer = await world.driver.call("POST", "/refresh", cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.token_invalid")


async def test_the_new_token_says_what_the_account_is_now(world: World) -> None:
    """A promotion must not wait for the next sign-in, nor a demotion."""
    cookies = await world.signed_in()
    world.users.replace(user(role="ADMIN"))
    claims = claims_of(await world.driver.call("POST", "/refresh", cookies=cookies))
    assert (claims["role"], claims["mfaVerified"], claims["status"]) == ("ADMIN", False, "")


async def test_a_bearer_deployment_ignores_a_stray_cookie() -> None:
    """A cookie of an earlier deployment must not shadow what the client sends."""
    async with a_world(token_delivery="bearer") as world:
        live = str((await world.login()).members["refreshToken"])
        answer = await world.driver.call("POST", "/refresh", cookies={"refresh_token": live})
        assert (answer.status, answer.body) == (401, INVALID)
        answer = await world.driver.call(
            "POST", "/refresh", json_body={"refreshToken": live}, cookies={"refresh_token": "cd" * 32}
        )
        assert answer.status == 200
        assert answer.members.keys() == {"user", "accessToken", "refreshToken"}
