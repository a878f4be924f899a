"""How often one client asked: `RateLimitStore`."""

import time
from datetime import timedelta

from bymax_auth.ports.attempts import RateVerdict
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import MARGIN, about

WINDOW = timedelta(hours=1)


async def test_exactly_the_limit_passes_in_a_window(stores: AuthStores, clock: FakeClock) -> None:
    """One request too few annoys everybody, one too many is what the limit is against."""
    for second in range(3):
        verdict = await stores.rate_limits.hit("login", "client", 3, WINDOW)
        assert verdict == RateVerdict(True, about(WINDOW - second * MARGIN))
        clock.advance(MARGIN)
    refused = await stores.rate_limits.hit("login", "client", 3, WINDOW)
    assert refused == RateVerdict(False, about(WINDOW - 3 * MARGIN))


async def test_refused_requests_do_not_extend_the_window(stores: AuthStores, clock: FakeClock) -> None:
    """An impatient client would never be let in again."""
    for _ in range(5):
        await stores.rate_limits.hit("login", "client", 1, WINDOW)
    clock.advance(WINDOW - MARGIN)
    assert await stores.rate_limits.hit("login", "client", 1, WINDOW) == RateVerdict(False, about(MARGIN))
    clock.advance(MARGIN)
    assert await stores.rate_limits.hit("login", "client", 1, WINDOW) == RateVerdict(True, about(WINDOW))


async def test_a_window_ends_on_time_however_short_it_is(stores: AuthStores, clock: FakeClock) -> None:
    """What has ended must not count, whether or not it has been removed."""
    half = timedelta(milliseconds=500)
    for _ in range(3):
        began = time.monotonic()
        assert await stores.rate_limits.hit("login", "client", 1, half) == RateVerdict(True, about(half))
        again = await stores.rate_limits.hit("login", "client", 1, half)
        assert not again.allowed or time.monotonic() - began >= half.total_seconds(), "it ended early"
        clock.advance(half)


async def test_clients_and_routes_are_counted_apart(stores: AuthStores) -> None:
    """One busy client would shut everybody out."""
    assert (await stores.rate_limits.hit("login", "client", 1, WINDOW)).allowed
    assert (await stores.rate_limits.hit("login", "other", 1, WINDOW)).allowed
    assert (await stores.rate_limits.hit("register", "client", 1, WINDOW)).allowed
    assert not (await stores.rate_limits.hit("login", "client", 1, WINDOW)).allowed
