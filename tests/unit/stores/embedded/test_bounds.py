"""The store is bounded: what is refused when it is full, and what frees room."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.attempts import Go, Locked
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import (
    PASSWORD_RESET,
    PROOF_GENERATION,
    VERIFIED_RESET,
    ProofGeneration,
    ResetContext,
)
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import (
    LIFETIME,
    account,
    counter,
    exchange,
    invitation,
    invitation_token,
    invitee,
    is_live,
    otp,
    rotation,
    sign_in,
)

MINUTE = timedelta(minutes=1)
MOMENT = timedelta(milliseconds=500)
"""Shorter than the interval at which expired rows are removed."""
DIGEST = "d" * 64
RESET = ResetContext(user_id="u1", email="ada@example.com", tenant_id="tenant-a", password_fingerprint="f")
TABLES = (
    "sessions",
    "grace",
    "consumed",
    "families",
    "epochs",
    "blacklist",
    "counters",
    "otps",
    "marks",
    "proofs",
)


@pytest.fixture
async def small(clock: FakeClock) -> AsyncIterator[EmbeddedStores]:
    """A store with room for ten rows."""
    opened = EmbeddedStores(clock=clock, max_entries=10)
    await opened.start()
    yield opened
    await opened.aclose()


async def fill(small: EmbeddedStores) -> None:
    """A session, its family, and eight codes."""
    await sign_in(small, account(), "a")
    for number in range(8):
        await small.otps.put(replace(otp(), hash=str(number)), "x", MINUTE)


async def test_a_full_store_refuses_to_grow_and_evicts_nothing(small: EmbeddedStores) -> None:
    """A flood would otherwise sign people out, or eat all memory."""
    assert await small.has_room()
    await fill(small)
    owner = account()
    for growing in (
        sign_in(small, owner, "b"),
        small.otps.put(otp(), "x", MINUTE),
        small.revocation.remember_status(owner, CachedStatus("ACTIVE", None), MINUTE),
    ):
        with pytest.raises(StoreUnavailable, match="full"):
            await growing
    assert await is_live(small, owner, "a")
    assert not await small.has_room()


async def test_a_full_store_still_takes_access_away(small: EmbeddedStores) -> None:
    """Whoever fills the store must not keep anybody from signing out or being locked out."""
    await fill(small)
    owner = account()
    assert (await small.rate_limits.hit("logout", "0", 1, MINUTE)).allowed
    await small.revocation.blacklist(owner, "jti", MINUTE)
    assert (await small.revocation.token_state(owner, "jti")).blacklisted
    assert await small.attempts.begin(counter(), 5) == Go()
    assert (await small.attempts.fail(counter(), MINUTE)).count == 1
    assert (await small.sessions.revoke_all(owner)).epoch == 1


async def test_a_full_store_still_exchanges_refresh_tokens(small: EmbeddedStores) -> None:
    """Nobody who is signed in may be signed out by somebody who is not."""
    await fill(small)
    await exchange(small, account(), "a", "b")
    assert await is_live(small, account(), "b")


async def test_a_full_store_still_ends_and_exchanges_proofs(small: EmbeddedStores) -> None:
    """An administrator who blocks a thief ends the mails of before, and a consumed code is not lost."""
    await fill(small)
    with pytest.raises(StoreUnavailable, match="full"):
        await small.proofs.put(PASSWORD_RESET, DIGEST, RESET, MINUTE)
    await small.proofs.put(PROOF_GENERATION, DIGEST, ProofGeneration("g"), MINUTE)
    assert await small.proofs.read(PROOF_GENERATION, DIGEST) == ProofGeneration("g")
    await small.proofs.put(VERIFIED_RESET, DIGEST, RESET, MINUTE)
    assert await small.proofs.consume(VERIFIED_RESET, DIGEST) == RESET


async def test_a_full_store_begins_nothing_with_the_second_factor_and_ends_what_began(
    small: EmbeddedStores,
) -> None:
    """A code would be spent on a sign-in that finds no room, or a lock stay that its holder releases."""
    owner, setup = account(), MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    await small.mfa.put_setup(owner, setup, MINUTE)
    await small.mfa.put_temp(owner, DIGEST, MINUTE)
    await small.mfa.acquire_lock(owner, "nonce", MINUTE)
    for number in range(7):
        await small.otps.put(replace(otp(), hash=str(number)), "x", MINUTE)
    stranger, other = account(user_id="u2"), "e" * 64
    for growing in (
        small.mfa.put_setup(stranger, setup, MINUTE),
        small.mfa.put_temp(owner, other, MINUTE),
        small.mfa.mark_totp_used(owner, other, MINUTE),
        small.mfa.claim_recovery_code(owner, other, MINUTE),
        small.mfa.consume_challenge(owner, other, DIGEST, MINUTE),
        small.mfa.acquire_lock(stranger, "nonce", MINUTE),
    ):
        with pytest.raises(StoreUnavailable, match="full"):
            await growing
    assert (await small.mfa.temp_state(owner, DIGEST)).user_id == owner.user_id
    assert await small.mfa.release_lock(owner, "nonce")
    assert await small.mfa.take_setup(owner) == setup
    assert await small.mfa.delete_temp(owner, DIGEST)


async def test_a_full_store_says_so_in_the_log(
    small: EmbeddedStores, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator would otherwise see sign-ins fail, and no reason."""
    await fill(small)
    with pytest.raises(StoreUnavailable):
        await sign_in(small, account(), "b")
    assert "max_entries" in caplog.text


