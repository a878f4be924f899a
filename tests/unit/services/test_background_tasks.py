"""Work that outlives its caller."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.errors import OtpInvalid
from bymax_auth.ports.events import BackgroundTaskFailed, BackgroundTaskTimedOut
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.testing import RecordingEvents
from tests.unit.services.parts import Broken

LONG = timedelta(minutes=1)
AT_ONCE = timedelta(0)


async def turns(count: int = 5) -> None:
    """Let every other task run a few steps."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_detached_work_runs_behind_the_caller(background: BackgroundTasks) -> None:
    """A mail must go out although its request was answered."""
    done: list[str] = []

    async def work() -> None:
        done.append("sent")

    background.spawn("email", work(), LONG)
    assert done == []
    await background.drain()
    assert done == ["sent"]


async def test_a_failure_behind_the_caller_is_an_event(
    background: BackgroundTasks, events: RecordingEvents, told: list[tuple[str, BaseException]]
) -> None:
    """Nobody is left to hear it, so the operator must."""

    async def work() -> None:
        raise Broken

    background.spawn("email", work(), LONG)
    await background.drain()

    assert events.events == [BackgroundTaskFailed(origin="email", exception="Broken")]
    assert [name for name, _ in told] == ["detached.failed"]


async def test_work_that_hangs_is_ended_at_its_ceiling(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """Hanging mail servers would otherwise pile tasks up for ever."""
    background.spawn("email", asyncio.Event().wait(), AT_ONCE)
    await background.drain()

    assert events.events == [BackgroundTaskTimedOut(origin="email")]


async def test_waiting_for_a_turn_spends_nothing_of_the_ceiling(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """After a burst, mails would be given up that nobody has tried to send."""
    release = asyncio.Event()
    done: list[str] = []

    async def hold() -> None:
        await release.wait()

    async def work() -> None:
        done.append("sent")

    for _ in range(64):
        background.spawn("email", hold(), LONG)
    background.spawn("email", work(), AT_ONCE)
    await turns()
    release.set()
    await background.drain()

    assert done == ["sent"]
    assert events.events == []


async def test_a_timeout_of_the_works_own_is_a_failure(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """An operator who reads "timed out" would look for a hanging hook that is not there."""

    async def work() -> None:
        raise TimeoutError

    background.spawn("hook", work(), LONG)
    await background.drain()

    assert events.events == [BackgroundTaskFailed(origin="hook", exception="TimeoutError")]


async def test_a_failure_after_the_ceiling_keeps_its_name(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """What went wrong while the work was ended is what the operator needs to know."""

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise Broken

    background.spawn("email", work(), AT_ONCE)
    await background.drain()

    assert events.events == [BackgroundTaskFailed(origin="email", exception="Broken")]


async def test_at_most_64_bodies_run_at_once(background: BackgroundTasks) -> None:
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
        background.spawn("email", work(), LONG)
    await turns()
    assert running == 64

    release.set()
    await background.drain()
    assert (running, most) == (0, 64)


async def test_shielded_work_gives_its_result_or_its_error(background: BackgroundTasks) -> None:
    """A flow goes on with what its commit section answered."""

    async def answer() -> int:
        return 42

    async def fail() -> int:
        raise Broken

    assert await background.shielded(answer()) == 42
    with pytest.raises(Broken):
        await background.shielded(fail())


async def test_shielded_work_ends_although_its_caller_was_cancelled(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """Closing a browser tab between a password write and the sign-out of thieves must not stop the latter."""
    release = asyncio.Event()
    steps: list[str] = []

    async def commit() -> None:
        steps.append("password")
        await release.wait()
        steps.append("sessions")

    caller = asyncio.create_task(background.shielded(commit()))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    release.set()
    await background.drain()

    assert steps == ["password", "sessions"]
    assert events.events == []


async def test_a_failure_that_no_caller_hears_is_reported(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """The half that was not done would otherwise stay unknown."""
    release = asyncio.Event()

    async def commit() -> None:
        await release.wait()
        raise Broken

    caller = asyncio.create_task(background.shielded(commit()))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    release.set()
    await background.drain()
    await turns()

    (event,) = events.of(BackgroundTaskFailed)
    assert event.exception == "Broken"
    assert event.origin.endswith("commit")


async def test_a_refusal_that_no_caller_hears_is_no_failure(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """A wrong code in a tab that was closed must not page anybody."""
    release = asyncio.Event()

    async def commit() -> None:
        await release.wait()
        raise OtpInvalid

    caller = asyncio.create_task(background.shielded(commit()))
    await turns()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    release.set()
    await background.drain()
    await turns()

    assert events.events == []


async def test_closing_waits_for_what_runs(background: BackgroundTasks) -> None:
    """The last mails of a server that is replaced still go out."""
    done: list[str] = []

    async def work() -> None:
        await turns()
        done.append("sent")

    background.spawn("email", work(), LONG)
    await background.aclose(10.0)

    assert done == ["sent"]


async def test_closing_cancels_what_does_not_end(
    background: BackgroundTasks, events: RecordingEvents
) -> None:
    """A server that is told to stop stops, and its last log line is no traceback."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    caller = asyncio.create_task(background.shielded(asyncio.Event().wait()))
    orphaned = asyncio.create_task(background.shielded(asyncio.Event().wait()))
    background.spawn("email", asyncio.Event().wait(), LONG)
    await turns()
    orphaned.cancel()
    await turns()

    await background.aclose(0.01)

    for task in (caller, orphaned):
        with pytest.raises(asyncio.CancelledError):
            await task
    await turns()
    assert events.events == []
    assert complaints == []


async def test_work_that_never_began_is_dropped_in_silence(background: BackgroundTasks) -> None:
    """Python would warn about it in the host's logs at every deployment."""
    for _ in range(80):
        background.spawn("email", asyncio.Event().wait(), LONG)

    await background.aclose(0)
    await background.aclose(0)


async def test_nothing_new_starts_after_closing(background: BackgroundTasks, events: RecordingEvents) -> None:
    """Work started then could not be waited for by anybody."""
    done: list[str] = []

    async def work() -> None:
        done.append("sent")

    await background.aclose(0)
    background.spawn("email", work(), LONG)
    await turns()

    assert done == []


def test_the_work_of_a_loop_that_has_ended_is_not_waited_for(failures: FailureReporter) -> None:
    """An engine that another loop used, or a parent process, would never close here."""
    background = BackgroundTasks(failures)
    left: list[object] = []

    async def leaves() -> None:
        background.spawn("email", asyncio.sleep(3_600), LONG)
        left.extend(background._tasks)

    async def goes_on() -> None:
        sent = asyncio.Event()
        background.spawn("email", noted(sent), LONG)
        await background.drain()
        assert sent.is_set()
        await background.aclose(1.0)

    async def noted(sent: asyncio.Event) -> None:
        sent.set()

    first = asyncio.new_event_loop()
    first.run_until_complete(leaves())
    asyncio.run(goes_on())
    for task in left:
        assert isinstance(task, asyncio.Task)
        task.cancel()
    first.run_until_complete(asyncio.sleep(0.0))
    first.run_until_complete(asyncio.sleep(0.0))
    first.close()
