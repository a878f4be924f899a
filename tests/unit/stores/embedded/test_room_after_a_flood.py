"""A flood of requests that nobody signed in for leaves expired rows, and keeps nobody out."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import account, counter, is_live, otp, sign_in

MOMENT = timedelta(milliseconds=500)


@pytest.mark.parametrize("filled_by", ["codes", "revocations", "statuses"])
async def test_room_is_found_behind_expired_rows_that_do_not_count(clock: FakeClock, filled_by: str) -> None:
    """Sign-ins would be refused after a flood, until everything that it left is removed."""
    stores = EmbeddedStores(clock=clock, max_entries=2_000)
    for number in range(500):
        await stores.rate_limits.hit("login", str(number), 1, MOMENT)
        await stores.attempts.fail(counter(str(number)), MOMENT)
        await stores.otps.try_begin_resend(replace(otp(), hash=str(number)), MOMENT)
    for number in range(2_000):
        if filled_by == "codes":
            await stores.otps.put(replace(otp(), hash=str(number)), "x", MOMENT)
        elif filled_by == "revocations":
            await stores.revocation.blacklist(account(), str(number), MOMENT)
        else:
            person = account(user_id=f"u{number}")
            await stores.revocation.remember_status(person, CachedStatus("ACTIVE", None), MOMENT)
    clock.advance(timedelta(hours=1))
    await sign_in(stores, account(), "a")
    assert await is_live(stores, account(), "a")
    await stores.aclose()


async def test_a_lowered_bound_displaces_everything_above_it(tmp_path: Path, clock: FakeClock) -> None:
    """A host that needs the space back would have to wait for each row to expire."""
    wide = EmbeddedStores(tmp_path / "auth.db", clock=clock, max_entries=80)
    for number in range(20):
        await wide.rate_limits.hit("login", str(number), 1, MOMENT)
    await wide.aclose()
    narrow = EmbeddedStores(tmp_path / "auth.db", clock=clock, max_entries=12)
    assert (await narrow.rate_limits.hit("login", "new", 1, MOMENT)).allowed
    kept = [
        not (await narrow.rate_limits.hit("login", client, 1, MOMENT)).allowed
        for client in ("new", "19", "18")
    ]
    await narrow.aclose()
    with sqlite3.connect(tmp_path / "auth.db") as raw:
        assert (kept, raw.execute("SELECT count(*) FROM counters").fetchone()) == ([True] * 3, (3,))
    raw.close()