async def test_expiry_makes_room_again(small: EmbeddedStores, clock: FakeClock) -> None:
    """A flood must be over when it is over."""
    await fill(small)
    with pytest.raises(StoreUnavailable):
        await sign_in(small, account(), "b")
    clock.advance(MINUTE)
    await sign_in(small, account(), "b")


async def test_strangers_fill_no_store(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    """Requests without an account, from enough networks, would keep everybody from signing in and out."""
    stores = EmbeddedStores(clock=clock, max_entries=40)
    for number in range(100):
        await stores.rate_limits.hit("register", str(number), 1, MINUTE)
        await stores.attempts.begin(counter(str(number)), 5)
        await stores.attempts.fail(counter(str(number)), MINUTE)
        await stores.otps.try_begin_resend(replace(otp(), hash=str(number)), MINUTE)
    await sign_in(stores, account(), "a")
    assert await stores.has_room()
    assert "max_entries" in caplog.text

    # Of each kind a quarter of the rows is left: the latest.
    assert [(await stores.rate_limits.hit("register", str(n), 1, MINUTE)).allowed for n in (99, 90)] == [
        False
    ] * 2
    assert (await stores.rate_limits.hit("register", "89", 1, MINUTE)).allowed
    assert [(await stores.attempts.failures(counter(str(n)))).count for n in (99, 90, 89)] == [1, 1, 0]
    assert not await stores.otps.try_begin_resend(replace(otp(), hash="99"), MINUTE)
    assert await stores.otps.try_begin_resend(replace(otp(), hash="0"), MINUTE)
    await stores.aclose()


async def test_no_flood_of_failures_unlocks_an_address(clock: FakeClock) -> None:
    """An attacker would fail at other addresses to be forgotten at the one that he is locked out of."""
    stores = EmbeddedStores(clock=clock, max_entries=40)
    for _ in range(5):
        await stores.attempts.fail(counter("victim"), MINUTE)
    for number in range(100):
        await stores.attempts.fail(counter(str(number)), MINUTE)
    assert isinstance(await stores.attempts.begin(counter("victim"), 5), Locked)
    await stores.aclose()


async def test_a_client_that_is_counted_makes_no_room_for_itself(clock: FakeClock) -> None:
    """Its own count would be the oldest, and begin again."""
    stores = EmbeddedStores(clock=clock, max_entries=4)
    verdicts = [await stores.rate_limits.hit("login", "client", 2, MINUTE) for _ in range(3)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False]
    await stores.aclose()


async def test_an_attempt_that_ended_leaves_no_row(stores: EmbeddedStores, raw: sqlite3.Connection) -> None:
    """Sign-ins with made-up addresses would leave one for each."""
    await stores.attempts.begin(counter(), 5)
    await stores.attempts.begin(counter(), 5)
    await stores.attempts.abandon(counter())
    assert rows(raw, "counters") == 1
    await stores.attempts.abandon(counter())
    await stores.attempts.abandon(counter())
    assert rows(raw, "counters") == 0


async def test_room_that_was_freed_a_moment_ago_is_used_at_once(
    small: EmbeddedStores, clock: FakeClock
) -> None:
    """Somebody would be refused while most of what fills the store has expired."""
    await sign_in(small, account(), "a")
    for number in range(8):
        await small.otps.put(replace(otp(), hash=str(number)), "x", MOMENT)
    clock.advance(MOMENT)
    await sign_in(small, account(), "b")
    assert await is_live(small, account(), "b")


async def test_counts_that_expired_make_no_room_for_sign_ins(small: EmbeddedStores, clock: FakeClock) -> None:
    """A stranger's requests would let the store grow beyond its bound."""
    await fill(small)
    for client in ("a", "b"):
        await small.rate_limits.hit("login", client, 1, MOMENT)
    clock.advance(MOMENT)
    with pytest.raises(StoreUnavailable, match="full"):
        await sign_in(small, account(), "b")


async def test_a_store_beyond_its_bound_is_full(small: EmbeddedStores) -> None:
    """A sign-in adds two rows, and one that found room for one would leave a store without any bound."""
    await sign_in(small, account(), "a", family=None)
    for number in range(8):
        await small.otps.put(replace(otp(), hash=str(number)), "x", MINUTE)
    await sign_in(small, account(), "b")
    with pytest.raises(StoreUnavailable, match="full"):
        await sign_in(small, account(), "c")


async def test_room_made_for_a_refused_transition_is_kept(clock: FakeClock) -> None:
    """A store that is full of expired rows must work itself free, one refusal at a time if need be."""
    stores = EmbeddedStores(clock=clock, max_entries=1)
    await stores.otps.put(otp(), "old", MINUTE)
    for number in range(450):
        await stores.revocation.blacklist(account(), str(number), MINUTE)
    clock.advance(2 * MINUTE)
    with pytest.raises(StoreUnavailable):
        await stores.otps.put(otp(), "new", MINUTE)
    await stores.otps.put(otp(), "new", MINUTE)
    await stores.aclose()


async def test_expired_rows_are_removed_beside_other_work_two_hundred_at_a_time(
    stores: EmbeddedStores, raw: sqlite3.Connection, clock: FakeClock
) -> None:
    """The file would grow for ever, or one request would pay for everybody's rows."""
    expire(raw, "blacklist", 500)
    clock.advance(timedelta(seconds=2))
    left: list[int] = []
    for _ in range(4):
        await stores.revocation.bump_epoch(account())
        left.append(rows(raw, "blacklist"))
    assert left == [300, 100, 0, 0]
    raw.execute("INSERT INTO blacklist (jti, exp_ms) VALUES ('x', 1)")
    await stores.revocation.bump_epoch(account())
    clock.advance(timedelta(milliseconds=999))
    await stores.revocation.bump_epoch(account())
    assert rows(raw, "blacklist") == 1
    clock.advance(timedelta(milliseconds=1))
    await stores.revocation.bump_epoch(account())
    assert rows(raw, "blacklist") == 0


async def test_the_two_hundred_are_of_all_tables_together(
    stores: EmbeddedStores, raw: sqlite3.Connection, clock: FakeClock
) -> None:
    """One request would pay for every table's rows."""
    expire(raw, "blacklist", 150)
    expire(raw, "counters", 150)
    clock.advance(timedelta(seconds=2))
    await stores.revocation.bump_epoch(account())
    assert rows(raw, "blacklist") + rows(raw, "counters") == 100


async def test_a_start_removes_everything_that_expired_meanwhile(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """A store that slept for a month must not carry the month along."""
    expire(raw, "counters", 500)
    await stores.start()
    assert rows(raw, "counters") == 0


async def test_every_table_is_counted_and_every_row_expires(
    stores: EmbeddedStores, raw: sqlite3.Connection, clock: FakeClock
) -> None:
    """A table that is left out would grow unseen, and a row that never expires would outlive its purpose."""
    owner = account()
    await sign_in(stores, owner, "a")
    await stores.sessions.rotate(owner, rotation(owner, "a", "b"))
    await stores.revocation.bump_epoch(owner)
    await stores.revocation.blacklist(owner, "jti", MINUTE)
    await stores.attempts.fail(counter(), MINUTE)
    await stores.otps.put(otp(), "x", MINUTE)
    await stores.otps.try_begin_resend(otp(), MINUTE)
    raw.execute("INSERT INTO proofs VALUES ('pw_reset', 'h', '{}', 1)")
    held = [rows(raw, table) for table in TABLES]
    assert held == [1] * len(TABLES)
    assert counted(raw) == {"entries": len(TABLES) - 2, "rl:": 0, "lf:": 1, "resend:": 1}
    clock.advance(timedelta(days=30) + LIFETIME)
    await stores.start()
    assert [rows(raw, table) for table in TABLES] == [0] * len(TABLES)
    assert set(counted(raw).values()) == {0}


async def test_the_list_of_tables_is_complete(stores: EmbeddedStores, raw: sqlite3.Connection) -> None:
    """A new table must be counted, removed from and tested like the others."""
    names = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {*TABLES, "clock", "displaceable", "entries"}


def expire(raw: sqlite3.Connection, table: str, count: int) -> None:
    """Leave expired rows in a table, in one transaction."""
    columns, values = {"blacklist": ("jti, exp_ms", "?, 1"), "counters": ("key, n, exp_ms", "?, 1, 1")}[table]
    raw.execute("BEGIN")
    raw.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({values})",
        [(str(number),) for number in range(count)],
    )
    raw.execute("COMMIT")


def rows(raw: sqlite3.Connection, table: str) -> int:
    (count,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


def counted(raw: sqlite3.Connection) -> dict[str, int]:
    (entries,) = raw.execute("SELECT n FROM entries").fetchone()
    return {"entries": entries, **dict(raw.execute("SELECT prefix, n FROM displaceable"))}


async def test_a_full_store_keeps_the_pending_invitation(small: EmbeddedStores) -> None:
    """Its link would be ended for one that is not kept."""
    store, first = small.invitations, invitation_token("first")
    assert await store.put(invitee(), first, invitation(), MINUTE, seen=None)
    for number in range(8):
        await small.otps.put(replace(otp(), hash=str(number)), "x", MINUTE)
    with pytest.raises(StoreUnavailable, match="full"):
        await store.put(invitee(), invitation_token("second"), invitation(), MINUTE, seen=first.hash)
    assert await store.take(first) == invitation()
    assert not await store.revoke(invitee(), first.hash)


async def test_the_smallest_store_still_counts_requests(clock: FakeClock) -> None:
    """Without room for one count nobody would be refused, however often they guess."""
    stores = EmbeddedStores(clock=clock, max_entries=3)
    verdicts = [
        (await stores.rate_limits.hit("login", client, 1, MINUTE)).allowed for client in ("a", "a", "b", "a")
    ]
    assert verdicts == [True, False, True, True], "one count is kept, and it is the latest"
    await stores.aclose()


@pytest.mark.parametrize("max_entries", [3, 7])
async def test_a_store_with_room_for_one_count_displaces_the_first_by_the_second(
    clock: FakeClock, caplog: pytest.LogCaptureFixture, max_entries: int
) -> None:
    """An operator would be told at the first request that a bound is exceeded, or not at the second."""
    stores = EmbeddedStores(clock=clock, max_entries=max_entries)
    await stores.rate_limits.hit("login", "a", 1, MINUTE)
    assert "max_entries" not in caplog.text
    await stores.rate_limits.hit("login", "b", 1, MINUTE)
    assert "max_entries" in caplog.text
    await stores.aclose()
