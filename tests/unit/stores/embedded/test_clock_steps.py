"""A clock that ran ahead, and is put back: what was revoked meanwhile stays revoked."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bymax_auth.ports.sessions import UnknownToken
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from tests.contract.samples import IDENTIFIERS, LIFETIME, account, sign_in, token

MANY = 450
"""More than are removed as expired before a revocation gets to them."""


class SteppedClock(FakeClock):
    """A clock that its owner sets."""

    step = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.step


async def revoke_each(stores: EmbeddedStores) -> None:
    for number in range(MANY):
        await stores.sessions.revoke(account(), token(str(number)).hash)


async def revoke_all(stores: EmbeddedStores) -> None:
    await stores.sessions.revoke_all(account())


async def revoke_others(stores: EmbeddedStores) -> None:
    await stores.sessions.revoke_all_except(account(), token("0").hash, must_exist=False)


async def revoke_families(stores: EmbeddedStores) -> None:
    subject_of = IDENTIFIERS.subject_factory(Realm.DASHBOARD)
    for number in range(MANY):
        await stores.sessions.revoke_family(Realm.DASHBOARD, f"family-{number}", None, subject_of)


@pytest.mark.parametrize("place", [None, "auth.db"])
@pytest.mark.parametrize("revoke", [revoke_each, revoke_all, revoke_others, revoke_families])
async def test_what_was_revoked_while_the_clock_ran_ahead_stays_revoked(
    tmp_path: Path, place: str | None, revoke: Callable[[EmbeddedStores], Awaitable[None]]
) -> None:
    """Sessions that a person ended would come back when the server's time is corrected."""
    clock = SteppedClock()
    stores = EmbeddedStores(None if place is None else tmp_path / place, clock=clock)
    await stores.start()
    for number in range(MANY):
        await sign_in(stores, account(), str(number), family=f"family-{number}")
    clock.step = LIFETIME
    await revoke(stores)
    clock.step = timedelta(0)
    assert await stores.sessions.list(account()) == ()
    assert await stores.sessions.snapshot(Realm.DASHBOARD, token(str(MANY - 1))) == UnknownToken()
    await stores.aclose()
