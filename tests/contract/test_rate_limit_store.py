"""How often one client asked: `RateLimitStore`."""

from datetime import timedelta

from bymax_auth.ports.attempts import RateVerdict
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import about

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def test_exactly_the_limit_passes_in_a_window(stores: AuthStores, clock: FakeClock) -> None:
    """One request too few annoys everybody, one too many is what the limit is against."""
    for second in range(3):
        verdict = await stores.rate_limits.hit("login", "client", 3, MINUTE)
        assert verdict == RateVerdict(True, about(MINUTE - second * SECOND))
        clock.advance(SECOND)
    refused = await stores.rate_limits.hit("login", "client", 3, MINUTE)
    assert refused == RateVerdict(False, about(MINUTE - 3 * SECOND))


async def test_refused_requests_do_not_extend_the_window(stores: AuthStores, clock: FakeClock) -> None:
    """An impatient client would never be let in again."""
    for _ in range(5):
        await stores.rate_limits.hit("login", "client", 1, MINUTE)
    clock.advance(MINUTE - SECOND)
    assert await stores.rate_limits.hit("login", "client", 1, MINUTE) == RateVerdict(False, about(SECOND))
    clock.advance(SECOND)
    assert await stores.rate_limits.hit("login", "client", 1, MINUTE) == RateVerdict(True, about(MINUTE))


async def test_a_window_ends_on_time_however_short_it_is(stores: AuthStores, clock: FakeClock) -> None:
    """What has ended must not count, whether or not it has been removed."""
    half = timedelta(milliseconds=500)
    for _ in range(3):
        assert await stores.rate_limits.hit("login", "client", 1, half) == RateVerdict(True, about(half))
        assert not (await stores.rate_limits.hit("login", "client", 1, half)).allowed
        clock.advance(half)


async def test_clients_and_routes_are_counted_apart(stores: AuthStores) -> None:
    """One busy client would shut everybody out."""
    assert (await stores.rate_limits.hit("login", "client", 1, MINUTE)).allowed
    assert (await stores.rate_limits.hit("login", "other", 1, MINUTE)).allowed
    assert (await stores.rate_limits.hit("register", "client", 1, MINUTE)).allowed
    assert not (await stores.rate_limits.hit("login", "client", 1, MINUTE)).allowed
