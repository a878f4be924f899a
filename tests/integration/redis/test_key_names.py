"""What the keys in Redis say of the people they belong to."""

from pathlib import Path

import pytest
from redis import Redis

from tests.integration.http.world import EMAIL, TENANT, World, a_world, user
from tests.integration.keeping import is_proper_key, keep_in

PERSON = "person-4711"
HASH = "0" * 64


@pytest.mark.parametrize(
    ("kind", "named"),
    [("redis-tagged", set()), ("redis-cluster", set()), ("redis-shared", {"us", "uev"})],
)
async def test_no_key_names_a_person(
    kind: str, named: set[str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whoever lists the keys could read who uses the product and who is locked out."""
    with keep_in(kind, request, tmp_path):
        async with a_world(accounts=(user(id=PERSON),)) as world:
            await lived(world)
            keys = [key for port in masters_of(kind, request) for key in keys_of(port)]
    telling = [key for key in keys if any(text in key for text in (PERSON, EMAIL, TENANT, "203.0.113"))]
    assert {key.split(":")[1] for key in telling} == named
    assert len(keys) >= 8


def test_the_walk_after_every_journey_tells_the_layouts_apart() -> None:
    """A key of the shared layout in the tagged one would pass for proper."""
    named, tagged = f"auth:us:{TENANT}:{PERSON}", f"auth:{{00ff}}:us:{HASH}"
    assert [is_proper_key(named, kind) for kind in ("redis-shared", "redis-tagged")] == [True, False]
    assert [is_proper_key(tagged, kind) for kind in ("redis-shared", "redis-tagged")] == [False, True]
    assert not is_proper_key(f"auth:{{00ff}}:us:{TENANT}:{PERSON}", "redis-cluster")
    assert not is_proper_key(f"auth:lf:{EMAIL}", "redis-shared")


async def lived(world: World) -> None:
    """Sign in, look, refresh, fail, forget."""
    cookies = await world.signed_in()
    assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
    assert (await world.driver.call("GET", "/sessions", cookies=cookies)).status == 200
    assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 200
    wrong = {"email": EMAIL, "password": "not her password", "tenantId": TENANT}
    assert (await world.driver.call("POST", "/login", json_body=wrong)).status == 401
    forgot = {"email": EMAIL, "tenantId": TENANT}
    await world.driver.call("POST", "/password/forgot-password", json_body=forgot)
    await world.engine.assert_user_active_and_verified(PERSON, tenant_id=TENANT)
    await world.engine.drain()


def masters_of(kind: str, request: pytest.FixtureRequest) -> tuple[int, ...]:
    server = request.getfixturevalue("redis_cluster" if kind == "redis-cluster" else "redis_server")
    return tuple(server.master_ports()) if kind == "redis-cluster" else (server.port,)


def keys_of(port: int) -> list[str]:
    with Redis(port=port, decode_responses=True) as master:
        return list(master.scan_iter(count=1000))
