"""A running example behind TLS, under a name of a host: what browsers are told of it."""

import asyncio
import json
import re
import runpy
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bymax_auth.cli.doctor.faults import HSTS_MISSING
from tests.integration.cli.in_process import run
from tests.servers.asgi import served
from tests.servers.certificate import certify

EXAMPLE = Path(__file__).parents[4] / "examples" / "fastapi-minimal" / "app.py"
HOST = "app.example.test"


class WithHeader:
    """What a proxy adds to every answer."""

    def __init__(self, app: ASGIApp, header: tuple[bytes, bytes]) -> None:
        self._app, self._header = app, header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self._header]
            await send(message)

        await self._app(scope, receive, sent)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the host leads to this machine, as a name server would say."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *more: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host in {HOST, HOST.encode()} else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@asynccontextmanager
async def over_tls(app: ASGIApp, certificate: Path) -> AsyncGenerator[str]:
    """Serve an application, and yield its origin."""
    async with served(app, lifespan="on", ssl_certfile=certificate, ssl_keyfile=certificate) as address:
        yield f"https://{HOST}:{address.rpartition(':')[2]}"


async def test_an_example_over_tls_lacks_the_header_until_it_is_sent(named: None, tmp_path: Path) -> None:
    """The advice of the report is followed, and the report still says the same."""
    certificate = certify(tmp_path, "127.0.0.1", HOST)
    advised = re.search(r"`([\w-]+): ([^`]+)`", HSTS_MISSING.change)
    assert advised is not None
    header = advised[1].lower().encode(), advised[2].encode()
    found: list[tuple[int, list[str], list[str]]] = []
    for protects in (False, True):
        app = runpy.run_path(str(EXAMPLE))["app"]
        async with over_tls(WithHeader(app, header) if protects else app, certificate) as origin:
            words = ("doctor", origin, "--ca-file", certificate, "--api", "/auth/me", "--json")
            done = await asyncio.to_thread(run, *words, "--rate", "1000", "--timeout", "60")
        assert done.stderr == ""
        report = json.loads(done.stdout)
        found.append(
            (
                done.returncode,
                [one["check"] for one in report["findings"]],
                [one["check"] for one in report["notChecked"] if one["check"] == HSTS_MISSING.id],
            )
        )
    assert found == [(1, [HSTS_MISSING.id], []), (0, [], [])]
