"""Work that outlives its caller."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.errors import OtpInvalid
from bymax_auth.ports.events import DetachedFailed, DetachedTimedOut
from bymax_auth.services.notifier import Notifier
from bymax_auth.testing import RecordingEvents
from tests.unit.services.parts import Broken

LONG = timedelta(minutes=1)
AT_ONCE = timedelta(0)


async def turns(count: int = 5) -> None:
    """Let every other task run a few steps."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_detached_work_runs_behind_the_caller(notifier: Notifier) -> None:
    """A mail must go out although its request was answered."""
    done: list[str] = []

    async def work() -> None:
        done.append("sent")

    notifier.spawn("email", work(), LONG)
    assert done == []
    await notifier.settle()
    assert done == ["sent"]


async def test_a_failure_behind_the_caller_is_an_event(
    notifier: Notifier, events: RecordingEvents, told: list[tuple[str, BaseException]]
) -> None:
    """Nobody is left to hear it, so the operator must."""

    async def work() -> None:
        raise Broken

    notifier.spawn("email", work(), LONG)
    await notifier.settle()

    assert events.events == [DetachedFailed(origin="email", exception="Broken")]
    assert [name for name, _ in told] == ["detached.failed"]


async def test_work_that_hangs_is_ended_at_its_ceiling(notifier: Notifier, events: RecordingEvents) -> None:
    """Hanging mail servers would otherwise pile tasks up for ever."""
    notifier.spawn("email", asyncio.Event().wait(), AT_ONCE)
    await notifier.settle()

    assert events.events == [DetachedTimedOut(origin="email")]


async def test_waiting_for_a_turn_spends_nothing_of_the_ceiling(
    notifier: Notifier, events: RecordingEvents
) -> None:
    """After a burst, mails would be given up that nobody has tried to send."""
    release = asyncio.Event()
    done: list[str] = []

    async def hold() -> None:
        await release.wait()

    async def work() -> None:
        done.append("sent")

    for _ in range(64):
        notifier.spawn("email", hold(), LONG)
    notifier.spawn("email", work(), AT_ONCE)
    await turns()
    release.set()
    await notifier.settle()

    assert done == ["sent"]
    assert events.events == []


async def test_a_timeout_of_the_works_own_is_a_failure(notifier: Notifier, events: RecordingEvents) -> None:
    """An operator who reads "timed out" would look for a hanging hook that is not there."""

    async def work() -> None:
        raise TimeoutError

    notifier.spawn("hook", work(), LONG)
    await notifier.settle()

    assert events.events == [DetachedFailed(origin="hook", exception="TimeoutError")]


async def test_a_failure_after_the_ceiling_keeps_its_name(
    notifier: Notifier, events: RecordingEvents
) -> None:
    """What went wrong while the work was ended is what the operator needs to know."""

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise Broken

    notifier.spawn("email", work(), AT_ONCE)
    await notifier.settle()

    assert events.events == [DetachedFailed(origin="email", exception="Broken")]


async def test_at_most_64_bodies_run_at_once(notifier: Notifier) -> None:
    """A slow mail server must not take every connection of the process."""
    running = 0
    most = 0
    release = asyncio.Event()

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1

    for _ in range(100):
        notifier.spawn("email", work(), LONG)
    await turns()
    assert running == 64

    release.set()
    await notifier.settle()
    assert (running, most) == (0, 64)


async def test_shielded_work_gives_its_result_or_its_error(notifier: Notifier) -> None:
    """A flow goes on with what its commit section answered."""

    async def answer() -> int:
        return 42

    async def fail() -> int:
        raise Broken

    assert await notifier.shielded(answer()) == 42
    with pytest.raises(Broken):
        await notifier.shielded(fail())


async def test_shielded_work_ends_although_its_caller_was_cancelled(
    notifier: Notifier, events: RecordingEvents
) -> None:
    """Closing a browser tab between a password write and the sign-out of thieves must not stop the latter."""
    release = asyncio.Event()
    steps: list[str] = []

    async def commit() -> None:
        steps.append("password")
        await release.wait()
        steps.append("sessions")

    caller = asyncio.create_task(notifier.shielded(commit()))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    release.set()
    await notifier.settle()

    assert steps == ["password", "sessions"]
    assert events.events == []


async def test_a_failure_that_no_caller_hears_is_reported(
    notifier: Notifier, events: RecordingEvents
) -> None:
    """The half that was not done would otherwise stay unknown."""
    release = asyncio.Event()

    async def commit() -> None:
        await release.wait()
        raise Broken

    caller = asyncio.create_task(notifier.shielded(commit()))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    release.set()
    await notifier.settle()
    await turns()

    (event,) = events.of(DetachedFailed)
    assert event.exception == "Broken"
    assert event.origin.endswith("commit")


async def test_a_refusal_that_no_caller_hears_is_no_failure(
    notifier: Notifier, events: RecordingEvents
) -> None:
    """A wrong code in a tab that was closed must not page anybody."""
    release = asyncio.Event()

    async def commit() -> None:
        await release.wait()
        raise OtpInvalid

    caller = asyncio.create_task(notifier.shielded(commit()))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    release.set()
    await notifier.settle()
    await turns()

    assert events.events == []


async def test_closing_waits_for_what_runs(notifier: Notifier) -> None:
    """The last mails of a server that is replaced still go out."""
    done: list[str] = []

    async def work() -> None:
        await turns()
        done.append("sent")

    notifier.spawn("email", work(), LONG)
    await notifier.aclose(10.0)

    assert done == ["sent"]


async def test_closing_cancels_what_does_not_end(notifier: Notifier, events: RecordingEvents) -> None:
    """A server that is told to stop stops."""
    caller = asyncio.create_task(notifier.shielded(asyncio.Event().wait()))
    orphaned = asyncio.create_task(notifier.shielded(asyncio.Event().wait()))
    notifier.spawn("email", asyncio.Event().wait(), LONG)
    await turns()
    orphaned.cancel()
    await turns()

    await notifier.aclose(0.01)

    for task in (caller, orphaned):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert events.events == []


async def test_work_that_never_began_is_dropped_in_silence(notifier: Notifier) -> None:
    """Python would warn about it in the host's logs at every deployment."""
    for _ in range(80):
        notifier.spawn("email", asyncio.Event().wait(), LONG)

    await notifier.aclose(0)
    await notifier.aclose(0)


async def test_nothing_new_starts_after_closing(notifier: Notifier, events: RecordingEvents) -> None:
    """Work started then could not be waited for by anybody."""
    done: list[str] = []

    async def work() -> None:
        done.append("sent")

    await notifier.aclose(0)
    notifier.spawn("email", work(), LONG)
    await turns()

    assert done == []
