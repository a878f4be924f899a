"""Tables that people read, and the same figures as JSON with the machine they were measured on."""

import json
import os
import platform
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["Cell", "Table", "machine", "print_table", "write_json"]

Cell = str | int | float | None
"""A value of a table; ``None`` is a gap."""

_COMPARED = (
    "better-auth-server",
    "bymax-auth",
    "fastapi",
    "fastapi-users",
    "httptools",
    "joserfc",
    "pyjwt",
    "redis",
    "uvicorn",
    "uvloop",
)


@dataclass(frozen=True, slots=True)
class Table:
    """
    What one benchmark found.

    `key` names it in JSON.  The first column names the row; `notes` say what a reader must know
    to judge the figures.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def machine() -> dict[str, Cell]:
    """Return what the figures depend on: processor, Python, OpenSSL, and the packages compared."""
    facts: dict[str, Cell] = {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "openssl": ssl.OPENSSL_VERSION,
    }
    return facts | {name: _version(name) for name in _COMPARED}


def print_table(table: Table) -> None:
    """Print a table, its notes below it."""
    lines = [table.columns, *([_shown(cell) for cell in row] for row in table.rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(table.columns))]
    print(f"\n{table.title}")
    for number, line in enumerate(lines):
        print("  " + "  ".join(_padded(cell, widths, index) for index, cell in enumerate(line)).rstrip())
        if number == 0:
            print("  " + "  ".join("─" * width for width in widths))
    for note in table.notes:
        print(f"  · {note}", flush=True)


def write_json(path: Path, tables: Iterable[Table]) -> None:
    """Write the tables and the machine to `path`, whose folder is made when it is missing."""
    document = {
        "machine": machine(),
        "tables": [
            {
                "key": table.key,
                "title": table.title,
                "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
                "notes": list(table.notes),
            }
            for table in tables
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _padded(cell: str, widths: Sequence[int], index: int) -> str:
    return cell.ljust(widths[index]) if index == 0 else cell.rjust(widths[index])


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, float):
        return str(cell)
    for bound, digits in ((100.0, 0), (10.0, 1)):
        if abs(cell) >= bound:
            return f"{cell:,.{digits}f}"
    return f"{cell:.2f}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
