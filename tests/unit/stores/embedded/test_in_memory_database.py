"""The in-memory form."""

import asyncio
import os
import sqlite3
from datetime import timedelta

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.attempts import RateVerdict
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.embedded.displacement import REQUESTS
from bymax_auth.stores.embedded.in_memory_database import InMemoryDatabase
from bymax_auth.types.identity import KeyLayout
from tests.contract.samples import account, is_live, sign_in


async def test_it_says_that_it_forgets(caplog: pytest.LogCaptureFixture) -> None:
    """A production configuration must be able to refuse it."""
    stores = EmbeddedStores()
    await stores.start()
    assert (stores.volatile, stores.allow_in_production, stores.layout) == (True, False, KeyLayout.SHARED)
    await stores.aclose()
    insisting = EmbeddedStores(allow_in_production=True)
    assert insisting.allow_in_production
    await insisting.aclose()
    assert caplog.messages == []


async def test_a_forked_worker_is_told_that_it_shares_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Sessions would come and go with the worker that happens to answer."""
    stores = EmbeddedStores()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    await stores.start()
    assert "each worker has sessions of its own" in caplog.text
    await stores.aclose()


async def test_it_expires_without_an_injected_clock() -> None:
    """The steady counter of the machine decides."""
    stores = EmbeddedStores()
    verdict = await stores.rate_limits.hit("login", "client", 1, timedelta(minutes=1))
    assert verdict == RateVerdict(True, timedelta(minutes=1))
    refused = await stores.rate_limits.hit("login", "client", 1, timedelta(minutes=1))
    assert not refused.allowed
    assert timedelta(seconds=50) < refused.retry_after <= timedelta(minutes=1)
    await stores.aclose()


async def test_a_start_ends_no_session() -> None:
    """A host that starts the store after its first use, or twice, would sign everybody out."""
    stores = EmbeddedStores()
    await sign_in(stores, account(), "a")
    await stores.start()
    assert await is_live(stores, account(), "a")
    await stores.aclose()
    await stores.start()
    await sign_in(stores, account(), "b")
    await stores.start()
    assert await is_live(stores, account(), "b")
    await stores.aclose()


async def test_every_thread_may_use_it() -> None:
    """A host that authenticates in a thread of its own would get no answer."""
    stores = EmbeddedStores()
    assert await asyncio.to_thread(asyncio.run, stores.revocation.bump_epoch(account())) == 1
    assert await stores.revocation.current_epoch(account()) == 1
    await stores.aclose()


async def test_two_stores_share_nothing() -> None:
    """A test that leaves a session behind must not change the next."""
    one, other = EmbeddedStores(), EmbeddedStores()
    await sign_in(one, account(), "a")
    assert await other.sessions.list(account()) == ()
    await one.aclose()
    await other.aclose()


async def test_a_closed_store_does_not_answer() -> None:
    """An engine that goes on after its end must fail closed."""
    stores = EmbeddedStores()
    for _ in range(2):
        await stores.aclose()
    for use in (
        stores.sessions.list(account()),
        stores.sessions.revoke_all(account()),
        sign_in(stores, account(), "a"),
    ):
        with pytest.raises(StoreUnavailable):
            await use


async def test_everything_that_may_change_a_row_is_counted() -> None:
    """A token would be accepted by what was read before it was revoked."""
    database = InMemoryDatabase(lambda: 1, 100)
    seen = [database.changes]

    def nothing(_cursor: sqlite3.Cursor, _now: int) -> None:
        seen.append(database.changes)

    await database.change(nothing)
    await database.grow(nothing)
    await database.displace(REQUESTS, "key", nothing)
    await database.aclose()
    seen.append(database.changes)
    await database.start()
    seen.append(database.changes)
    await database.aclose()
    assert seen == sorted(set(seen)), "each number is above the last"


async def test_a_transition_that_fails_half_way_leaves_nothing() -> None:
    """Half a sign-in is a session that nobody can end."""
    database = InMemoryDatabase(lambda: 1, 100)

    def half(cursor: sqlite3.Cursor, now: int, failure: Exception) -> None:
        cursor.execute("INSERT INTO blacklist VALUES ('jti', ?)", (now + 1,))
        raise failure

    def found(cursor: sqlite3.Cursor, _now: int) -> list[object]:
        return cursor.execute("SELECT jti FROM blacklist").fetchall()

    for failure, expected in (
        (sqlite3.OperationalError("disk full"), StoreUnavailable),
        (KeyError(), KeyError),
    ):
        with pytest.raises(expected) as caught:
            await database.change(half, failure)
        assert "disk" not in str(caught.value)
        assert await database.read(found) == []
    await database.aclose()
