"""
Who opened a connection: one process and one event loop, and nobody else may use it.

    forked since then        the connection is the parent's: a reply to one would reach the other
    the loop has ended       nothing reads from the connection any more
    the loop still runs      in another thread, which goes on using it
"""

import asyncio
import os

from bymax_auth.errors import StoreUnavailable

__all__ = ["Owner"]


class Owner:
    """The running process and event loop."""

    __slots__ = ("_loop", "_pid")

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.get_running_loop()

    def is_current(self) -> bool:
        """Say whether this process and this event loop are still the owner."""
        return self._loop is asyncio.get_running_loop() and self._pid == os.getpid()

    def is_this_process(self) -> bool:
        """Say whether the process was not forked since."""
        return self._pid == os.getpid()

    def assert_ended(self) -> None:
        """
        Pass when another owner may take over.

        Raises:
            StoreUnavailable: The owner's event loop is running, in another thread.
        """
        if self.is_this_process() and self._loop.is_running():
            raise StoreUnavailable(
                "The Redis stores are in use on another event loop; build an engine for each event loop."
            )
