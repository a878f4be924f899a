"""The guide to hooks, tables and repositories of a host: what it prints runs in engines and in pytest."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth import AuthConfig, AuthEngine, EmbeddedStores
from bymax_auth.fastapi import install
from bymax_auth.http import AuthHttpConfig, PeerAddress
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import TEST_PASSWORD, RecordingMailer, config_for_tests
from tests.examples.guides import ROOT, write_files

Printed = Callable[[str], ModuleType]


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Printed]:
    """The guide's files as modules, by name."""
    names = [path.stem for path in write_files("customizing.md", tmp_path)]
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)


def config() -> AuthConfig:
    """The statuses that the secure profile blocks, and no verification of addresses."""
    return config_for_tests(
        platform={"enabled": False},
        controllers={"platform": False},
        email_verification={"required": False},
        blocked_statuses=AuthConfig.secure_defaults().blocked_statuses,
    )


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://app.example.com")


def applicant(email: str, tenant: str = "acme") -> dict[str, str]:
    return {"email": email, "name": "Ada", "password": TEST_PASSWORD, "tenantId": tenant}


def code_of(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def test_the_profile_of_the_guide_is_taken_checked_and_shown(printed: Printed) -> None:
    """A host's registration form has fields that the library refuses or forgets."""
    users = InMemoryUserRepository()
    engine = printed("profile").build(config(), users, RecordingMailer())
    app = FastAPI()
    install(app, engine, AuthHttpConfig(PeerAddress()))
    async with engine, client_of(app) as client:
        bare = await client.post("/auth/register", json=applicant("ada@example.com"))
        assert code_of(bare) == (400, "auth.validation")
        given = {"company": "Acme", "campaign": "spring"}
        made = await client.post("/auth/register", json={**applicant("ada@example.com"), "profile": given})
        assert made.status_code == 201
        shown = (await client.get("/auth/me")).json()["profile"]
        assert shown == {"company": "Acme", "newsletter": False}
    stored = await users.find_by_email("ada@example.com", tenant_id="acme")
    assert stored is not None
    assert vars(stored.profile) == {**given, "newsletter": False}


async def test_the_hooks_of_the_guide_decide_as_it_says(printed: Printed) -> None:
    """An account that waits for approval is let in, or one that is approved is not."""
    hooks = printed("hooks").Hooks()
    users = InMemoryUserRepository()
    engine = AuthEngine(config(), users=users, stores=EmbeddedStores(), email=RecordingMailer(), hooks=hooks)
    app = FastAPI()
    install(app, engine, AuthHttpConfig(PeerAddress()))
    async with engine, client_of(app) as client:
        refused = await client.post("/auth/register", json=applicant("a@spam.example"))
        assert code_of(refused) == (403, "auth.forbidden")

        made = await client.post("/auth/register", json=applicant("ada@example.com"))
        assert (made.status_code, made.json()["user"]["role"]) == (201, "ADMIN")
        client.cookies.clear()

        waiting = await client.post("/auth/register", json=applicant("bob@example.org"))
        assert (waiting.status_code, dict(client.cookies)) == (201, {})
        bob = {name: text for name, text in applicant("bob@example.org").items() if name != "name"}
        assert code_of(await client.post("/auth/login", json=bob)) == (403, "auth.pending_approval")
        await printed("approval").approve(engine, waiting.json()["user"]["id"], "acme")
        assert (await client.post("/auth/login", json=bob)).status_code == 200

        closed = await client.post("/auth/login", json={**bob, "tenantId": "closed-tenant"})
        assert code_of(closed) == (403, "auth.forbidden")
        await engine.drain()
    assert hooks.welcomed == ["ada@example.com", "bob@example.org"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncEngine:
    if request.param == "sqlite":
        return create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'app.db'}")
    return create_async_engine(request.getfixturevalue("postgres_url"))


async def test_accounts_are_kept_in_the_table_of_the_guide(printed: Printed, database: AsyncEngine) -> None:
    """The first registration fails, because a column does not fit."""
    models, people = printed("models"), printed("people")
    async with database.begin() as connection:
        await connection.run_sync(models.Base.metadata.drop_all)
        await connection.run_sync(models.Base.metadata.create_all)
    sessions = async_sessionmaker(database)
    engine = AuthEngine(
        config(), users=people.repository(sessions), stores=EmbeddedStores(), email=RecordingMailer()
    )
    app = FastAPI()
    install(app, engine, AuthHttpConfig(PeerAddress()))
    app.include_router(people.routes(sessions))
    async with engine, client_of(app) as client:
        assert (await client.post("/auth/register", json=applicant("ada@example.com"))).status_code == 201
        again = await client.post("/auth/register", json=applicant("ADA@example.com"))
        assert again.status_code == 409
        assert (await client.put("/company", params={"company": "Engines Ltd"})).status_code == 204
    async with sessions() as session:
        person = (await session.scalars(select(models.Person))).one()
    assert (person.email, person.company, person.newsletter) == ("ada@example.com", "Engines Ltd", False)
    await database.dispose()


def test_the_repository_of_the_guide_passes_the_contract(tmp_path: Path) -> None:
    """Whoever starts from the printed repository starts with a fault."""
    write_files("customizing.md", tmp_path)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_repository.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
