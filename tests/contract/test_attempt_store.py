"""How often a secret was guessed: `AttemptStore`."""

from datetime import timedelta

from bymax_auth.ports.attempts import Busy, FailureCount, Go, Locked
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from tests.contract.samples import MARGIN, about, counter

WINDOW = timedelta(hours=2)
NONE = FailureCount(0, timedelta(0))


async def test_failures_lock_at_the_limit_for_what_is_left_of_the_window(
    stores: AuthStores, clock: FakeClock
) -> None:
    """An attacker could go on guessing, or the person would wait longer than they were told."""
    for number in range(1, 4):
        assert await stores.attempts.begin(counter(), 3) == Go()
        failed = await stores.attempts.fail(counter(), WINDOW)
        assert failed == FailureCount(number, about(WINDOW - (number - 1) * MARGIN))
        clock.advance(MARGIN)
    assert await stores.attempts.begin(counter(), 3) == Locked(about(WINDOW - 3 * MARGIN))
    assert await stores.attempts.failures(counter()) == FailureCount(3, about(WINDOW - 3 * MARGIN))


async def test_more_failures_than_the_limit_lock_as_well(stores: AuthStores) -> None:
    """After an operator has lowered the limit, a locked person would be told to try again at once."""
    for _ in range(3):
        await fail(stores)
    assert await stores.attempts.begin(counter(), 2) == Locked(about(WINDOW))


async def test_the_window_starts_at_the_first_failure_and_does_not_slide(
    stores: AuthStores, clock: FakeClock
) -> None:
    """Somebody who keeps trying would lock an account for ever."""
    await fail(stores)
    clock.advance(WINDOW - MARGIN)
    await fail(stores)
    assert (await stores.attempts.failures(counter())).count == 2
    clock.advance(MARGIN)
    assert await stores.attempts.failures(counter()) == NONE
    assert await fail(stores) == FailureCount(1, about(WINDOW))


async def test_a_success_clears_the_failures(stores: AuthStores) -> None:
    """Somebody who remembers their password at last starts afresh."""
    await fail(stores)
    assert await stores.attempts.begin(counter(), 2) == Go()
    await stores.attempts.ok(counter())
    assert await stores.attempts.failures(counter()) == NONE
    assert await stores.attempts.begin(counter(), 1) == Go()


async def test_attempts_in_flight_count_against_the_limit(stores: AuthStores) -> None:
    """Many guesses sent at once would all be judged before the first failure is counted."""
    await fail(stores)
    await fill(stores, 3)
    assert await stores.attempts.begin(counter(), 4) == Busy()
    await stores.attempts.abandon(counter())
    assert await stores.attempts.begin(counter(), 4) == Go()
    for count in range(2, 5):
        assert (await stores.attempts.fail(counter(), WINDOW)).count == count
    assert isinstance(await stores.attempts.begin(counter(), 4), Locked)


async def test_more_attempts_in_flight_than_a_lowered_limit_admit_no_further_one(stores: AuthStores) -> None:
    """A deployment that lowers the limit would admit every guess until those under way have ended."""
    await fill(stores, 3)
    assert await stores.attempts.begin(counter(), 2) == Busy()


async def test_an_abandoned_attempt_is_neither_a_failure_nor_a_success(stores: AuthStores) -> None:
    """A full queue must not count against a person, nor forgive a guesser."""
    await fail(stores)
    assert await stores.attempts.begin(counter(), 2) == Go()
    await stores.attempts.abandon(counter())
    assert (await stores.attempts.failures(counter())).count == 1
    assert await stores.attempts.begin(counter(), 2) == Go()


async def test_an_attempt_that_never_ends_is_forgotten(stores: AuthStores, clock: FakeClock) -> None:
    """A crashed worker must not lock a person out."""
    await fill(stores, 1)
    for _ in range(2):
        assert await stores.attempts.begin(counter(), 1) == Busy()
        clock.advance(timedelta(seconds=15))
    assert await stores.attempts.begin(counter(), 1) == Go()


async def test_ending_more_attempts_than_began_frees_no_place(stores: AuthStores) -> None:
    """Ends that come late must not let extra guesses in."""
    await stores.attempts.abandon(counter())
    await fill(stores, 1)
    for _ in range(3):
        await stores.attempts.abandon(counter())
    await stores.attempts.ok(counter())
    await fill(stores, 2)
    assert await stores.attempts.begin(counter(), 2) == Busy()


async def test_an_unlock_forgets_failures_and_attempts_in_flight(stores: AuthStores) -> None:
    """A person whom support has unlocked must be able to sign in at once."""
    await fail(stores)
    await fill(stores, 1)
    for _ in range(2):
        await stores.attempts.clear(counter())
    assert await stores.attempts.failures(counter()) == NONE
    await fill(stores, 2)


async def test_counters_are_independent(stores: AuthStores) -> None:
    """Guessing at one address would lock another, or a user an operator."""
    await fail(stores)
    assert await stores.attempts.failures(counter("bob@example.com")) == NONE
    assert await stores.attempts.failures(counter(realm=Realm.PLATFORM)) == NONE


async def fail(stores: AuthStores) -> FailureCount:
    """One wrong guess."""
    assert await stores.attempts.begin(counter(), 100) == Go()
    return await stores.attempts.fail(counter(), WINDOW)


async def fill(stores: AuthStores, places: int) -> None:
    """Begin attempts that do not end."""
    for _ in range(places):
        assert await stores.attempts.begin(counter(), 100) == Go()
