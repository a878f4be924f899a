"""A renewal whose caller cannot go on holds up nobody else."""

import asyncio
import threading
from collections.abc import Iterator

import httpx2
import pytest

from bymax_auth.client import RotatedTokens, Session
from bymax_auth.client.drivers import AsyncDriver, SyncDriver
from bymax_auth.client.exchange import wait
from bymax_auth.client.flight import Flight
from bymax_auth.client.sending import RouteAddress
from bymax_auth.client.session import Turn
from tests.servers.patience import PATIENCE
from tests.unit.client.answers import Server, client_of, session, signed_in_body, sync_client_of
from tests.unit.client.holding import HeldServer

RENEWED = httpx2.Response(200, content=signed_in_body("a.b.new", "renewed"))


class Stopped:
    """An event loop that has stopped in the middle of a renewal; it can go on later."""

    def __init__(self, held: Session) -> None:
        self.loop = asyncio.new_event_loop()
        self.server = HeldServer(httpx2.Response(200, content=signed_in_body("a.b.late", "late")))
        self.renewing = self.loop.create_task(self.server.client(held).refresh())
        self.loop.run_until_complete(self.server.reached.wait())

    def finish(self) -> RotatedTokens:
        self.server.released.set()
        return self.loop.run_until_complete(self.renewing)

    def give_up(self) -> None:
        self.renewing.cancel()
        self.loop.run_until_complete(asyncio.wait([self.renewing]))
        self.loop.close()


@pytest.fixture
def held() -> Session:
    return session()


@pytest.fixture
def before(held: Session) -> Iterator[Stopped]:
    """A loop of the session that has stopped."""
    one = Stopped(held)
    yield one
    one.give_up()


async def renewed_within(server: Server, held: Session) -> RotatedTokens:
    async with asyncio.timeout(PATIENCE):
        return await client_of(server, held).refresh()


def test_a_renewal_whose_loop_has_stopped_is_taken_over(held: Session, before: Stopped) -> None:
    """One run of a script would leave every later one waiting for ever."""
    server = Server({"/refresh": RENEWED})
    assert asyncio.run(renewed_within(server, held)).access_token == "a.b.new"
    assert held.held.access_token == "a.b.new"


def test_a_thread_takes_the_renewal_of_its_own_stopped_loop_over(held: Session, before: Stopped) -> None:
    """It is no deadlock: nothing waits for the thread."""
    assert sync_client_of(Server({"/refresh": RENEWED}), held).refresh().access_token == "a.b.new"


class StopsMeanwhile(Flight):
    """A flight whose event loop stops once somebody has seen it running."""

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self.of, self.running_in = asyncio.get_running_loop(), thread

    @property
    def is_abandoned(self) -> bool:
        seen = super().is_abandoned
        self.of.call_soon_threadsafe(self.of.stop)
        self.running_in.join(PATIENCE)
        return seen


@pytest.fixture
def flight() -> Iterator[StopsMeanwhile]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> StopsMeanwhile:
        return StopsMeanwhile(thread)

    yield asyncio.run_coroutine_threadsafe(begin(), loop).result(PATIENCE)
    loop.close()


@pytest.mark.parametrize("blocking", [False, True])
async def test_whoever_waits_already_notices(flight: StopsMeanwhile, blocking: bool) -> None:
    """The loop may stop after others began to wait for it."""
    address = RouteAddress("https://auth.example.com", "auth")
    async with asyncio.timeout(PATIENCE):
        if blocking:
            outcome = await asyncio.to_thread(SyncDriver(address, httpx2.Client()).run, wait(flight))
        else:
            outcome = await AsyncDriver(address, httpx2.AsyncClient()).run(wait(flight))
    assert outcome is None


def test_whoever_waits_is_told_when_another_takes_over(held: Session) -> None:
    """Each would otherwise exchange the token once more."""
    begun: list[object] = []
    thread = threading.Thread(target=lambda: begun.append(held.begin(held.held)))
    thread.start()
    thread.join(PATIENCE)
    (abandoned,) = begun
    assert isinstance(abandoned, Turn)
    waiter = abandoned.flight.waiter()
    assert isinstance(held.begin(held.held), Turn)
    assert waiter.done()
    assert waiter.result() is None
    assert isinstance(held.begin(held.held), Flight)


def test_a_loop_that_goes_on_later_disturbs_nobody(held: Session, before: Stopped) -> None:
    """What it got is older than what the session holds by now."""
    newer = asyncio.run(renewed_within(Server({"/refresh": RENEWED}), held))
    assert before.finish() == held.held == newer


def test_a_loop_that_goes_on_first_is_not_undone(held: Session, before: Stopped) -> None:
    """Both exchanges are of one token, and the later answer is not stored over the earlier one."""
    turn = held.begin(held.held)
    assert isinstance(turn, Turn)
    assert before.finish().access_token == "a.b.late"
    assert held.begin(held.held) is turn.flight
    assert not turn.renewed(RotatedTokens(access_token="a.b.new", refresh_token="renewed"))
    assert held.held.access_token == "a.b.late"


async def test_a_renewal_of_a_thread_that_is_gone_is_taken_over(held: Session) -> None:
    """A child process has the session of its parent, and none of the parent's threads."""
    thread = threading.Thread(target=held.begin, args=(held.held,))
    thread.start()
    thread.join(PATIENCE)
    assert (await renewed_within(Server({"/refresh": RENEWED}), held)).access_token == "a.b.new"
