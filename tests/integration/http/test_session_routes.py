"""The session routes: what an account's owner sees and ends."""

import hashlib

import pytest

from tests.integration.http.world import EMAIL, World, a_world, user

NOT_FOUND = b'{"error":{"code":"auth.session_not_found","message":"Session not found","details":null}}'
ALL = [("DELETE", "/sessions/all"), ("POST", "/sessions/revoke-all")]


def hash_of(cookies: dict[str, str]) -> str:
    return hashlib.sha256(cookies["refresh_token"].encode()).hexdigest()


async def test_the_list_is_bare_newest_first_and_marks_the_callers_own(world: World) -> None:
    """Somebody who looks for a stranger's session has to recognise their own."""
    agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/120.0 Safari/537.36"
    world.driver.default_headers = (("user-agent", agent),)
    first = await world.signed_in()
    world.clock.advance(world.engine.config.auth.jwt.refresh_grace_window)
    second = await world.signed_in()
    answer = await world.driver.call("GET", "/sessions", cookies=first)
    assert answer.status == 200
    expected = [
        {
            "id": hash_of(cookies)[:8],
            "sessionHash": hash_of(cookies),
            "device": "Chrome on macOS",
            "ip": "203.0.113.9",
            "isCurrent": cookies is first,
            "createdAt": created,
            "lastActivityAt": created,
        }
        for cookies, created in ((second, 1_767_268_830_000), (first, 1_767_268_800_000))
    ]
    assert answer.json() == expected
    assert isinstance(listed := answer.json(), list)
    assert list(listed[0]) == list(expected[0])


async def test_a_bearer_client_sees_no_current_session() -> None:
    """A GET has no body that could name one."""
    async with a_world(token_delivery="bearer") as world:
        token = str((await world.login()).members["accessToken"])
        answer = await world.driver.call("GET", "/sessions", bearer=token)
        assert isinstance(listed := answer.json(), list)
        assert [session["isCurrent"] for session in listed] == [False]


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_all_other_sessions_end_and_the_callers_stays(world: World, method: str, path: str) -> None:
    """The button says "everywhere else", in both spellings that clients use."""
    mine, other = await world.signed_in(), await world.signed_in()
    answer = await world.driver.call(method, path, cookies=mine)
    assert (answer.status, answer.body) == (204, b"")
    assert (await world.driver.call("POST", "/refresh", cookies=other)).status == 401
    assert (await world.driver.call("GET", "/me", cookies=mine)).status == 401
    assert (await world.driver.call("POST", "/refresh", cookies=mine)).status == 200


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_the_session_to_keep_may_be_named_in_the_body(world: World, method: str, path: str) -> None:
    """A native client has no cookie."""
    mine = await world.signed_in()
    answer = await world.driver.call(
        method,
        path,
        json_body={"refreshToken": mine["refresh_token"]},
        cookies={"access_token": mine["access_token"]},
    )
    assert answer.status == 204
    assert (await world.driver.call("POST", "/refresh", cookies=mine)).status == 200


@pytest.mark.parametrize(("method", "path"), ALL)
@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"{", b'{"refreshToken":"x"}', b'{"refreshToken":"%b"}' % (b"cd" * 32), b'{"x":1}']
)
async def test_nothing_ends_when_no_session_is_named(
    world: World, method: str, path: str, raw: bytes
) -> None:
    """A silent success would leave a stranger's session alive, or end the caller's own."""
    mine, other = await world.signed_in(), await world.signed_in()
    access = {"access_token": mine["access_token"]}
    answer = await world.driver.call(method, path, raw=raw, cookies=access)
    assert (answer.status, answer.body) == (404, NOT_FOUND)
    assert (await world.driver.call("POST", "/refresh", cookies=other)).status == 200


async def test_one_session_ends_by_its_hash(world: World) -> None:
    """A lost phone is signed out from the laptop."""
    mine, other = await world.signed_in(), await world.signed_in()
    answer = await world.driver.call("DELETE", f"/sessions/{hash_of(other)}", cookies=mine)
    assert (answer.status, answer.body) == (204, b"")
    assert (await world.driver.call("POST", "/refresh", cookies=other)).status == 401
    mine = (await world.driver.call("POST", "/refresh", cookies=mine)).cookies
    assert (await world.driver.call("DELETE", f"/sessions/{hash_of(mine)}", cookies=mine)).status == 204
    assert (await world.driver.call("POST", "/refresh", cookies=mine)).status == 401


async def test_a_foreign_session_looks_like_an_unknown_one(world: World) -> None:
    """A hash must not tell whether somebody else has a session."""
    world.users.add(user(id="u2", email="bob@example.com"))
    mine = await world.signed_in()
    foreign = (await world.login(email="bob@example.com")).cookies
    for target in (hash_of(foreign), "0" * 64):
        answer = await world.driver.call("DELETE", f"/sessions/{target}", cookies=mine)
        assert (answer.status, answer.body) == (404, NOT_FOUND)
    assert (await world.driver.call("POST", "/refresh", cookies=foreign)).status == 200


@pytest.mark.parametrize("target", ["0" * 63, "0" * 65, "A" * 64, "g" * 64, "x", "é" * 64, "all-but-mine"])
async def test_a_malformed_hash_is_named_after_the_guards(world: World, target: str) -> None:
    """A client with a bug hears of it; a stranger hears that they are one."""
    answer = await world.driver.call("DELETE", f"/sessions/{target}")
    assert (answer.status, answer.code) == (401, "auth.token_invalid")
    answer = await world.driver.call("DELETE", f"/sessions/{target}", cookies=await world.signed_in())
    assert (answer.status, answer.error["details"]) == (
        400,
        [{"field": "sessionHash", "message": "must be 64 lower-case hexadecimal characters"}],
    )


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/sessions"), ("DELETE", f"/sessions/{'0' * 64}"), *ALL]
)
async def test_a_blocked_account_manages_nothing(world: World, method: str, path: str) -> None:
    """Its sessions are the operator's to end."""
    cookies = await world.signed_in()
    world.users.replace(user(status="BANNED"))
    answer = await world.driver.call(method, path, cookies=cookies)
    assert (answer.status, answer.code) == (403, "auth.account_banned")
    await world.engine.drain()
    world.users._rows.clear()
    await world.engine.invalidate_user_status("u1", tenant_id="acme")
    answer = await world.driver.call(method, path, cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.token_invalid")
    assert EMAIL.encode() not in answer.body
