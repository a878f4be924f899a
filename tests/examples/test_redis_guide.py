"""The guide that moves a deployment to Redis: its lines run as printed, and open stores that work."""

import re
from pathlib import Path

from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.cluster import RedisCluster
from tests.servers.redis import RedisProcess

OWNER = account(Realm.DASHBOARD)
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "redis.md"


def choices(redis_url: str, cluster_url: str, file: Path) -> list[str]:
    """The guide's choices of a store, with addresses of this machine."""
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    local = (
        block.replace("redis://10.0.0.5:6379/0", redis_url)
        .replace("redis+cluster://10.0.0.5:7000", cluster_url)
        .replace("auth.db", str(file))
    )
    return [line.partition("  #")[0] for line in local.splitlines() if line]


async def test_every_line_of_the_guide_opens_a_store_that_works(
    redis_server: RedisProcess, redis_cluster: RedisCluster, tmp_path: Path
) -> None:
    """Whoever copies a line of the guide would find out in production that it does not run."""
    lines = choices(redis_server.url, redis_cluster.url, tmp_path / "auth.db")
    assert len(lines) == 4
    for line in lines:
        names: dict[str, object] = {"EmbeddedStores": EmbeddedStores, "RedisStores": RedisStores}
        exec(line, names)
        stores = names["stores"]
        assert isinstance(stores, EmbeddedStores | RedisStores)
        await stores.start()
        assert await stores.revocation.bump_epoch(OWNER) == 1
        assert await stores.revocation.current_epoch(OWNER) == 1
        await stores.aclose()
