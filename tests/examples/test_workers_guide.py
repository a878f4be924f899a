"""The guide to several workers: its application on uvicorn's workers, with either store."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.types.account import AuthUser
from tests.examples.guides import ROOT, blocks, write_files
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port
from tests.servers.redis import RedisProcess, until

pytestmark = pytest.mark.processes

SIGN_IN = {"email": "ada@example.com", "password": "correct horse battery staple"}
WORKERS = 2


@pytest.fixture
async def env(tmp_path: Path) -> dict[str, str]:
    """The guide's file and variables, and a database with one account."""
    write_files("workers.md", tmp_path)
    url = f"sqlite+aiosqlite:///{tmp_path / 'users.db'}"
    database = create_async_engine(url)
    async with database.begin() as connection:
        await connection.run_sync(metadata.create_all)
    hashed = PasswordHasher(ScryptParameters(log2_n=14, block_size=8, parallelization=1)).hash(
        SIGN_IN["password"]
    )
    await SqlAlchemyUserRepository(async_sessionmaker(database)).add(
        AuthUser(
            id="1",
            email=SIGN_IN["email"],
            name="Ada",
            password_hash=hashed,
            role="USER",
            status="active",
            tenant_id="default",
            email_verified=True,
            created_at=datetime.now(UTC),
        )
    )
    await database.dispose()
    return {
        **os.environ,
        "DATABASE_URL": url,
        "AUTH_JWT_SECRET": secrets.token_urlsafe(48),
        "PYTHONPATH": str(ROOT / "src"),
        "WEB_CONCURRENCY": str(WORKERS),
    }


@contextmanager
def serving(folder: Path, env: Mapping[str, str]) -> Generator[str]:
    """The guide's command on a free port; the address."""
    printed = "\n".join(block.text for block in blocks("workers.md", "console"))
    assert printed == "$ export WEB_CONCURRENCY=4\n$ uvicorn app:app\n"
    port = free_port()
    with started(folder, env, port) as process:
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, "the server ended"
            try:
                return httpx2.get(f"{address}/profile", timeout=PATIENCE).status_code == 401
            except httpx2.TransportError:
                return False

        until(answers, "a worker answers")
        yield address


@contextmanager
def started(folder: Path, env: Mapping[str, str], port: int) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port)]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, text=True) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def cookies_of(response: httpx2.Response) -> str:
    lines = response.headers.get_list("set-cookie")
    return "; ".join(line.partition(";")[0] for line in lines)


@pytest.mark.parametrize("store", ["file", "redis"])
def test_every_worker_knows_the_session(
    store: str, tmp_path: Path, env: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """A user is signed in on one request and not on the next."""
    if store == "redis":
        redis: RedisProcess = request.getfixturevalue("redis_server")
        env["REDIS_URL"] = redis.url
    with serving(tmp_path, env) as address:

        def get(path: str, cookies: str) -> httpx2.Response:
            # A connection of its own reaches whichever worker accepts it.
            return httpx2.get(address + path, headers={"Cookie": cookies}, timeout=PATIENCE)

        signed_in = httpx2.post(f"{address}/auth/login", json=SIGN_IN, timeout=PATIENCE)
        assert signed_in.status_code == 200, signed_in.text
        cookies = cookies_of(signed_in)
        workers: set[int] = set()

        def every_worker_answered() -> bool:
            answer = get("/profile", cookies)
            assert answer.status_code == 200, answer.text
            workers.add(answer.json()["worker"])
            return len(workers) == WORKERS

        until(every_worker_answered, "every worker has answered")
        out = httpx2.post(f"{address}/auth/logout", headers={"Cookie": cookies}, timeout=PATIENCE)
        assert out.status_code == 204
        assert {get("/profile", cookies).status_code for _ in range(10)} == {401}


def test_stores_in_memory_are_refused(tmp_path: Path, env: dict[str, str]) -> None:
    """Most requests would meet a worker that does not know the session."""
    replace(tmp_path / "app.py", 'EmbeddedStores("auth.db")', "EmbeddedStores()")
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.search(r'ConfigError.*\n?.*Pass EmbeddedStores\("auth\.db"\)', done.stderr, re.DOTALL)


def test_a_second_process_with_accounts_in_memory_is_refused(tmp_path: Path, env: dict[str, str]) -> None:
    """Each worker would have accounts of its own."""
    replace(
        tmp_path / "app.py",
        "SqlAlchemyUserRepository(async_sessionmaker(database))",
        "__import__('bymax_auth.repositories.memory').repositories.memory.InMemoryUserRepository()",
    )
    with started(tmp_path, env, free_port()):
        log = tmp_path / "log"
        until(lambda: "accounts are in the memory of one process" in log.read_text(), "the refusal is logged")


def replace(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
