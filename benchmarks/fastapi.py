"""
What our FastAPI adapter and its guards cost, beside libraries that FastAPI hosts would use instead.

Every row is one kind of request of clients who are signed in, answered by uvicorn from memory; the rows
take turns.  The ratios compare medians, and hold the adapter to the plain application, a guarded route to
the same route without a guard, and `install` to the other libraries.
"""

import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from benchmarks.clients import CONNECTIONS, Server
from benchmarks.contenders import CONTENDERS, GUARDED, ME, NOTHING, OPEN
from benchmarks.latency import asker, latencies, percentile
from benchmarks.measure import Figures, Plan, interleaved, pinned, ratio
from benchmarks.report import Table

__all__ = ["run"]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request to one contender."""

    label: str
    contender: str
    operation: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two rows that are compared, and the ratio that is aimed at, if any."""

    label: str
    row: Row
    to: Row
    target: float | None = None


_PLAIN: Final = Row("bymax-auth, plain ASGI: GET /auth/me", "asgi", ME)
_INSTALLED: Final = Row("bymax-auth, install(): GET /auth/me", "fastapi", ME)
_OPEN: Final = Row("FastAPI host's route, no guard", "fastapi", OPEN)
_GUARDED: Final = Row("FastAPI host's route, CurrentUser", "fastapi", GUARDED)
_BETTER_AUTH: Final = Row("better-auth-server: GET /api/auth/get-session", "better-auth", ME)
_FASTAPI_USERS: Final = Row("FastAPI Users: GET /users/me", "documented", ME)
_NOTHING: Final = Row(NOTHING.label, NOTHING.name, ME)

_ROWS: Final = (_PLAIN, _INSTALLED, _OPEN, _GUARDED, _BETTER_AUTH, _FASTAPI_USERS, _NOTHING)
_RATIOS: Final = (
    Ratio("install() / plain ASGI", _INSTALLED, _PLAIN, 1.35),
    Ratio("CurrentUser / no guard", _GUARDED, _OPEN, 1.35),
    Ratio("install() / better-auth-server", _INSTALLED, _BETTER_AUTH, 0.5),
    Ratio("install() / FastAPI Users", _INSTALLED, _FASTAPI_USERS),
)
_COLUMNS: Final = ("request", "CPU µs/request", "± µs", "p50 ms", "p99 ms", "samples")
_NOTES: Final = (
    f"CPU is the server's process alone, with {CONNECTIONS} connections; latency is what one client waits",
    "both host routes are on one app, which has the auth routes installed, and get the same request",
    "better-auth-server: in-memory adapter, signed cookie; cookie cache and rate limit are off, its defaults",
    "ours asks its store whether the token was revoked; FastAPI Users cannot revoke its JWT",
)
_RATIO_NOTES: Final = ("ratios of median CPU; the server's own work is part of both sides",)


def run(*, quick: bool) -> list[Table]:
    """Measure every row behind a server, in turns."""
    # On one core client and server take turns: waking another core would be charged to whoever wakes it.
    with pinned(), ExitStack() as stack:
        servers = {
            name: stack.enter_context(Server(CONTENDERS[name]))
            for name in dict.fromkeys(row.contender for row in _ROWS)
        }
        turns = {row.label: servers[row.contender].turn(row.operation) for row in _ROWS}
        cpu = interleaved(turns, Plan.of(quick=quick))
        asks = {row.label: asker(servers[row.contender], row.operation) for row in _ROWS}
        waits = latencies(asks, 5 if quick else 200)
        made_of = servers[_PLAIN.contender].made_of
    rows = tuple(_row(row, cpu, waits[row.label]) for row in _ROWS)
    notes = (f"{made_of}, client and server on one core, no access log", *_NOTES)
    return [
        Table("fastapi", "FastAPI, served", _COLUMNS, rows, notes),
        Table(
            "fastapi.ratios",
            "FastAPI, ratios",
            ("ratio", "×", "at most"),
            tuple((one.label, ratio(cpu[one.row.label], cpu[one.to.label]), one.target) for one in _RATIOS),
            _RATIO_NOTES,
        ),
    ]


def _row(row: Row, cpu: Mapping[str, Figures], waits: list[float]) -> tuple[str | float, ...]:
    figures = cpu[row.label]
    p50, p99 = statistics.median(waits), percentile(waits, 99)
    return row.label, figures.median / 1e3, figures.spread / 1e3, p50, p99, len(figures.samples)
