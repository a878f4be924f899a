"""
What one caller sends for all, as those who wait for it see it.

A flight ends when its caller says so.  A caller that cannot any more, because its event loop has stopped or
its thread is gone, has abandoned it: nobody else may wait for that.
"""

import asyncio
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Final

from bymax_auth.client.errors import AuthClientError
from bymax_auth.types.results import RotatedTokens

__all__ = ["LOOK_EVERY", "Flight", "FlightOutcome"]

FlightOutcome = RotatedTokens | AuthClientError | None
"""What came of a flight: new tokens, why there are none, or nothing that others could use."""

LOOK_EVERY: Final = 0.25
"""Seconds after which whoever waits looks again whether the flight was abandoned."""


class Flight:
    """A request that the caller who makes this sends, from this thread and in its running event loop."""

    __slots__ = ("_ended", "_loop", "_thread")

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        self._loop: asyncio.AbstractEventLoop | None = None
        with suppress(RuntimeError):
            self._loop = asyncio.get_running_loop()
        self._ended: Future[FlightOutcome] = Future()

    @property
    def is_of_this_thread(self) -> bool:
        """Whether it can only end once the calling thread goes on."""
        return self._thread is threading.current_thread()

    @property
    def is_abandoned(self) -> bool:
        """Whether nothing goes on that could end it."""
        is_stopped = self._loop is not None and not self._loop.is_running()
        return is_stopped or not self._thread.is_alive()

    def end(self, outcome: FlightOutcome) -> None:
        """Tell whoever waits; the first outcome counts."""
        with suppress(InvalidStateError):
            self._ended.set_result(outcome)

    def waiter(self) -> Future[FlightOutcome]:
        """Return a future of the caller's own: cancelling it disturbs nobody else."""
        mine: Future[FlightOutcome] = Future()

        def settle(ended: Future[FlightOutcome]) -> None:
            if mine.set_running_or_notify_cancel():
                mine.set_result(ended.result())

        self._ended.add_done_callback(settle)
        return mine
