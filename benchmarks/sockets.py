"""
How long a WebSocket stays open after its login was revoked, by another process.

One process serves a thousand sockets of as many accounts, over real connections.  This one opens them and
revokes accounts, one after another.  The time runs from the call that revokes until the client has the close.
"""

import asyncio
import gc
import json
import multiprocessing
import random
import resource
import socket
import statistics
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from benchmarks.aged_feed import age
from benchmarks.ours import CHEAP, HTTP, TENANT, engine_of, user_of
from benchmarks.private_redis import available, private_redis
from benchmarks.report import Cell, Table
from bymax_auth.http.guards import Guards
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.request import RequestView
from bymax_auth.ports.stores import AuthStores
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.identity import Realm

__all__ = ["allow_files", "run", "served", "stores_of"]

_SOCKETS: Final = 1000
_SOCKETS_WHEN_QUICK: Final = 20
_REVOCATIONS: Final = 40
_REVOCATIONS_WHEN_QUICK: Final = 3
_AT_ONCE: Final = 50
_FILES: Final = 4096
_PAUSES: Final = (0.01, 0.4)
"""Seconds between two revocations, at least and at most: never in step with a check."""
_PATIENCE: Final = 60.0

_COLUMNS: Final = ("stores", "sockets", "revocations", "median ms", "worst ms", "others ended")


def run(*, quick: bool) -> list[Table]:
    """Measure the stores that two processes can share."""
    sockets = _SOCKETS_WHEN_QUICK if quick else _SOCKETS
    revocations = _REVOCATIONS_WHEN_QUICK if quick else _REVOCATIONS
    allow_files()
    rows = [_row(kind, place, sockets, revocations) for kind, place in _places()]
    notes = ("others ended: sockets of accounts that were not revoked, and were closed all the same",)
    return [Table("sockets", "A socket whose login another process revokes", _COLUMNS, tuple(rows), notes)]


def _places() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "one file", str(Path(folder) / "auth.db")
    if not available():
        print("sockets: Redis is skipped, there is no redis-server", flush=True)
        return
    for kind in ("Redis, read through", "Redis, feed"):
        with private_redis() as address:
            url = f"{address}0"
            if kind == "Redis, feed":
                age(url)
            yield kind, url


def stores_of(kind: str, place: str) -> AuthStores:
    if kind == "one file":
        return EmbeddedStores(place)
    from bymax_auth.stores.redis import RedisStores

    return RedisStores.from_url(place, revocation="feed" if kind == "Redis, feed" else "read_through")


def _row(kind: str, place: str, sockets: int, revocations: int) -> tuple[Cell, ...]:
    with served(kind, place) as port:
        waits, others = asyncio.run(_measured(kind, place, port, sockets, revocations))
    return kind, sockets, revocations, statistics.median(waits), max(waits), others


@contextmanager
def served(kind: str, place: str) -> Iterator[int]:
    """A process that holds sockets, and says over HTTP what it has; its port."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_serving, args=(theirs, kind, place))
    process.start()
    # The end of a process ends the pipe only when nobody else holds this side of it.
    theirs.close()
    try:
        if not ours.poll(_PATIENCE):
            raise RuntimeError("the server did not start in time")
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serving(pipe: Connection, kind: str, place: str) -> None:
    allow_files()
    asyncio.run(_serve(pipe, kind, place))


async def _serve(pipe: Connection, kind: str, place: str) -> None:
    import uvicorn

    async with engine_of(CHEAP, stores_of(kind, place)) as engine:
        guards = Guards(engine, HTTP)

        async def live(scope: Any, receive: Any, send: Any) -> None:
            user = await guards.ws_auth_user_from_header(RequestView(scope))
            await receive()
            await send({"type": "websocket.accept"})
            async with asyncio.TaskGroup() as tasks:
                receiving = tasks.create_task(receive())
                ending = tasks.create_task(guards.ended(user).wait())
                first, _ = await asyncio.wait((receiving, ending), return_when=asyncio.FIRST_COMPLETED)
                receiving.cancel()
                ending.cancel()
            if receiving not in first:
                reason = ending.result()
                await send({"type": "websocket.close", "code": reason.close_code, "reason": str(reason)})

        guarded: Any = AuthMiddleware(live, engine, HTTP)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await (guarded if scope["type"] == "websocket" else _figures)(scope, receive, send)

        config = uvicorn.Config(app, lifespan="off", log_level="error", ws="websockets-sansio")
        with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
            pipe.send(listener.getsockname()[1])
            await uvicorn.Server(config).serve(sockets=[listener])


def _memory_kib() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


async def _figures(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer how many tasks and objects this process has once garbage is gone, and its memory in KiB."""
    gc.collect()
    figures = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects()), "kib": _memory_kib()}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(figures).encode()})


async def _measured(
    kind: str, place: str, port: int, sockets: int, revocations: int
) -> tuple[list[float], int]:
    """Return the milliseconds until each revoked socket was closed, and how many others were."""
    from websockets.asyncio.client import connect

    closed: dict[int, float] = {}
    events = [asyncio.Event() for _ in range(sockets)]

    async def hold(number: int, opened: asyncio.Event, token: str) -> None:
        header = {"Authorization": f"Bearer {token}"}
        address = f"ws://127.0.0.1:{port}/"
        async with connect(address, additional_headers=header, proxy=None, ping_interval=None) as connection:
            opened.set()
            await connection.wait_closed()
        closed[number] = time.perf_counter()
        events[number].set()

    async with engine_of(CHEAP, stores_of(kind, place)) as engine, asyncio.TaskGroup() as tasks:
        issue = engine.authenticate.access_tokens.issue
        held: list[asyncio.Task[None]] = []
        for start in range(0, sockets, _AT_ONCE):
            opening: list[Coroutine[Any, Any, object]] = []
            for number in range(start, min(start + _AT_ONCE, sockets)):
                opened = asyncio.Event()
                token = issue(user_of(number), epoch=0, mfa_verified=False)
                held.append(tasks.create_task(hold(number, opened, token)))
                opening.append(opened.wait())
            async with asyncio.timeout(_PATIENCE):
                await asyncio.gather(*opening)
        waits: list[float] = []
        for number in random.sample(range(sockets), revocations):
            await asyncio.sleep(random.uniform(*_PAUSES))
            subject = engine.identifiers.subject(Realm.DASHBOARD, user_of(number).id, TENANT)
            began = time.perf_counter()
            await engine.stores.sessions.revoke_all(subject)
            async with asyncio.timeout(_PATIENCE):
                await events[number].wait()
            waits.append((closed[number] - began) * 1e3)
        others = len(closed) - revocations
        for one in held:
            one.cancel()
    return waits, others


def allow_files() -> None:
    """Let this process open as many sockets as the benchmarks need."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
