"""Every kind of store that the contract suites run on, and how a test opens one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bymax_auth.ports.clock import Clock
from bymax_auth.ports.stores import AuthStores
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm

__all__ = ["StoreSource", "clock", "realm", "store_source", "stores"]

KINDS = ("embedded-memory", "embedded-file")


@dataclass(frozen=True, slots=True)
class StoreSource:
    """Where one test's data is; another process that is given it opens the same data."""

    kind: str
    location: str

    def open(self, clock: Clock | None = None) -> AuthStores:
        """A bundle over the data, not yet started."""
        if self.kind == "embedded-memory":
            return EmbeddedStores(clock=clock)
        return EmbeddedStores(self.location, clock=clock)


@pytest.fixture(params=KINDS)
def store_source(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSource:
    """An empty place for data, of each kind."""
    return StoreSource(request.param, str(tmp_path / "auth.db"))


@pytest.fixture
def clock() -> FakeClock:
    """The time that the stores under test see."""
    return FakeClock()


@pytest.fixture
async def stores(store_source: StoreSource, clock: FakeClock) -> AsyncIterator[AuthStores]:
    """A started bundle of each kind."""
    opened = store_source.open(clock)
    await opened.start()
    yield opened
    await opened.aclose()


@pytest.fixture(params=tuple(Realm))
def realm(request: pytest.FixtureRequest) -> Realm:
    """Both populations."""
    return Realm(request.param)
