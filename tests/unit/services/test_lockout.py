"""Failed guesses, in flight and counted."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.config.constants import ATTEMPT_IN_FLIGHT_TTL
from bymax_auth.errors import AccountLocked, Forbidden, StoreUnavailable, TooManyRequests
from bymax_auth.ports.attempts import AttemptOutcome, AttemptStore, CounterId, FailureCount
from bymax_auth.ports.events import BackgroundTaskFailed, IdentifierRejected
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.lockout import Lockout
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents
from bymax_auth.types.identity import Realm

WINDOW = timedelta(minutes=15)
LIMIT = 3


class Counting:
    """The real store, counting what is asked of it; `before` runs ahead of each call."""

    def __init__(self, store: AttemptStore) -> None:
        self.store = store
        self.calls: Counter[str] = Counter()
        self.failing: frozenset[str] = frozenset()
        self.gate: asyncio.Event | None = None

    async def begin(self, counter: CounterId, limit: int) -> AttemptOutcome:
        await self._pass("begin")
        return await self.store.begin(counter, limit)

    async def fail(self, counter: CounterId, window: timedelta) -> FailureCount:
        await self._pass("fail")
        return await self.store.fail(counter, window)

    async def ok(self, counter: CounterId) -> None:
        await self._pass("ok")
        await self.store.ok(counter)

    async def abandon(self, counter: CounterId) -> None:
        await self._pass("abandon")
        await self.store.abandon(counter)

    async def clear(self, counter: CounterId) -> None:
        await self.store.clear(counter)

    async def failures(self, counter: CounterId) -> FailureCount:
        return await self.store.failures(counter)

    @property
    def endings(self) -> int:
        return self.calls["fail"] + self.calls["ok"] + self.calls["abandon"]

    async def _pass(self, operation: str) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if operation in self.failing:
            raise StoreUnavailable
        self.calls[operation] += 1


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
def attempts(stores: EmbeddedStores) -> Counting:
    return Counting(stores.attempts)


@pytest.fixture
def lockout(
    attempts: Counting, background: BackgroundTasks, failures: FailureReporter, clock: FakeClock
) -> Lockout:
    return Lockout(
        attempts=attempts, background=background, failures=failures, clock=clock, limit=LIMIT, window=WINDOW
    )


@pytest.fixture
def counter(identifiers: Identifiers) -> CounterId:
    return identifiers.login_counter(Realm.DASHBOARD, "acme", "ana@example.com")


async def fail_once(lockout: Lockout, counter: CounterId) -> FailureCount:
    async with await lockout.begin(counter) as attempt:
        return await attempt.fail()


async def test_the_last_allowed_failure_locks(lockout: Lockout, counter: CounterId, clock: FakeClock) -> None:
    """Someone who guesses at a password gets so many tries and then has to wait."""
    counts = [await fail_once(lockout, counter) for _ in range(LIMIT)]

    assert [count.count for count in counts] == [1, 2, 3]
    assert [lockout.is_locked(count) for count in counts] == [False, False, True]
    clock.advance(timedelta(minutes=5))
    with pytest.raises(AccountLocked) as refusal:
        await lockout.begin(counter)
    assert refusal.value.retry_after == timedelta(minutes=10)


async def test_more_failures_than_a_lowered_limit_lock(lockout: Lockout, counter: CounterId) -> None:
    """A host that lowers the limit would be told of no lockout of those who had failed before."""
    stricter = replace(lockout, limit=LIMIT - 2)
    counts = [await fail_once(lockout, counter) for _ in range(LIMIT - 1)]

    assert not lockout.is_locked(counts[-1])
    assert stricter.is_locked(await stricter.state(counter))
    with pytest.raises(AccountLocked):
        await stricter.begin(counter)


async def test_a_lockout_is_not_prolonged_by_trying(
    lockout: Lockout, counter: CounterId, attempts: Counting, clock: FakeClock
) -> None:
    """An attacker who keeps knocking must not keep the owner out for ever."""
    for _ in range(LIMIT):
        await fail_once(lockout, counter)
    for _ in range(4):
        with pytest.raises(AccountLocked):
            await lockout.begin(counter)

    assert (await lockout.state(counter)).count == LIMIT
    clock.advance(WINDOW)
    async with await lockout.begin(counter) as attempt:
        await attempt.ok()


async def test_a_right_guess_forgets_the_failures(lockout: Lockout, counter: CounterId) -> None:
    """Typing a password wrong once a day must never add up."""
    await fail_once(lockout, counter)
    async with await lockout.begin(counter) as attempt:
        await attempt.ok()

    assert (await lockout.state(counter)).count == 0


async def test_an_attempt_without_an_ending_is_abandoned(
    lockout: Lockout, counter: CounterId, attempts: Counting
) -> None:
    """A refusing hook or a failing store says nothing about the password."""
    async with await lockout.begin(counter):
        pass
    with pytest.raises(LookupError):
        async with await lockout.begin(counter):
            raise LookupError

    assert attempts.calls == Counter(begin=2, abandon=2)
    assert (await lockout.state(counter)).count == 0


async def test_the_first_ending_counts(lockout: Lockout, counter: CounterId, attempts: Counting) -> None:
    """An attempt that ended twice would let another guess slip past the limit."""
    async with await lockout.begin(counter) as attempt:
        first = await attempt.fail()
        assert await attempt.fail() == first
        await attempt.ok()
        await attempt.abandon()

    assert attempts.calls == Counter(begin=1, fail=1)


async def test_an_operator_can_forget_the_failures(lockout: Lockout, counter: CounterId) -> None:
    """Support unlocks the person on the phone."""
    for _ in range(LIMIT):
        await fail_once(lockout, counter)
    await lockout.clear(counter)

    async with await lockout.begin(counter) as attempt:
        await attempt.ok()


async def test_guesses_in_flight_wait_for_each_other(
    lockout: Lockout, counter: CounterId, clock: FakeClock
) -> None:
    """A thousand guesses sent at once must not all pass before the first failure is counted."""
    held = [await lockout.begin(counter) for _ in range(LIMIT)]
    waiting = asyncio.create_task(lockout.begin(counter))
    await turns(3)
    assert not waiting.done()

    await held[0].abandon()
    attempt = await waiting
    assert 0.05 <= clock.monotonic() < 5
    for begun in (attempt, *held[1:]):
        await begun.abandon()


async def test_a_guess_does_not_wait_for_ever(
    lockout: Lockout, counter: CounterId, attempts: Counting, clock: FakeClock
) -> None:
    """A person whose address is under attack gets an answer."""
    held = [await lockout.begin(counter) for _ in range(LIMIT)]
    with pytest.raises(TooManyRequests) as refusal:
        await lockout.begin(counter)

    assert refusal.value.retry_after == timedelta(seconds=1)
    assert 5 <= clock.monotonic() < 5.2
    for attempt in held:
        await attempt.abandon()
    assert attempts.endings == LIMIT


async def test_waiting_guesses_spread_out(lockout: Lockout, counter: CounterId, attempts: Counting) -> None:
    """Asking again all at the same moment would be a wave every time."""
    pauses: list[float] = []

    class Recording(FakeClock):
        async def sleep(self, seconds: float) -> None:
            pauses.append(seconds)
            await super().sleep(seconds)

    held = [await lockout.begin(counter) for _ in range(LIMIT)]
    with pytest.raises(TooManyRequests):
        await replace(lockout, clock=Recording()).begin(counter)

    assert attempts.calls["begin"] - LIMIT == len(pauses) + 1
    assert all(0.05 <= pause <= 0.15 for pause in pauses)
    assert len({*pauses}) > 5
    for attempt in held:
        await attempt.abandon()


@pytest.mark.parametrize("ending", ["fail", "ok", "abandon"])
async def test_a_cancelled_caller_still_ends_its_attempt(
    ending: str, lockout: Lockout, counter: CounterId, attempts: Counting, background: BackgroundTasks
) -> None:
    """Closing the connection while the guess is counted must not make it free."""

    async def guess() -> None:
        async with await lockout.begin(counter) as attempt:
            attempts.gate = asyncio.Event()
            await getattr(attempt, ending)()

    caller = asyncio.create_task(guess())
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert attempts.gate is not None
    attempts.gate.set()
    await background.drain()

    assert attempts.calls == Counter({"begin": 1, ending: 1})


async def test_a_caller_cancelled_while_it_works_abandons(
    lockout: Lockout, counter: CounterId, attempts: Counting, background: BackgroundTasks
) -> None:
    """A connection that breaks while the password is hashed says nothing about the password."""

    async def guess() -> None:
        async with await lockout.begin(counter):
            await asyncio.Event().wait()

    caller = asyncio.create_task(guess())
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await background.drain()

    assert attempts.calls == Counter(begin=1, abandon=1)


async def test_a_caller_cancelled_while_it_is_admitted_is_abandoned_for(
    lockout: Lockout, counter: CounterId, attempts: Counting, background: BackgroundTasks
) -> None:
    """It cannot know that it was admitted; without this a few broken connections would block an address."""
    attempts.gate = asyncio.Event()
    caller = asyncio.create_task(lockout.begin(counter))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    attempts.gate.set()
    await background.drain()

    assert attempts.calls == Counter(begin=1, abandon=1)


async def test_a_caller_cancelled_before_a_refusal_has_nothing_to_abandon(
    lockout: Lockout, counter: CounterId, attempts: Counting, background: BackgroundTasks
) -> None:
    """Abandoning an attempt that was never begun would free somebody else's."""
    for _ in range(LIMIT):
        await fail_once(lockout, counter)
    attempts.gate = asyncio.Event()
    caller = asyncio.create_task(lockout.begin(counter))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    attempts.gate.set()
    await background.drain()

    assert attempts.calls["abandon"] == 0


