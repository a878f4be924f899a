"""The in-memory store answers about a token from what it read, until something changes."""

import asyncio
from datetime import timedelta
from typing import Any

from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.embedded.revocation import EmbeddedRevocationStore
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import account

OWNER, OTHER = account(Realm.DASHBOARD), account(Realm.DASHBOARD, "u2")
MINUTE = timedelta(minutes=1)


class CountingQueries:
    """A database in front of another, which counts the queries that reach it."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.queries = inner, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def read(self, *arguments: Any) -> Any:
        self.queries += 1
        return await self.inner.read(*arguments)


def counting(stores: EmbeddedStores) -> tuple[EmbeddedRevocationStore, CountingQueries]:
    database: Any = CountingQueries(stores._database)
    return EmbeddedRevocationStore(database), database


async def test_an_unchanged_store_is_asked_once_about_a_token() -> None:
    """Every authenticated request would pay for a query whose answer is known."""
    revocation, database = counting(EmbeddedStores())
    for _ in range(5):
        assert not (await revocation.token_state(OWNER, "j1")).blacklisted
    assert database.queries == 1
    await revocation.token_state(OWNER, "j2")
    await revocation.token_state(OTHER, "j1")
    assert database.queries == 3


async def test_every_revocation_is_seen_by_the_next_question() -> None:
    """Somebody who signs out would stay signed in until the process restarts."""
    stores = EmbeddedStores()
    revocation, _ = counting(stores)
    assert not (await revocation.token_state(OWNER, "j1")).blacklisted
    await stores.revocation.blacklist(OWNER, "j1", MINUTE)
    assert (await revocation.token_state(OWNER, "j1")).blacklisted
    assert (await revocation.token_state(OWNER, "j2")).epoch == 0
    await stores.sessions.revoke_all(OWNER)
    assert (await revocation.token_state(OWNER, "j2")).epoch == 1


async def test_a_token_with_a_millisecond_left_is_revoked() -> None:
    """A sign-out in the last moment of a token would leave it valid for a request that is under way."""
    clock = FakeClock()
    stores = EmbeddedStores(clock=clock)
    await stores.revocation.blacklist(OWNER, "j1", timedelta(milliseconds=1))
    assert (await stores.revocation.token_state(OWNER, "j1")).blacklisted
    clock.advance(timedelta(milliseconds=1))
    assert not (await stores.revocation.token_state(OWNER, "j1")).blacklisted


async def test_a_cached_status_is_not_kept_beyond_its_time() -> None:
    """An account that was blocked would pass the status gate for as long as nothing else changes."""
    clock = FakeClock()
    stores = EmbeddedStores(clock=clock)
    revocation, _ = counting(stores)
    await stores.revocation.remember_status(OWNER, CachedStatus("ACTIVE", True), MINUTE)
    assert (await revocation.token_state(OWNER, "j1")).status == CachedStatus("ACTIVE", True)
    clock.advance(MINUTE)
    assert (await revocation.token_state(OWNER, "j1")).status is None


async def test_only_a_bounded_number_of_tokens_is_kept() -> None:
    """A server that runs for months would fill its memory with tokens that are long over."""
    revocation, database = counting(EmbeddedStores())
    for number in (*range(2_048), 0):
        await revocation.token_state(OWNER, f"j{number}")
    assert database.queries == 2_048, "the first one is still known"
    await revocation.token_state(OWNER, "j2048")
    assert len(revocation._states) == 1
    await revocation.token_state(OWNER, "j0")
    assert database.queries == 2_050


async def test_whoever_listens_hears_of_every_kind_of_revocation() -> None:
    """An open socket of a signed-out account would stay open until the next round of checks."""
    stores, heard = EmbeddedStores(), list[str | None]()
    stop = stores.revocation.listen(heard.append)
    await stores.sessions.revoke_all(OWNER)
    await stores.revocation.blacklist(OWNER, "j1", MINUTE)
    await stores.revocation.bump_epoch(OTHER)
    for over in (timedelta(0), -MINUTE):
        await stores.revocation.blacklist(OWNER, "j2", over)
    stop()
    await stores.sessions.revoke_all(OWNER)
    assert heard == [OWNER.hash, "j1", OTHER.hash]


async def test_many_tokens_are_read_in_turns_and_without_a_pause() -> None:
    """A thousand open sockets would be checked seconds after a revocation, or keep everybody else waiting."""
    revocation, database = counting(EmbeddedStores())
    tokens = [(OWNER, f"j{number}") for number in range(250)]
    reading = asyncio.create_task(revocation.token_states(tokens))
    queries = []
    while not reading.done() and len(queries) < 10:
        await asyncio.sleep(0)
        queries.append(database.queries)
    assert queries == [1, 2, 3, 3]
    assert len(await reading) == 250
