"""
What one of several workers does beside serving.

It ends with the process that started it, even when that was killed, and it leaves to that process
what a signal means to all of them.  A worker that is started while the stores are away ends and is
started again: uvicorn takes its own code for a failed start as a reason to end every worker.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from typing import Final, NoReturn

__all__ = ["exit_for_restart", "exit_with_parent", "is_worker"]

_LOGGER: Final = logging.getLogger("bymax_auth.serve")
_TEMPORARY_FAILURE: Final = 75
"""Source: BSD sysexits.h, EX_TEMPFAIL: "the user is invited to retry"."""

_RESTART_DELAY_SECONDS: Final = 1.0


def is_worker() -> bool:
    """Say whether this process is one of several workers."""
    return multiprocessing.parent_process() is not None


def exit_with_parent() -> None:
    """End with the parent, and only on its word; nothing happens in a process that serves alone."""
    if not is_worker():
        return
    if hasattr(signal, "SIGHUP"):
        # It reaches the whole group, and by itself would end the worker amid its requests.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


async def exit_for_restart() -> NoReturn:
    """End this worker, so that another one is started."""
    _LOGGER.error("The worker cannot start and is replaced")
    await asyncio.sleep(_RESTART_DELAY_SECONDS)
    os._exit(_TEMPORARY_FAILURE)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
