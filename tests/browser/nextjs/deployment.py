"""
The example for Next as it is deployed: the built pages, the API in Python behind a loopback proxy, Redis.

The proxy lets a test take the API away, or make it slow, without losing the accounts that it keeps in memory.
"""

import asyncio
import base64
import re
import secrets
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bymax_auth.cli.keygen import fresh_secret
from tests.browser.nextjs.building import QUIET
from tests.integration.cli.dev_server import surroundings
from tests.servers.forked import forked
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port
from tests.servers.proxy import Proxy
from tests.servers.redis import until
from tools import npm_package

__all__ = ["SECRET", "Deployment", "deployed", "eventually", "pages_served"]

SECRET = fresh_secret()


@dataclass(frozen=True)
class Deployment:
    """Where the pages are, what stands before the API, and where both write."""

    url: str
    api: Proxy
    folder: Path

    def refreshes(self) -> int:
        """How many times the API was asked to exchange a refresh token."""
        return self._written("api.log").count("POST /auth/refresh ")

    async def mailed_code(self, email: str) -> str:
        """The last code that was mailed to an address; it is sent after the answer."""
        pattern = re.compile(rf"Mail to {re.escape(email)} (?:(?!Mail to).)*?\b([0-9]{{6}})\b", re.DOTALL)
        await eventually(lambda: pattern.search(self._written("mail.log")) is not None, "a code is mailed")
        return str(pattern.findall(self._written("mail.log"))[-1])

    def _written(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


async def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait for another process, while the loop passes its bytes on."""
    await asyncio.to_thread(until, holds, what)


@asynccontextmanager
async def deployed(
    built: Path, redis_url: str, folder: Path, **of_the_pages: str
) -> AsyncGenerator[Deployment]:
    """Serve everything until the block ends; the process of the pages gets these variables as well."""
    pages_port, api_port = free_port(), free_port()
    url = f"http://127.0.0.1:{pages_port}"
    api = {
        "JWT_SECRET": SECRET,
        "MFA_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "REDIS_URL": redis_url,
        "APP_ORIGIN": url,
    }
    uvicorn = [str(forked().with_name("python")), "-m", "uvicorn", "server:app", "--port", str(api_port)]
    async with (
        Proxy(api_port) as proxy,
        _running(uvicorn, built, api, folder / "api.log", folder / "mail.log", api_port),
    ):
        pages = {"API_BASE_URL": f"http://127.0.0.1:{proxy.port}", **of_the_pages}
        async with pages_served(built, pages_port, folder / "pages.log", **pages):
            yield Deployment(url, proxy, folder)


@asynccontextmanager
async def pages_served(built: Path, port: int, log: Path, **variables: str) -> AsyncGenerator[None]:
    """Serve a built project of Next until the block ends."""
    start = [str(npm_package.ready()), "node_modules/next/dist/bin/next", "start"]
    start += ["--hostname", "127.0.0.1", "--port", str(port)]
    async with _running(start, built, {**QUIET, "JWT_SECRET": SECRET, **variables}, log, log, port):
        yield


@asynccontextmanager
async def _running(
    words: list[str], folder: Path, variables: dict[str, str], out: Path, errors: Path, port: int
) -> AsyncGenerator[None]:
    with out.open("ab") as said, errors.open("ab") as complained:
        process = subprocess.Popen(
            words, cwd=folder, env=surroundings() | variables, stdout=said, stderr=complained
        )
    with process:
        try:
            await eventually(lambda: process.poll() is not None or _answers(port), f"{words[1]} serves")
            assert process.poll() is None, errors.read_text("utf-8") + out.read_text("utf-8")
            yield
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, PATIENCE)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with closing(connection), suppress(OSError, HTTPException):
        connection.request("GET", "/login")
        return connection.getresponse().status < 500
    return False
