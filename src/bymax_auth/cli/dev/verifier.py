"""
The second process of the development server: ``python -m bymax_auth.cli.dev.verifier FILE``.

It opens the same data file with an engine of its own, and reads one JSON object for each line of its
input: ``{"id": 1, "token": "…"}``.  It verifies that access token about every millisecond, and writes

    {"id": 1, "accepted": true}                          after the first time, or false
    {"id": 1, "checks": 42, "refusedAt": 123456789}      when the token is refused, or null after a while

``refusedAt`` is `time.monotonic_ns`, which the processes of one machine share.  The end of the input ends
the process, so that it never outlives its parent.
"""

import asyncio
import atexit
import contextlib
import gc
import json
import sys
import time
from pathlib import Path
from typing import Final

from bymax_auth.cli.dev.data import open_data
from bymax_auth.cli.dev.engine import build_verifier
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AuthError

__all__ = ["main"]

_LONGEST_SECONDS: Final = 30
_INTERVAL_SECONDS: Final = 0.001


async def main(path: Path) -> None:
    """Serve until the end of the input."""
    async with (
        open_data(path) as data,
        build_verifier(data) as engine,
        asyncio.TaskGroup() as watches,
    ):
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            watches.create_task(_watch(engine, asked["id"], asked["token"]))


async def _watch(engine: AuthEngine, number: int, token: str) -> None:
    """Verify the token until it is refused."""
    checks = 0
    refused_at: int | None = None
    deadline = time.monotonic() + _LONGEST_SECONDS
    while refused_at is None and time.monotonic() < deadline:
        try:
            await engine.authenticate(token)
        except AuthError:
            refused_at = time.monotonic_ns()
        checks += 1
        if checks == 1:
            _write({"id": number, "accepted": refused_at is None})
        await asyncio.sleep(_INTERVAL_SECONDS)
    _write({"id": number, "checks": checks, "refusedAt": refused_at})


def _write(reply: dict[str, object]) -> None:
    print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    atexit.register(gc.freeze)  # as the command line does
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1])))
