"""An operation on a file that another connection keeps locked says in the log which bound it exceeded."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.attempts import CounterId
from bymax_auth.stores.embedded import EmbeddedStores
from tests.contract.samples import account, otp


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's write lock from another connection."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@pytest.fixture
async def impatient(path: Path) -> AsyncIterator[EmbeddedStores]:
    """A store that waits for a lock for 10 ms."""
    stores = EmbeddedStores(path, busy_timeout_ms=10)
    yield stores
    await stores.aclose()


def exceeded(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str, int]]:
    """The bounds of the log, and how many warnings of each were left out before."""
    found = [vars(record) for record in caplog.records if vars(record).get("event") == "store.bound_exceeded"]
    return [(record["bound"], record["limit"], record["option"], record["suppressed"]) for record in found]


OPTION = "EmbeddedStores(busy_timeout_ms=...) or BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS"
BUSY = ("busy_timeout_ms", "10 ms", OPTION, 0)


async def test_a_locked_file_is_named_once_for_a_burst(
    impatient: EmbeddedStores, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A burst of sign-ins during a backup would be refused, and nobody would know what to change."""
    await impatient.start()
    with locked(path):
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await impatient.revocation.bump_epoch(account())
    assert exceeded(caplog) == [BUSY]
    assert await impatient.revocation.bump_epoch(account()) == 1


async def test_a_file_that_is_locked_at_the_start_is_named(
    impatient: EmbeddedStores, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A service that another one keeps from starting would not say for how long it waited."""
    with locked(path), pytest.raises(StoreUnavailable, match="database is locked"):
        await impatient.start()
    assert exceeded(caplog) == [BUSY]


async def test_any_other_failure_exceeds_no_bound(
    impatient: EmbeddedStores, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator would raise a limit because a file is damaged."""
    path.write_text("my diary, which is certainly no database\n" * 50)
    with pytest.raises(StoreUnavailable):
        await impatient.start()
    assert exceeded(caplog) == []


async def test_a_full_store_exceeds_its_number_of_rows(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The store refuses at once, and waiting longer would not help."""
    stores = EmbeddedStores(path, max_entries=0)
    with pytest.raises(StoreUnavailable, match="full"):
        await stores.otps.put(otp(), "x", timedelta(minutes=1))
    assert exceeded(caplog) == [("max_entries", "0 rows", "EmbeddedStores(max_entries=...)", 0)]
    await stores.aclose()


async def test_a_bound_that_nothing_exceeds_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    """An operator would raise a bound at the first wrong password."""
    stores = EmbeddedStores()
    for _ in range(2):
        await stores.attempts.fail(CounterId("f" * 64, "0000"), timedelta(minutes=1))
    await stores.aclose()
    assert exceeded(caplog) == []
