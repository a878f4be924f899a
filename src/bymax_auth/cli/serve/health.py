"""Whether the process answers, and whether what it runs on does: ``/healthz`` and ``/readyz``."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from bymax_auth.cli.serve.service import Service
from bymax_auth.errors import InternalError
from bymax_auth.ports.attempts import CounterId

__all__ = ["Probe", "add_health"]

_TIMEOUT_SECONDS: Final = 3.0
"""Shorter than the time after which the usual probes give up, so that they read an answer."""

_UNUSED_COUNTER: Final = CounterId("0" * 64, "0000")
"""A counter that nothing counts: reading it costs the stores one lookup."""

_HEADERS: Final = {"Cache-Control": "no-store"}


class Probe:
    """Reads what the service runs on, and waits for none of it longer than a probe does."""

    def __init__(self, timeout: float = _TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._cancelled: set[asyncio.Task[object]] = set()

    async def answers(self, read: Coroutine[Any, Any, object]) -> bool:
        """Say whether `read` succeeds in time."""
        task: asyncio.Task[object] = asyncio.create_task(read)
        # Not `asyncio.timeout`: a driver takes seconds of its own to give a connection up.
        done, _ = await asyncio.wait({task}, timeout=self._timeout)
        if not done:
            self._cancelled.add(task)
            task.add_done_callback(self._forget)
            task.cancel()
            return False
        failure = task.exception()
        if failure is not None and not isinstance(failure, InternalError):
            raise failure
        return failure is None

    def _forget(self, task: asyncio.Task[object]) -> None:
        self._cancelled.discard(task)
        if not task.cancelled():
            # Asked for, or asyncio complains that nobody did.
            task.exception()


def add_health(app: FastAPI, service: Service) -> None:
    """Add both routes; their answers name parts, and never an address or an error's text."""
    probe = Probe()

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    async def readyz(_request: Request) -> JSONResponse:
        stores, database = await asyncio.gather(
            probe.answers(service.engine.stores.attempts.failures(_UNUSED_COUNTER)),
            probe.answers(service.check_database()),
        )
        ready = stores and database
        parts = {
            "status": _status(ready, "ready"),
            "stores": _status(stores, "ok"),
            "database": _status(database, "ok"),
        }
        return JSONResponse(parts, status_code=200 if ready else 503, headers=_HEADERS)

    app.add_route("/healthz", healthz, methods=["GET"], include_in_schema=False)
    app.add_route("/readyz", readyz, methods=["GET"], include_in_schema=False)


def _status(good: bool, name: str) -> str:
    return name if good else "unavailable"
