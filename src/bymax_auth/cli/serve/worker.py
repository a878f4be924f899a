"""
Process management of one of several workers.

A worker exits when its parent process ends, even if that was killed, and leaves the handling of SIGHUP
to the parent.  A worker that cannot open the stores exits with a code of its own and is restarted:
uvicorn treats its exit code for a failed start as a reason to stop every worker.
"""

import asyncio
import atexit
import gc
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
    """Return whether this process is one of several workers."""
    return multiprocessing.parent_process() is not None


def exit_with_parent() -> None:
    """Exit when the parent exits, and ignore SIGHUP; without workers, do nothing."""
    if not is_worker():
        return
    atexit.register(gc.freeze)  # as the command line does
    if hasattr(signal, "SIGHUP"):
        # It is sent to the whole process group, and its default action would kill the worker during requests.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


async def exit_for_restart() -> NoReturn:
    """Exit this worker, so that the parent starts another one."""
    _LOGGER.error("The worker cannot start and is restarted")
    await asyncio.sleep(_RESTART_DELAY_SECONDS)
    os._exit(_TEMPORARY_FAILURE)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
