"""A credential in an address is no credential (I-4)."""

import pytest

from bymax_auth.http.routes import AnyRoute
from tests.integration.http.requests import ADMINISTRATORS, GUARDED, path_of, route_id
from tests.integration.http.world import World, a_world

NAMES = ("access_token", "refresh_token", "token", "accessToken", "refreshToken", "authorization", "jwt")


async def signed_in(world: World) -> bytes:
    """A query with the tokens of a live session of each realm, in every way that somebody might try."""
    cookies = await world.signed_in()
    pairs = [f"{name}={cookies['access_token']}" for name in NAMES]
    pairs += [f"{name}={cookies['refresh_token']}" for name in NAMES]
    pairs += [f"{name}={token}" for name in NAMES for token in await world.administrators_tokens()]
    return "&".join(pairs).encode()


@pytest.mark.parametrize("spec", [*GUARDED, *ADMINISTRATORS], ids=route_id)
@pytest.mark.parametrize("delivery", ["cookie", "bearer", "both"])
async def test_a_guarded_route_does_not_read_its_address(spec: AnyRoute, delivery: str) -> None:
    """Proxies, histories and referrers would hold people's tokens, if one in an address were good."""
    async with a_world(accounts=None) as issuing:
        query = await signed_in(issuing)
        async with a_world(token_delivery=delivery) as world:
            with_query = await world.driver.call(spec.method, path_of(spec), query=query)
            without = await world.driver.call(spec.method, path_of(spec))
        own = await issuing.driver.call(spec.method, path_of(spec), query=query)
    assert own.status == 401
    assert (with_query.status, with_query.body, with_query.headers) == (
        without.status,
        without.body,
        without.headers,
    )


async def test_no_session_is_refreshed_or_ended_through_an_address() -> None:
    """A link in a mail could sign somebody out, or hand their session on."""
    async with a_world() as world:
        cookies = await world.signed_in()
        query = "&".join(f"{name}={cookies['refresh_token']}" for name in NAMES).encode()
        assert (await world.driver.call("POST", "/refresh", query=query)).code == "auth.refresh_token_invalid"
        assert (await world.driver.call("POST", "/logout", query=query)).status == 204
        assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
        assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 200


async def test_no_administrator_is_refreshed_or_signed_out_through_an_address() -> None:
    """The console's address bar would be a way to hand on, or to end, an administrator's session."""
    async with a_world() as world:
        access, refresh = await world.administrators_tokens()
        query = "&".join(f"{name}={refresh}" for name in NAMES).encode()
        answer = await world.driver.call("POST", "/platform/refresh", query=query)
        assert answer.code == "auth.refresh_token_invalid"
        assert (await world.driver.call("POST", "/platform/logout", query=query)).status == 204
        assert (await world.driver.call("GET", "/platform/me", bearer=access)).status == 200
