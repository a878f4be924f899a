"""On a Cluster a script sees one slot; every journey over HTTP is held to that, and here is what holds it."""

from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.crc import key_slot
from redis.exceptions import MovedError

from tests.integration.http.world import a_world
from tests.integration.keeping import keep_in
from tests.servers.cluster import RedisCluster
from tests.servers.scripts import product_scripts
from tests.servers.watch import strays, watched

TWO = "redis.call('SET', ARGV[1], 'x', 'PX', 1000) return redis.call('GET', KEYS[1])"
NO_KEYS = "return redis.call('TIME')"


@pytest.mark.parametrize(("script", "given"), [(TWO, 1), (NO_KEYS, 0)], ids=["two slots", "no keys"])
def test_a_script_that_a_cluster_could_not_place_is_found(
    redis_cluster: RedisCluster, script: str, given: int
) -> None:
    """Redis lets it pass for as long as one machine has both slots, and refuses after the next move."""
    ports = redis_cluster.master_ports()
    key, other = neighbours(ports[0])
    asked: Any
    with watched(ports) as runs, Redis(port=ports[0]) as asked:
        asked.eval(script, given, *[key, other][: given * 2])
        asked.eval("return redis.call('EXISTS', KEYS[1], KEYS[2])", 2, key, key + b"again")
    assert [run.given for run in strays(runs)] == [(key,)[:given]]
    assert len(runs) == 2


def neighbours(port: int) -> tuple[bytes, bytes]:
    """Two keys in different slots of one master."""
    asked: Any
    found: dict[int, bytes] = {}
    with Redis(port=port) as asked:
        for number in range(1000):
            key = b"{%d}" % number
            try:
                asked.exists(key)
            except MovedError:
                continue
            found[key_slot(key)] = key
            if len(found) == 2:
                break
    one, two = found.values()
    return one, two


async def test_a_journey_over_http_is_watched(
    redis_cluster: RedisCluster, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Nothing is found where nobody looks."""
    with keep_in("redis-cluster", request, tmp_path), watched(redis_cluster.master_ports()) as runs:
        async with a_world() as world:
            cookies = await world.signed_in()
            assert (await world.driver.call("POST", "/refresh", cookies=cookies)).status == 200
    watched_for = [product_scripts()[name] for name in ("attempt_begin", "session_create", "refresh_rotate")]
    names = {sent: known.name for known in watched_for for sent in (known.sha, known.source)}
    touched = {names[run.script]: run.touched for run in runs if run.script in names and run.touched}
    assert set(touched) == set(names.values())
    assert len(touched["session_create"]) > 3
