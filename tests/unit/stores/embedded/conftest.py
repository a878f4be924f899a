"""A store in a file, and the file itself for a test to look into or damage."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store's file is."""
    return tmp_path / "auth.db"


@pytest.fixture
def clock() -> FakeClock:
    """The time that the store sees."""
    return FakeClock()


@pytest.fixture
async def stores(path: Path, clock: FakeClock) -> AsyncIterator[EmbeddedStores]:
    """A started store in the file."""
    opened = EmbeddedStores(path, clock=clock)
    await opened.start()
    yield opened
    await opened.aclose()


@pytest.fixture
def raw(stores: EmbeddedStores, path: Path) -> Iterator[sqlite3.Connection]:
    """The tables behind the store, unguarded."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()
