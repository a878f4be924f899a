"""
What a process keeps of WebSockets that were opened and closed: tasks, objects, and memory.

The sockets are real connections to another process, a few hundred at once, each with a login of its own.
"""

import asyncio
import json
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from benchmarks.ours import CHEAP, engine_of, user_of
from benchmarks.report import Cell, Table
from benchmarks.sockets import allow_files, served, stores_of

__all__ = ["run"]

_ROUNDS: Final = (500, 10_000, 20_000)
"""After how many sockets the process is asked; its caches of tokens are full before the second time."""
_ROUNDS_WHEN_QUICK: Final = (20, 60)
_AT_ONCE: Final = 250
_COLUMNS: Final = ("sockets so far", "open", "tasks", "objects", "MiB")


def run(*, quick: bool) -> list[Table]:
    """Measure on one file, as long as the operating system says what a process has."""
    if not Path("/proc/self/status").exists():
        print("socket_memory: skipped, it reads /proc", flush=True)
        return []
    allow_files()
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "auth.db")
        with served("one file", place) as port:
            rows = asyncio.run(_measured(place, port, _ROUNDS_WHEN_QUICK if quick else _ROUNDS))
    return [Table("socket_memory", "What closed sockets leave behind", _COLUMNS, tuple(rows))]


async def _measured(place: str, port: int, rounds: tuple[int, ...]) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    async with engine_of(CHEAP, stores_of("one file", place)) as engine:
        issue = engine.authenticate.access_tokens.issue
        so_far = 0
        for total in rounds:
            while so_far < total:
                some = range(so_far, min(so_far + _AT_ONCE, total))
                tokens = [issue(user_of(number), epoch=0, mfa_verified=False) for number in some]
                held = await asyncio.gather(*(_open(port, token) for token in tokens))
                so_far = some.stop
                if so_far == total:
                    rows.append((so_far, len(held), *await _figures(port)))
                await asyncio.gather(*(one.close() for one in held))
            rows.append((so_far, 0, *await _settled(port)))
    return rows


async def _open(port: int, token: str) -> Any:
    from websockets.asyncio.client import connect

    header = {"Authorization": f"Bearer {token}"}
    return await connect(f"ws://127.0.0.1:{port}/", additional_headers=header, proxy=None, ping_interval=None)


async def _settled(port: int) -> tuple[int, int, float]:
    """Ask until two answers name as many tasks: the other process may still be closing."""
    before = await _figures(port)
    while (after := await _figures(port))[0] != before[0]:
        before = after
    return after


async def _figures(port: int) -> tuple[int, int, float]:
    def ask() -> dict[str, int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            return dict(json.load(answer))

    figures = await asyncio.to_thread(ask)
    return figures["tasks"], figures["objects"], figures["kib"] / 1024
