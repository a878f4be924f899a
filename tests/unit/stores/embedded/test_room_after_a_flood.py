"""A flood of requests that nobody signed in for leaves expired rows, and keeps nobody out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import account, counter, is_live, otp, sign_in

MOMENT = timedelta(milliseconds=500)


@pytest.mark.parametrize("filled_by", ["codes", "revocations", "statuses"])
async def test_room_is_found_behind_expired_rows_that_do_not_count(clock: FakeClock, filled_by: str) -> None:
    """Sign-ins would be refused after a flood, until everything that it left is removed."""
    stores = EmbeddedStores(clock=clock, max_entries=900)
    for number in range(225):
        await stores.rate_limits.hit("login", str(number), 1, MOMENT)
        await stores.attempts.fail(counter(str(number)), MOMENT)
        await stores.otps.try_begin_resend(replace(otp(), hash=str(number)), MOMENT)
    for number in range(900):
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
