"""
What an authenticated request and a refresh cost when everything is kept in one Redis.

Ours, the npm package under Node, and FastAPI Users' Redis strategy take turns on the same private server.
Processor time is that of the application's process alone; latency is what one client waits.
"""

import statistics
from contextlib import ExitStack
from typing import Final

from benchmarks.aged_feed import age, asked_of
from benchmarks.clients import CONNECTIONS, Server
from benchmarks.contenders import CONTENDERS, ME, NEST, REFRESH
from benchmarks.latency import asker, latencies, percentile
from benchmarks.measure import Figures, Plan, interleaved, pinned, ratio
from benchmarks.node import Unavailable, nest_command
from benchmarks.private_redis import available, private_redis
from benchmarks.report import Table

__all__ = ["run"]

_COLUMNS: Final = ("application", "CPU µs/request", "± µs", "× ours", "p50 ms", "p99 ms")
_NOTES: Final = (
    f"client, application and Redis on one core; CPU with {CONNECTIONS} connections, latency with one",
    "CPU is the application's process alone, with all its threads",
)
_MORE: Final = {
    ME: "FastAPI Users reads one key for an opaque token; ours and npm's verify a JWT and ask Redis",
    REFRESH: "FastAPI Users has no refresh; its row reads the token and writes one more, replacing nothing",
}
_CHECKS: Final = 20
FEED: Final = "redis-feed"


def run(*, quick: bool) -> list[Table]:
    """Measure both operations; contenders that cannot run here are named and left out."""
    if not available():
        print("redis: skipped, there is no redis-server", flush=True)
        return []
    # On one core everybody takes turns: waking another core would be charged to whoever wakes it.
    with pinned(), private_redis() as address, ExitStack() as stack:
        servers = [stack.enter_context(server) for server in _servers(address)]
        _assert_memory_answers(servers, address)
        return [_table(operation, servers, quick=quick) for operation in (ME, REFRESH)]


def _servers(address: str) -> list[Server]:
    names = ["redis", FEED, "users-redis", "tuned-redis"]
    # A database each: nobody finds what another has written.
    databases = [{"BENCHMARK_REDIS": f"{address}{number}"} for number in range(len(names) + 1)]
    age(f"{address}{names.index(FEED)}")
    servers = [
        Server(CONTENDERS[name], environment=database)
        for name, database in zip(names, databases, strict=False)
    ]
    try:
        servers.append(Server(NEST, command=nest_command(), environment=databases[-1]))
    except Unavailable as reason:
        print(f"redis: the npm package is skipped, {reason}", flush=True)
    return servers


def _assert_memory_answers(servers: list[Server], address: str) -> None:
    """Show that the feed is what its row says: its requests reach no Redis."""
    feed = next(server for server in servers if server.contender.name == FEED)
    ask = asker(feed, ME)
    before = asked_of(address)
    for _ in range(_CHECKS):
        ask()
    if asked_of(address) != before:
        raise RuntimeError("the feed's memory does not answer")


def _table(operation: str, servers: list[Server], *, quick: bool) -> Table:
    turns = {server.contender.name: server.turn(operation) for server in servers}
    # Node compiles what it has run often: a short warm-up would measure its interpreter.
    for turn in turns.values():
        turn(50 if quick else 3_000)
    cpu = interleaved(turns, Plan.of(quick=quick))
    asks = {server.contender.name: asker(server, operation) for server in servers}
    waits = latencies(asks, 5 if quick else 200)
    rows = tuple(
        _row(server.contender.label, cpu[name], cpu["redis"], waits[name])
        for server in servers
        for name in (server.contender.name,)
    )
    key = f"redis.{operation}".replace(" ", "_").lower()
    return Table(key, f"{operation}, on Redis", _COLUMNS, rows, (*_NOTES, _MORE[operation]))


def _row(label: str, cpu: Figures, first: Figures, waits: list[float]) -> tuple[str | float, ...]:
    p50, p99 = statistics.median(waits), percentile(waits, 99)
    return label, cpu.median / 1e3, cpu.spread / 1e3, ratio(cpu, first), p50, p99
