"""
What a session weighs in Redis: the server's own account of its memory, before and after many sign-ins.

Every session belongs to another account, which is the dearest case: nothing is shared between them.
"""

import asyncio
import hashlib
from typing import Any, Final

from redis.asyncio import Redis

from benchmarks.private_redis import available, private_redis
from benchmarks.report import Table
from benchmarks.stores import RECORD, WEEK
from bymax_auth.ports.sessions import NewSession
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import KeyLayout, Realm, TokenRef

__all__ = ["run"]

_SESSIONS: Final = 100_000
_SESSIONS_WHEN_QUICK: Final = 500
_AT_ONCE: Final = 50
_NAMES: Final = Identifiers.of_key(b"0" * 64)


def run(*, quick: bool) -> list[Table]:
    """Measure both layouts."""
    if not available():
        print("memory: skipped, there is no redis-server", flush=True)
        return []
    count = _SESSIONS_WHEN_QUICK if quick else _SESSIONS
    rows = tuple((layout.value, count, asyncio.run(_weigh(layout, count))) for layout in KeyLayout)
    note = "growth of used_memory, one session per account, nothing else stored"
    return [Table("memory", "Redis memory", ("layout", "sessions", "bytes/session"), rows, (note,))]


async def _weigh(layout: KeyLayout, count: int) -> float:
    with private_redis() as address:
        url = f"{address}0"
        stores = RedisStores.from_url(url, layout=layout)
        redis: Any = Redis
        async with redis.from_url(url) as client:
            # The first sessions load the scripts and open every connection.
            await _sign_in(stores, 0, _AT_ONCE)
            before = await _used(client)
            for first in range(_AT_ONCE, _AT_ONCE + count, _AT_ONCE):
                await _sign_in(stores, first, _AT_ONCE)
            after = await _used(client)
        await stores.aclose()
    return (after - before) / count


async def _sign_in(stores: RedisStores, first: int, many: int) -> None:
    await asyncio.gather(*(_create(stores, number) for number in range(first, first + many)))


async def _create(stores: RedisStores, number: int) -> None:
    owner = _NAMES.subject(Realm.DASHBOARD, f"u{number}", "tenant-a")
    ref = TokenRef(hashlib.sha256(f"r{number}".encode()).hexdigest())
    await stores.sessions.create(owner, NewSession(ref=ref, record=RECORD, lifetime=WEEK))


async def _used(client: Any) -> int:
    facts = await client.info("memory")
    return int(facts["used_memory"])
