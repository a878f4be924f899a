"""What a step reads where there are many sessions: in the store, or of one account."""

import sqlite3
from collections.abc import Awaitable
from typing import Any

import pytest

from bymax_auth.ports.sessions import Created
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.session_details import HANDLED_AT_ONCE
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm, Subject
from tests.contract.samples import account, new_session, sign_in, token

OWNER = account(Realm.DASHBOARD)
MANY = 50_000
STEP = 100
"""How many instructions of SQLite are counted as one."""


@pytest.fixture
def stores(clock: FakeClock) -> EmbeddedStores:
    return EmbeddedStores(clock=clock)


def connection_of(stores: EmbeddedStores) -> sqlite3.Connection:
    database: Any = stores._database
    return database._transactions._connection


def add(stores: EmbeddedStores, owner: Subject, number: int = MANY) -> None:
    """Sessions from before their number was limited."""
    connection_of(stores).execute(
        """WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
           INSERT INTO sessions
             SELECT ?, printf('%064d', n), ?, 'old-' || n, '{}', '{}', n, ? FROM numbers""",
        (number, owner.realm, owner.hash, 10**15),
    )


async def instructions(stores: EmbeddedStores, work: Awaitable[object]) -> int:
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += STEP
        return 0

    connection_of(stores).set_progress_handler(count, STEP)
    await work
    connection_of(stores).set_progress_handler(None, STEP)
    return counted


@pytest.mark.parametrize("family", [None, "mine"])
async def test_ending_a_login_reads_no_session_of_others(stores: EmbeddedStores, family: str | None) -> None:
    """Each sign-out would stall everybody for longer, the more people are signed in."""
    add(stores, account(user_id="u2"))
    await sign_in(stores, OWNER, "mine", family=family)
    assert await instructions(stores, stores.sessions.revoke(OWNER, token("mine").hash)) < 10_000
    assert await stores.sessions.list(OWNER) == ()


async def test_a_sign_in_reads_a_part_of_too_many_sessions(stores: EmbeddedStores) -> None:
    """Everybody would wait while one account's old sessions are counted, at each of its sign-ins."""
    add(stores, OWNER)
    found: list[object] = []

    async def sign_in_again() -> None:
        found.append(await stores.sessions.create(OWNER, new_session(OWNER, "new", family="new", cap=100)))

    assert await instructions(stores, sign_in_again()) < 20 * MANY
    (created,) = found
    assert isinstance(created, Created)
    assert created.evicted == tuple(f"{number:064d}" for number in range(1, HANDLED_AT_ONCE - 100 + 2))


async def test_a_limit_of_more_than_is_handled_at_once_is_kept(stores: EmbeddedStores) -> None:
    """A host that allows so many logins would have no limit at all."""
    cap = HANDLED_AT_ONCE + 1
    add(stores, OWNER, 5 * cap)
    created = await stores.sessions.create(OWNER, new_session(OWNER, "new", family="new", cap=cap))
    assert isinstance(created, Created)
    assert len(created.evicted) == 4 * cap + 1 - cap
