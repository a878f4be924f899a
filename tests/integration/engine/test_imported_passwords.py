"""Accounts that moved in from another system sign in with the password they had."""

import json
import threading
from pathlib import Path

import bcrypt
import pytest

from bymax_auth import AuthEngine, EmbeddedStores, HashFormat, LoginInput, RequestContext
from bymax_auth.errors import InvalidCredentials
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import RecordingEvents, RecordingMailer
from tests.integration.http.world import TENANT, settings, user

VECTORS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[3] / "conformance" / "password-imports.json").read_text(encoding="utf-8")
)["hashes"]
OF_EACH = {vector["format"]: vector for vector in VECTORS}


def engine_of(users: InMemoryUserRepository, *formats: str) -> AuthEngine:
    return AuthEngine(
        settings(password={"importers": formats}),
        users=users,
        stores=EmbeddedStores(),
        email=RecordingMailer(),
        events=RecordingEvents(),
    )


async def sign_in(engine: AuthEngine, email: str, password: str) -> None:
    await engine.login(
        LoginInput(email=email, password=password, tenant_id=TENANT), RequestContext(ip="203.0.113.1")
    )
    await engine.drain()


async def test_a_password_of_every_other_system_is_kept_and_its_hash_replaced() -> None:
    """Everybody would have to reset the password, or keep a hash of the old system for ever."""
    users = InMemoryUserRepository()
    for kind, vector in OF_EACH.items():
        users.add(user(id=kind, email=f"{kind}@example.com", password_hash=vector["stored"]))

    async with engine_of(users, *HashFormat) as engine:
        for kind, vector in OF_EACH.items():
            await sign_in(engine, f"{kind}@example.com", vector["password"])
            account = await users.find_by_id(kind, tenant_id=TENANT)
            assert account is not None
            assert (account.password_hash or "").startswith("$scrypt$ln="), kind

    async with engine_of(users) as engine:
        for kind, vector in OF_EACH.items():
            await sign_in(engine, f"{kind}@example.com", vector["password"])


async def test_a_format_that_is_not_accepted_signs_nobody_in() -> None:
    """A weak hash of a system that nobody moved from must open nothing."""
    vector = OF_EACH["bcrypt"]
    users = InMemoryUserRepository()
    users.add(user(id="1", email="ada@example.com", password_hash=vector["stored"]))

    async with engine_of(users, "django-bcrypt") as engine:
        with pytest.raises(InvalidCredentials):
            await sign_in(engine, "ada@example.com", vector["password"])


async def test_an_imported_hash_is_derived_on_a_thread_for_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the event loop, every other request would wait for it."""
    vector = OF_EACH["bcrypt"]
    users = InMemoryUserRepository()
    users.add(user(id="1", email="ada@example.com", password_hash=vector["stored"]))
    compare, threads = bcrypt.checkpw, set[str]()

    def watched(password: bytes, stored: bytes) -> bool:
        threads.add(threading.current_thread().name)
        return compare(password, stored)

    async with engine_of(users, "bcrypt") as engine:
        monkeypatch.setattr(bcrypt, "checkpw", watched)
        await sign_in(engine, "ada@example.com", vector["password"])

    assert threads
    assert all(name.startswith("bymax-kdf") for name in threads)
