"""
Runs the benchmarks that the command line names, or all of them.

    python -m benchmarks [--quick] [--json FILE] [jwt] [verifier] [crypto] [stores] [http] [fastapi]
                         [telemetry] [second_factor] [sign_in] [importers] [flood] [redis] [feed] [sockets]
                         [socket_memory] [memory]

Everything stays on the loopback interface and ends by itself.  With ``--quick`` the run only shows that
everything works: its samples are too short for figures to be repeated.
"""

import argparse
import time
from importlib import import_module
from pathlib import Path
from typing import Final

from benchmarks.report import Table, machine, print_table, write_json

__all__ = ["main"]

NAMES: Final = (
    "jwt",
    "verifier",
    "crypto",
    "stores",
    "http",
    "fastapi",
    "telemetry",
    "second_factor",
    "sign_in",
    "importers",
    "flood",
    "redis",
    "feed",
    "sockets",
    "socket_memory",
    "memory",
)
RESULTS: Final = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Run, print, and write the figures down."""
    wanted = _arguments()
    print("  ".join(f"{name} {value}" for name, value in machine().items() if value is not None), flush=True)
    if wanted.quick:
        print("quick: the figures only show that everything runs", flush=True)
    started = time.monotonic()
    tables: list[Table] = []
    for name in wanted.names or NAMES:
        for table in import_module(f"benchmarks.{name}").run(quick=wanted.quick):
            print_table(table)
            tables.append(table)
    written = wanted.json or (None if wanted.quick else RESULTS)
    if written is not None:
        write_json(written, tables)
        print(f"\nwritten to {written}")
    print(f"took {time.monotonic() - started:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the library beside others.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="only show that everything runs")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help=f"where to write figures, by default {RESULTS}"
    )
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(NAMES):
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    return wanted


if __name__ == "__main__":
    main()
