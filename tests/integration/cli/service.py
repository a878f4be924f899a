"""A running `bymax-auth serve`: what configures it, where it writes, and the people who use it."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import create_engine

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.repositories.sqlalchemy import metadata
from tests.integration.cli.dev_server import PATIENCE, free_port, surroundings
from tests.servers.forked import forked

STEP = 0.05
EMAIL, PASSWORD = "ana@example.com", "a quiet river at dawn 42"
SECRETS = (fresh_secret(), fresh_secret())


@dataclass
class Service:
    """A running service and where it writes."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def client(self) -> httpx2.Client:
        url = f"http://127.0.0.1:{self.port}"
        return httpx2.Client(base_url=url, headers={"Origin": url}, timeout=PATIENCE)

    def logged(self) -> list[dict[str, Any]]:
        """Every line of the log."""
        return [json.loads(line) for line in self.written("log").splitlines()]

    def written(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def code(self) -> str:
        """The code that was mailed; it is sent after the answer, so it may take a moment."""
        return self.mailed(r"\b([0-9]{6})\b")

    def mailed(self, pattern: str) -> str:
        """The first group of what matches in the mail; it is sent after the answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.written("mail")):
                return found[1]
            time.sleep(STEP)
        raise AssertionError(f"Nothing that matches {pattern} was mailed.")

    def has_answered(self) -> bool:
        # Not the client of the tests, which takes a good while to be made.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection), suppress(OSError, HTTPException):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        return False

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def settings(folder: Path, **more: str) -> dict[str, str]:
    """A whole deployment in one folder."""
    return {
        "BYMAX_AUTH_JWT__SECRET": SECRETS[0],
        "BYMAX_AUTH_IDENTIFIER_SECRET": SECRETS[1],
        "BYMAX_AUTH_ROLES__HIERARCHY": '{"ADMIN": ["USER"], "USER": []}',
        "BYMAX_AUTH_ENVIRONMENT": "development",
        # Each worker derives several passwords before it answers, at seconds each on a busy machine.
        "BYMAX_AUTH_PASSWORD__SCRYPT__COST_FACTOR": "16384",
        "BYMAX_AUTH_STORE_URL": f"sqlite:///{folder / 'stores.db'}",
        "BYMAX_AUTH_DATABASE_URL": f"sqlite:///{folder / 'users.db'}",
        "BYMAX_AUTH_SERVE__TENANT_ID": "acme",
    } | more


def with_tables(folder: Path) -> None:
    database = create_engine(f"sqlite:///{folder / 'users.db'}")
    metadata.create_all(database)
    database.dispose()
    (folder / "users.db").chmod(0o600)


@contextmanager
def serving(
    folder: Path, *arguments: str, env: Mapping[str, str], command: Path | None = None
) -> Iterator[Service]:
    """
    Start a service and wait until it answers; it is ended when the block ends.

    Tests of the process itself start `COMMAND`; the others a process that is forked.
    """
    port = free_port()
    words = [str(command or forked()), "serve", "--port", str(port), *arguments]
    with (folder / "log").open("wb") as log, (folder / "mail").open("wb") as mail:
        process = subprocess.Popen(words, stdout=log, stderr=mail, env=surroundings() | dict(env))
    service = Service(process, port, folder)
    with process:
        try:
            until_answered(service)
            yield service
        finally:
            process.terminate()
            process.wait(PATIENCE)


def until_answered(service: Service) -> None:
    deadline = time.monotonic() + PATIENCE
    while not service.has_answered():
        assert service.process.poll() is None, service.written("mail") + service.written("log")
        assert time.monotonic() < deadline
        # Asking without a pause takes the processor from what is being waited for.
        time.sleep(STEP)


def registered(service: Service, client: httpx2.Client) -> None:
    person = {"email": EMAIL, "password": PASSWORD, "name": "Ana Souza"}
    answer = client.post("/auth/register", json=person)
    assert answer.status_code == 201, answer.text
    proof = {"email": EMAIL, "otp": service.code()}
    assert client.post("/auth/verify-email", json=proof).status_code == 204
