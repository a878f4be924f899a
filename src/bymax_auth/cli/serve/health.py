"""Liveness and readiness probes: ``/healthz`` and ``/readyz``."""

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
"""Shorter than the usual timeout of probes, so that they receive a response."""

_UNUSED_COUNTER: Final = CounterId("0" * 64, "0000")
"""A counter that is never incremented: reading it is one lookup."""

_HEADERS: Final = {"Cache-Control": "no-store"}


class Probe:
    """Checks dependencies, each with a timeout."""

    def __init__(self, timeout: float = _TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._cancelled: set[asyncio.Task[object]] = set()

    async def answers(self, read: Coroutine[Any, Any, object]) -> bool:
        """Return whether `read` succeeds within the timeout."""
        task: asyncio.Task[object] = asyncio.create_task(read)
        # Not `asyncio.timeout`, which waits for the cancelled task: a driver may take seconds to close.
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
            # Retrieved, because asyncio logs exceptions that are never retrieved.
            task.exception()


def add_health(app: FastAPI, service: Service) -> None:
    """Add both routes; their responses contain no address and no error text."""
    probe = Probe()

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    async def readyz(_request: Request) -> JSONResponse:
        stores, database = await asyncio.gather(
            probe.answers(service.engine.stores.attempts.failures(_UNUSED_COUNTER)),
            probe.answers(service.database.read_once()),
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