async def test_a_store_that_fails_while_abandoning_changes_no_answer(
    lockout: Lockout, counter: CounterId, attempts: Counting, events: RecordingEvents
) -> None:
    """The person must hear why the sign-in was refused, and the store forgets the attempt by itself."""
    attempts.failing = frozenset({"abandon"})
    with pytest.raises(LookupError):
        async with await lockout.begin(counter):
            raise LookupError

    assert events.events == [BackgroundTaskFailed(origin="lockout.abandon", exception="StoreUnavailable")]


async def test_a_store_that_cannot_count_fails_closed(
    lockout: Lockout, counter: CounterId, attempts: Counting
) -> None:
    """An attacker who brings the counter down must not get uncounted guesses."""
    attempts.failing = frozenset({"begin"})
    with pytest.raises(StoreUnavailable):
        await lockout.begin(counter)

    attempts.failing = frozenset({"fail"})
    with pytest.raises(StoreUnavailable):
        await fail_once(lockout, counter)


@pytest.mark.parametrize("name", ["dashboard:acme:ana@x.io", "a\nb", "a\rb", "a" * 513, "é" * 257])
async def test_a_name_that_is_no_digest_is_refused(
    name: str, lockout: Lockout, attempts: Counting, events: RecordingEvents
) -> None:
    """An address in a key would be readable by whoever reads the store."""
    with pytest.raises(Forbidden):
        await lockout.begin(CounterId(name, "0000"))

    assert events.events == [IdentifierRejected()]
    assert attempts.calls == Counter()


