"""The guide from FastAPI Users: accounts as FastAPI Users stores them sign in after the guide's steps."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy import String, Uuid, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bymax_auth import AuthConfig, AuthEngine, EmbeddedStores, LoginInput, RequestContext
from bymax_auth.errors import AccountInactive, EmailNotVerified
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.testing import RecordingMailer
from tests.examples.guides import blocks, write_files

PASSWORD = "a long password of old"
TENANT = "default"


class Base(DeclarativeBase):
    """The models of the host that moves."""


class User(Base):
    """The columns of ``SQLAlchemyBaseUserTableUUID``; its package does not install beside SQLAlchemy 2.1."""

    __tablename__ = "user"

    # Its type holds a UUID on PostgreSQL, and elsewhere the text with dashes.
    id: Mapped[str] = mapped_column(Uuid(as_uuid=False).with_variant(String(36), "sqlite"), primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True, index=True)
    hashed_password: Mapped[str] = mapped_column(String(1024))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    is_verified: Mapped[bool] = mapped_column(default=False)


def user(number: int, email: str, hashing: PasswordHash, **flags: bool) -> User:
    return User(id=str(UUID(int=number)), email=email, hashed_password=hashing.hash(PASSWORD), **flags)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthConfig]:
    """The configuration that the guide prints."""
    write_files("from-fastapi-users.md", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("AUTH_JWT_SECRET", "a-secret-of-this-test-0123456789-abcdefghij")
    yield importlib.import_module("settings").config
    sys.modules.pop("settings", None)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncEngine:
    if request.param == "sqlite":
        return create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'app.db'}")
    return create_async_engine(request.getfixturevalue("postgres_url"))


async def test_accounts_of_fastapi_users_sign_in_after_the_steps_of_the_guide(
    config: AuthConfig, database: AsyncEngine, tmp_path: Path
) -> None:
    """Their ids and passwords are what the host's users and other tables rely on."""
    argon2, bcrypt = PasswordHash((Argon2Hasher(),)), PasswordHash((BcryptHasher(),))
    old = [
        user(1, "Ada@example.com", argon2, is_verified=True),
        user(2, "bob@example.com", bcrypt, is_verified=True),
        user(3, "new@example.com", argon2),
        user(4, "off@example.com", argon2, is_active=False),
        user(5, "root@example.com", argon2, is_superuser=True),
    ]
    sessions = async_sessionmaker(database)
    async with database.begin() as connection:
        for tables in (Base.metadata, metadata):
            await connection.run_sync(tables.drop_all)
            await connection.run_sync(tables.create_all)
    async with sessions.begin() as session:
        session.add_all(old)
    (copy,) = blocks("from-fastapi-users.md", "sql")
    async with database.begin() as connection:
        await connection.execute(text(copy.text))

    users = SqlAlchemyUserRepository(sessions)
    engine = AuthEngine(
        config, users=users, stores=EmbeddedStores(tmp_path / "auth.db"), email=RecordingMailer()
    )
    async with engine:

        async def sign_in(email: str) -> str:
            entered = LoginInput(email=email, password=PASSWORD, tenant_id=TENANT)
            result = await engine.login(entered, RequestContext())
            return result.user.id

        assert await sign_in("ada@example.com") == str(UUID(int=1))
        assert await sign_in("bob@example.com") == str(UUID(int=2))
        with pytest.raises(EmailNotVerified):
            await sign_in("new@example.com")
        with pytest.raises(AccountInactive):
            await sign_in("off@example.com")
        await engine.drain()
        bob = await users.find_by_email("bob@example.com", tenant_id=TENANT)
        assert bob is not None
        assert (bob.password_hash or "").startswith("$argon2id$")
        root = await users.find_by_email("root@example.com", tenant_id=TENANT)
        assert root is not None
        assert root.role == "ADMIN"
    await database.dispose()
