"""The guide to the Python client: its code signs in, calls an API, and passes as a test."""

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
from fastapi import FastAPI

from bymax_auth.client import AuthClient
from bymax_auth.fastapi import CurrentUser, install
from bymax_auth.http import AuthHttpConfig, PeerAddress, RateLimitConfig, StaticTenantResolver
from bymax_auth.testing import TEST_PASSWORD, TEST_TENANT, ReadyEngine, build_engine, config_for_tests
from tests.examples.guides import ROOT, write_files
from tests.servers.asgi import served

ADA = "ada@example.com"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The guide's files."""
    names = [path.stem for path in write_files("python-client.md", tmp_path)]
    monkeypatch.syspath_prepend(tmp_path)
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
async def ready() -> AsyncIterator[ReadyEngine]:
    """A server that knows Ada, and one tenant."""
    tenancy = {"resolver": StaticTenantResolver(TEST_TENANT)}
    async with build_engine(config_for_tests(token_delivery="bearer", tenancy=tenancy)) as engine:
        engine.add_user(ADA, name="Ada")
        yield engine


@pytest.fixture
async def url(ready: ReadyEngine) -> AsyncIterator[str]:
    """The address of an application with the routes, and one of its own."""
    app = FastAPI()
    install(app, ready.engine, AuthHttpConfig(PeerAddress(), rate_limits=RateLimitConfig.unlimited()))

    @app.get("/profile")
    async def profile(user: CurrentUser) -> dict[str, str]:
        return {"id": user.sub}

    async with served(app, timeout_graceful_shutdown=1) as address:
        yield f"http://{address}"


async def test_the_script_says_who_signed_in(modules: dict[str, ModuleType], url: str) -> None:
    """The first lines that a reader tries."""
    assert await modules["report"].whoami(url, ADA, TEST_PASSWORD) == f"{ADA} is USER of {TEST_TENANT}"


async def test_the_api_is_called_as_the_user(modules: dict[str, ModuleType], url: str) -> None:
    """The token goes to the API that is named, and to no other."""
    async with AuthClient(url) as auth:
        await auth.login(email=ADA, password=TEST_PASSWORD)
        me = await auth.me()
        assert await modules["orders"].profile(auth, url) == {"id": me.id}
        async with modules["orders"].api_of(auth) as api:
            with pytest.raises(httpx2.HTTPStatusError):
                (await api.get(f"{url}/profile")).raise_for_status()


async def test_a_task_and_a_thread_share_the_login(modules: dict[str, ModuleType], url: str) -> None:
    """Both are the same user."""
    here, there = await modules["shared"].both_ways(url, ADA, TEST_PASSWORD)
    assert here == there


async def test_errors_become_sentences(modules: dict[str, ModuleType], url: str) -> None:
    """Each branch of the guide's example is the one that its reader expects."""
    sign_in = modules["errors"].sign_in
    async with AuthClient(url) as auth, AuthClient("http://127.0.0.1:1") as nowhere:
        assert await sign_in(auth, ADA, TEST_PASSWORD) == "Welcome."
        assert (await sign_in(nowhere, ADA, TEST_PASSWORD)).startswith("No answer: ConnectError")
        for _ in range(5):
            assert await sign_in(auth, ADA, "wrong") == "Wrong address or password."
        assert (await sign_in(auth, ADA, TEST_PASSWORD)).startswith("Locked for ")


def test_the_test_of_the_guide_passes_as_printed(tmp_path: Path) -> None:
    """Whoever copies it needs nothing but the test kit."""
    write_files("python-client.md", tmp_path)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