async def test_the_longest_name_is_counted(lockout: Lockout, attempts: Counting) -> None:
    """A host's own store may use longer digests."""
    await (await lockout.begin(CounterId("a" * 512, "0000"))).abandon()

    assert attempts.calls == Counter(begin=1, abandon=1)


async def test_an_attempt_lapses_five_seconds_before_the_store_forgets_it(
    lockout: Lockout, counter: CounterId, attempts: Counting, clock: FakeClock
) -> None:
    """Its result would be told while another guess already has its place."""
    moment = timedelta(milliseconds=1)
    async with await lockout.begin(counter) as attempt:
        clock.advance(ATTEMPT_IN_FLIGHT_TTL - timedelta(seconds=5) - moment)
        assert attempt.is_current
        clock.advance(moment)
        assert not attempt.is_current
    assert attempts.endings == 0


async def test_clearing_is_over_for_every_counter_when_one_cannot_be_cleared(
    lockout: Lockout, counter: CounterId, identifiers: Identifiers
) -> None:
    """Support would hear of the failure, and unlock again what is still being unlocked."""
    broken = identifiers.login_counter(Realm.DASHBOARD, "acme", "bea@example.com")
    await fail_once(lockout, counter)

    class Unreliable(Counting):
        async def clear(self, counter: CounterId) -> None:
            if counter == broken:
                raise StoreUnavailable
            await turns()
            await super().clear(counter)

    unreliable = replace(lockout, attempts=Unreliable(lockout.attempts))
    with pytest.raises(StoreUnavailable):
        await unreliable.clear(broken, counter)
    assert (await lockout.state(counter)).count == 0
