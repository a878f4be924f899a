"""Every kind of store that the contract suites run on, and how a test opens one."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from bymax_auth.ports.clock import Clock
from bymax_auth.ports.stores import AuthStores
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from tests.contract.routes import routed
from tests.long import LONG
from tests.servers.ageing import AgeingClock
from tests.servers.cluster import RedisCluster
from tests.servers.patience import file_stores, redis_stores
from tests.servers.redis import RedisProcess

__all__ = [
    "KINDS",
    "SHARED_KINDS",
    "StoreSource",
    "clock",
    "clock_of",
    "empty_place",
    "measured",
    "realm",
    "shared_source",
    "store_source",
    "stores",
]

SHARED_KINDS = ("embedded-file", "redis-shared", "redis-tagged", "redis-cluster")
"""The kinds that several processes can open."""

KINDS = ("embedded-memory", *SHARED_KINDS)


@dataclass(frozen=True, slots=True)
class StoreSource:
    """Where one test's data is; another process that is given it opens the same data."""

    kind: str
    location: str

    @property
    def on_redis(self) -> bool:
        return self.kind.startswith("redis")

    @property
    def masters(self) -> tuple[int, ...]:
        """The ports of the servers that hold the data."""
        return tuple(int(port) for port in self.location.partition("#")[2].split(",") if port)

    def open(self, clock: Clock | None = None) -> AuthStores:
        """A bundle over the data, not yet started."""
        if self.kind == "embedded-memory":
            return EmbeddedStores(clock=clock)
        if self.kind == "embedded-file":
            return file_stores(self.location, clock)
        url = self.location.partition("#")[0]
        if self.kind == "redis-shared":
            return redis_stores(url)
        return routed(redis_stores(url, layout="tagged"))


def empty_place(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> StoreSource:
    """An empty place for data of that kind."""
    if not kind.startswith("redis"):
        return StoreSource(kind, str(tmp_path / "auth.db"))
    if kind == "redis-cluster":
        cluster: RedisCluster = request.getfixturevalue("redis_cluster")
        return StoreSource(kind, f"{cluster.url}#{','.join(str(port) for port in cluster.master_ports())}")
    server: RedisProcess = request.getfixturevalue("redis_server")
    return StoreSource(kind, f"{server.url}#{server.port}")


def usual(kinds: Sequence[str]) -> list[str]:
    """The kinds of this run: the layout of one server is that of the Cluster, which always runs."""
    return [kind for kind in kinds if LONG or kind != "redis-tagged"]


def measured(kinds: Sequence[str]) -> list[ParameterSet]:
    """The kinds of this run as parameters; what the last two run of the package, the others run too."""
    untraced = ("redis-tagged", "redis-cluster")
    return [pytest.param(kind, marks=[pytest.mark.untraced] * (kind in untraced)) for kind in usual(kinds)]


@pytest.fixture(params=measured(KINDS))
def store_source(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSource:
    """An empty place for data, of each kind."""
    return empty_place(request.param, request, tmp_path)


@pytest.fixture(params=usual(SHARED_KINDS))
def shared_source(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSource:
    """An empty place for data, of each kind that several processes can open."""
    return empty_place(request.param, request, tmp_path)


def clock_of(source: StoreSource) -> FakeClock:
    """The time that stores on that data see."""
    return AgeingClock(source.masters) if source.on_redis else FakeClock()


@pytest.fixture
def clock(store_source: StoreSource) -> FakeClock:
    """The time that the stores under test see."""
    return clock_of(store_source)


@pytest.fixture
async def stores(store_source: StoreSource, clock: FakeClock) -> AsyncIterator[Any]:
    """A started bundle of each kind."""
    opened = store_source.open(clock)
    await opened.start()
    yield opened
    await opened.aclose()


@pytest.fixture(params=tuple(Realm))
def realm(request: pytest.FixtureRequest) -> Realm:
    """Both populations."""
    return Realm(request.param)
