"""A deployment that accounts are moved into, and what it holds afterwards."""

import asyncio
import json
import os
import sqlite3
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.engine import AuthEngine
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.cheap import COST_VARIABLES
from tests.integration.cli import in_process

__all__ = ["CONTEXT", "TENANT", "Destination"]

TENANT = "acme"
CONTEXT = RequestContext(ip="192.0.2.7", user_agent="Firefox")
SECRET = fresh_secret()


@dataclass(frozen=True)
class Destination:
    """A deployment on two files, its operator and its server."""

    folder: Path
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made_in(cls, folder: Path, *, importers: str = "", mfa: bool = False) -> "Destination":
        """Create one whose tables are there, and empty."""
        engine = create_engine(f"sqlite:///{folder}/users.db")
        metadata.create_all(engine)
        engine.dispose()
        (folder / "users.db").chmod(0o600)
        options = {"BYMAX_AUTH_PASSWORD__IMPORTERS": importers} if importers else {}
        if mfa:
            key = b64encode(os.urandom(32)).decode()
            options |= {"BYMAX_AUTH_MFA__ENCRYPTION_KEY": key, "BYMAX_AUTH_MFA__ISSUER": "Acme"}
        return cls(folder, options)

    @property
    def variables(self) -> dict[str, str]:
        """What its processes are configured with."""
        return {
            "BYMAX_AUTH_JWT__SECRET": SECRET,
            "BYMAX_AUTH_ROLES__HIERARCHY": '{"ADMIN": ["MEMBER"], "MEMBER": []}',
            **COST_VARIABLES,
            "BYMAX_AUTH_DATABASE_URL": f"sqlite:///{self.folder}/users.db",
            "BYMAX_AUTH_STORE_URL": f"{self.folder}/auth.db",
            **self.options,
        }

    def migrate(self, system: str, source: str | Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the command for one system."""
        return self.command(
            "--from", system, str(source), "--role", "MEMBER", "--superuser-role", "ADMIN", *options
        )

    def moved(self, system: str, source: str | Path, *options: str) -> dict[str, Any]:
        """Run it, and return what it says that it has done."""
        done = self.migrate(system, source, "--json", *options)
        assert (done.returncode, done.stderr) == (0, "")
        return dict(json.loads(done.stdout))

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        done = in_process.run("migrate", "--tenant", TENANT, *words, env=self.variables, cwd=self.folder)
        assert "Traceback" not in done.stderr
        return done

    def rows(self) -> list[dict[str, Any]]:
        """Return the accounts that it has, in the order of their ids."""
        with closing(sqlite3.connect(self.folder / "users.db")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM auth_users ORDER BY id")]

    def by_email(self) -> dict[str, dict[str, Any]]:
        """Return the accounts by address."""
        return {row["email"]: row for row in self.rows()}

    def add(self, **values: Any) -> None:
        """Store an account that was there before."""
        row = {
            "id": "here",
            "name": "Here",
            "role": "MEMBER",
            "status": "active",
            "tenant_id": TENANT,
            "email_verified": True,
            "mfa_enabled": False,
            "created_at": "2026-01-01 00:00:00",
        } | values
        names, places = ", ".join(row), ", ".join("?" * len(row))
        with closing(sqlite3.connect(self.folder / "users.db")) as database, database:
            database.execute(f"INSERT INTO auth_users ({names}) VALUES ({places})", list(row.values()))

    def sign_in(self, *people: tuple[str, str]) -> list[Any]:
        """Sign in as the deployment's own server does; return each result, or the refusal's class."""
        return asyncio.run(self._sign_in(people))

    async def _sign_in(self, people: Sequence[tuple[str, str]]) -> list[Any]:
        database = create_async_engine(f"sqlite+aiosqlite:///{self.folder}/users.db")
        users = SqlAlchemyUserRepository(async_sessionmaker(database))
        results: list[Any] = []
        try:
            stores = EmbeddedStores(self.folder / "auth.db")
            async with AuthEngine(configured(self.variables), users=users, stores=stores) as engine:
                for email, password in people:
                    entered = LoginInput(email=email, password=password, tenant_id=TENANT)
                    try:
                        results.append(await engine.login(entered, CONTEXT))
                    except Exception as refusal:  # noqa: BLE001 - the caller compares it
                        results.append(type(refusal).__name__)
                await engine.drain()
        finally:
            await database.dispose()
        return results


def configured(variables: Mapping[str, str]) -> AuthConfig:
    """The configuration that these variables describe."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return AuthConfig.from_env()
