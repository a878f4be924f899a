"""
A uvicorn server of one contender, in a process of its own.

    python -m benchmarks.server asgi --pin

It binds a free loopback port, says so on its output as one line of JSON, and then obeys the lines of its
input, answering each with a line of JSON:

    cpu       nanoseconds of processor time that this process, with all its threads, has used
    watch     start a ticker that wants to run every millisecond
    delays    stop the ticker; milliseconds by which each tick was late

It stops when its input ends, so it never outlives whoever started it.
"""

import argparse
import asyncio
import json
import os
import socket
import threading
import time
from typing import Final

import uvicorn

from benchmarks.contenders import CONTENDERS, Contender

__all__ = ["main"]

_TICK: Final = 0.001
_KEEP_ALIVE: Final = 600


class Ticker:
    """Wants to run every millisecond and notes how late each run is."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; called on the event loop."""
        self._late = []
        self._task = asyncio.get_running_loop().create_task(self._tick())

    def stop(self) -> None:
        """End; called on the event loop."""
        if self._task is not None:
            self._task.cancel()

    @property
    def late(self) -> list[float]:
        """Milliseconds by which each tick was late."""
        return self._late

    async def _tick(self) -> None:
        while True:
            # Not the loop's own clock: uvloop's has whole milliseconds.
            due = time.perf_counter() + _TICK
            await asyncio.sleep(_TICK)
            self._late.append((time.perf_counter() - due) * 1e3)


async def serve(contender: Contender, listener: socket.socket) -> None:
    """Serve until the input ends."""
    async with contender.open() as app:
        config = uvicorn.Config(
            app,
            lifespan="off",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        server = uvicorn.Server(config)
        loop, ticker = asyncio.get_running_loop(), Ticker()
        obey = threading.Thread(target=_obey, args=(server, loop, ticker), daemon=True)
        obey.start()
        _say({"port": listener.getsockname()[1], "loop": type(loop).__module__, "http": _parser(config)})
        await server.serve(sockets=[listener])


def _obey(server: uvicorn.Server, loop: asyncio.AbstractEventLoop, ticker: Ticker) -> None:
    # The descriptor is read, not `sys.stdin`: its lock, held while waiting, would outlive the interpreter.
    pending = b""
    while chunk := os.read(0, 1024):
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            _say(_answer(line.decode(), loop, ticker))
    server.should_exit = True


def _answer(command: str, loop: asyncio.AbstractEventLoop, ticker: Ticker) -> object:
    match command:
        case "cpu":
            return time.process_time_ns()
        case "watch":
            loop.call_soon_threadsafe(ticker.start)
            return True
        case "delays":
            loop.call_soon_threadsafe(ticker.stop)
            return list(ticker.late)
        case _:
            return None


def _say(value: object) -> None:
    print(json.dumps(value), flush=True)


def _parser(config: uvicorn.Config) -> str:
    config.load()
    return config.http_protocol_class.__module__.rpartition(".")[2].removesuffix("_impl")


def main() -> None:
    """Run the server that the command line names."""
    parser = argparse.ArgumentParser(prog="benchmarks.server")
    parser.add_argument("contender", choices=sorted(CONTENDERS))
    parser.add_argument("--pin", action="store_true", help="stay on one core")
    wanted = parser.parse_args()
    if wanted.pin and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        config = uvicorn.Config("unused")
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(serve(CONTENDERS[wanted.contender], listener))


if __name__ == "__main__":
    main()
