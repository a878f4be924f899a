"""A session is never one that somebody had before (I-14)."""

from datetime import timedelta

from tests.integration.http.world import LOGIN, World, a_world

PLANTED = {"refresh_token": "ab" * 32, "access_token": "e30.e30.e30", "has_session": "1"}


async def test_a_sign_in_takes_over_no_session_of_before() -> None:
    """Whoever planted their cookies in somebody's browser would share the session that is born there."""
    async with a_world() as world:
        answer = await world.driver.call("POST", "/login", json_body=LOGIN, cookies=PLANTED)
        born = answer.cookies
        assert answer.status == 200
        assert {born[name] for name in ("refresh_token", "access_token")} & set(PLANTED.values()) == set()
        assert await works(world, PLANTED) == (401, 401)
        assert await works(world, born) == (200, 200)


async def test_a_sign_in_over_a_session_leaves_two_and_shares_nothing() -> None:
    """Signing in as somebody else in one browser would move the first person's session over."""
    async with a_world() as world:
        first = await world.signed_in()
        second = (await world.driver.call("POST", "/login", json_body=LOGIN, cookies=first)).cookies
        assert first["refresh_token"] != second["refresh_token"]
        one, two = [
            world.engine.authenticate.access_tokens.verify(cookies["access_token"])
            for cookies in (first, second)
        ]
        assert one.jti != two.jti
        await end(world, second)
        assert await works(world, second) == (401, 401)
        assert await works(world, first) == (200, 200)


async def test_a_rotation_ends_what_it_replaces() -> None:
    """A token that was copied once would be good for as long as its owner keeps using the session."""
    async with a_world() as world:
        before = await world.signed_in()
        after = (await world.driver.call("POST", "/refresh", cookies=before)).cookies
        assert after["refresh_token"] != before["refresh_token"]
        assert after["access_token"] != before["access_token"]
        world.clock.advance(timedelta(minutes=1))
        assert (await world.driver.call("POST", "/refresh", cookies=before)).status == 401


async def works(world: World, cookies: dict[str, str]) -> tuple[int, int]:
    """What the access token and then the refresh token is answered with."""
    seen = await world.driver.call("GET", "/me", cookies=cookies)
    renewed = await world.driver.call("POST", "/refresh", cookies=cookies)
    return seen.status, renewed.status


async def end(world: World, cookies: dict[str, str]) -> None:
    assert (await world.driver.call("POST", "/logout", cookies=cookies)).status == 204
