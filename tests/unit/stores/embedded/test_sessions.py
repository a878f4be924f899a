"""The shortest spans of a session."""

from dataclasses import replace
from datetime import timedelta

from bymax_auth.ports.sessions import Consumed, InGrace
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import FAMILY, account, exchange, new_session, token

OWNER = account()
SHORTEST = timedelta(milliseconds=1)


async def test_a_window_of_a_millisecond_is_open_for_so_long() -> None:
    """A host that allows only the shortest window would have none."""
    clock = FakeClock()
    stores = EmbeddedStores(clock=clock)
    await stores.sessions.create(OWNER, replace(new_session(OWNER, "a"), recent_auth=SHORTEST))
    await exchange(stores, OWNER, "a", "b", grace=SHORTEST)
    assert await stores.sessions.has_recent_auth(OWNER)
    assert isinstance(await stores.sessions.snapshot(OWNER.realm, token("a")), InGrace)
    clock.advance(SHORTEST)
    assert not await stores.sessions.has_recent_auth(OWNER)
    assert await stores.sessions.snapshot(OWNER.realm, token("a")) == Consumed(FAMILY)
    await stores.aclose()
