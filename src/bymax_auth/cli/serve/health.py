"""Whether the process answers, and whether what it runs on does: ``/healthz`` and ``/readyz``."""

import asyncio
from collections.abc import Awaitable
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from bymax_auth.cli.serve.service import Service
from bymax_auth.errors import InternalError
from bymax_auth.ports.attempts import CounterId

__all__ = ["add_health"]

_PATIENCE_SECONDS: Final = 3.0
"""Shorter than the time after which the usual probes give up, so that they read an answer."""

_NO_COUNTER: Final = CounterId("0" * 64, "0000")
"""A counter that nothing counts: reading it costs the stores one lookup."""

_HEADERS: Final = {"Cache-Control": "no-store"}


def add_health(app: FastAPI, service: Service) -> None:
    """Add both routes; their answers name parts, and never an address or an error's text."""

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_HEADERS)

    async def readyz(_request: Request) -> JSONResponse:
        stores, database = await asyncio.gather(
            _answers(service.engine.stores.attempts.failures(_NO_COUNTER)),
            _answers(service.reach_database()),
        )
        ready = stores and database
        parts = {
            "status": _word(ready, "ready"),
            "stores": _word(stores, "ok"),
            "database": _word(database, "ok"),
        }
        return JSONResponse(parts, status_code=200 if ready else 503, headers=_HEADERS)

    app.add_route("/healthz", healthz, methods=["GET"], include_in_schema=False)
    app.add_route("/readyz", readyz, methods=["GET"], include_in_schema=False)


async def _answers(read: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await read
    except (InternalError, TimeoutError):
        return False
    return True


def _word(good: bool, name: str) -> str:
    return name if good else "unavailable"
