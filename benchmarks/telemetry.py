"""
What measurements cost a host that has not asked for them, and one whose OpenTelemetry has no provider.

Both engines are the library's own, called in one process in turns; nothing is exported.
"""

from collections.abc import Mapping
from typing import Final

from benchmarks.contenders import CONTENDERS, ME, REFRESH, Contender
from benchmarks.in_process import Applications
from benchmarks.measure import Figures, Plan, interleaved, pinned, ratio
from benchmarks.report import Table

__all__ = ["run"]

_OFF: Final = CONTENDERS["asgi"]
_CONTENDERS: Final = [_OFF, CONTENDERS["no-provider"], CONTENDERS["asgi-again"]]
_COLUMNS: Final = ("application", "CPU µs/request", "± µs", "× off", "samples")
_NOTES: Final = (
    "called through ASGI in one process, one request at a time; all threads are counted",
    "the last row is the first application again: what it differs by cannot be told from nothing",
)


def run(*, quick: bool) -> list[Table]:
    """Measure an authenticated request and a refresh, in turns."""
    plan = Plan.of(quick=quick)
    with pinned(), Applications(_CONTENDERS) as applications:
        found = {
            operation: interleaved({one.name: applications.turn(one, operation) for one in _CONTENDERS}, plan)
            for operation in (ME, REFRESH)
        }
    return [_table(operation, figures) for operation, figures in found.items()]


def _table(operation: str, found: Mapping[str, Figures]) -> Table:
    rows = tuple(_row(one, found[one.name], found[_OFF.name]) for one in _CONTENDERS)
    key = f"telemetry.{operation}".replace(" ", "_").lower()
    return Table(key, f"{operation}, with and without telemetry", _COLUMNS, rows, _NOTES)


def _row(contender: Contender, figures: Figures, off: Figures) -> tuple[str | float, ...]:
    return (
        contender.label,
        figures.median / 1e3,
        figures.spread / 1e3,
        ratio(figures, off),
        len(figures.samples),
    )
