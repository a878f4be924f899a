"""`bymax-auth users`, as an operator uses it beside a running deployment."""

import asyncio
import os
import pty
import select
import sqlite3
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AccountLocked, AccountSuspended, InvalidCredentials, RefreshTokenInvalid
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.cheap import COST_VARIABLES
from tests.integration.cli import dev_server, in_process
from tests.integration.cli.dev_server import PATIENCE, surroundings
from tests.servers.forked import COMMAND

pytestmark = pytest.mark.processes

SECRET = fresh_secret()
PASSWORD = "pebble-compass-violin-47"
ANA = "ana@example.com"
CONTEXT = RequestContext(ip="192.0.2.7", user_agent="Firefox")
COST_OF_PROCESSES = {"BYMAX_AUTH_PASSWORD__SCRYPT__COST_FACTOR": "16384"}
"""What this process derives as others do: the cost of the tests is cheap here alone."""
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Deployment:
    """A deployment on two files: what its server and its operator are configured with."""

    folder: Path
    in_process: bool = True
    """Whether the operator's commands run here, and not each in a process of its own."""
    cost: Mapping[str, str] = field(default_factory=lambda: COST_VARIABLES)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "BYMAX_AUTH_JWT__SECRET": SECRET,
            "BYMAX_AUTH_ROLES__HIERARCHY": '{"ADMIN": ["MEMBER"], "MEMBER": []}',
            # What a hash costs is no matter here, and the commands make many.
            **self.cost,
            "BYMAX_AUTH_DATABASE_URL": f"sqlite:///{self.folder}/users.db",
            "BYMAX_AUTH_STORE_URL": f"{self.folder}/auth.db",
        }

    def users(
        self, *arguments: str, given: str = "", env: Mapping[str, str] | None = None, tenant: str = "acme"
    ) -> tuple[int, str, str]:
        """Run a command; return its exit code, what it printed and what it complained about."""
        words = ("users", *arguments, "--tenant", tenant)
        run = in_process.run if self.in_process else dev_server.run
        done = run(*words, env=self.variables | dict(env or {}), given=given)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    def create(self, email: str = ANA, *options: str, password: str = PASSWORD) -> tuple[int, str, str]:
        return self.users(
            "create", email, "--role", "MEMBER", "--name", "Ana", *options, given=f"{password}\n"
        )

    def write(self, people: list[tuple[str, str]]) -> None:
        """Put accounts into the table: each an id and an address."""
        columns = "id, email, name, role, status, tenant_id, email_verified, mfa_enabled, created_at"
        row = f"INSERT INTO auth_users ({columns}) VALUES (?, ?, 'N', 'MEMBER', 'active', 'acme', 1, 0, ?)"
        with closing(sqlite3.connect(self.folder / "users.db")) as database, database:
            database.executemany(row, [(*person, "2026-01-01 00:00:00") for person in people])

    def read(self) -> list[tuple[object, ...]]:
        """Everything that the table holds."""
        with closing(sqlite3.connect(self.folder / "users.db")) as database:
            return database.execute("SELECT * FROM auth_users ORDER BY id").fetchall()

    def serve(self, work: Callable[[AuthEngine], Awaitable[ResultT]]) -> ResultT:
        """Do something as the deployment's own server."""

        async def served() -> ResultT:
            database = create_async_engine(f"sqlite+aiosqlite:///{self.folder}/users.db")
            users = SqlAlchemyUserRepository(async_sessionmaker(database))
            try:
                stores = EmbeddedStores(self.folder / "auth.db")
                async with AuthEngine(self.config(), users=users, stores=stores) as engine:
                    return await work(engine)
            finally:
                await database.dispose()

        return asyncio.run(served())

    def config(self) -> AuthConfig:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.variables.items():
                patch.setenv(name, value)
            return AuthConfig.from_env()


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment whose tables are there, and empty."""
    engine = create_engine(f"sqlite:///{tmp_path}/users.db")
    metadata.create_all(engine)
    engine.dispose()
    (tmp_path / "users.db").chmod(0o600)
    return Deployment(tmp_path)


async def sign_in(engine: AuthEngine, password: str = PASSWORD) -> str:
    """Sign in and return the refresh token."""
    signed_in = await engine.login(LoginInput(email=ANA, password=password, tenant_id="acme"), CONTEXT)
    return signed_in.refresh_token


@pytest.mark.untraced
def test_a_created_account_signs_in(deployment: Deployment) -> None:
    """The first administrator of a deployment cannot get in."""
    deployment = replace(deployment, cost=COST_OF_PROCESSES)
    code, printed, complaints = replace(deployment, in_process=False).create("  Ana@Example.com ")
    assert (code, complaints) == (0, "")
    assert deployment.serve(sign_in)
    assert deployment.users("list") == (0, f"{printed.strip()}\t{ANA}\tMEMBER\tactive\tverified\n", "")


def test_a_tenant_sees_its_own_accounts(deployment: Deployment) -> None:
    """An operator of one customer reads another's addresses."""
    assert deployment.create()[0] == 0
    assert deployment.users("list", tenant="globex") == (0, "", "")
    assert deployment.users("sign-out", ANA, tenant="globex")[0] == 1


def test_a_list_is_read_to_its_end(deployment: Deployment) -> None:
    """The list of a large customer stops at its first page, and nobody notices."""
    deployment.write([(f"{one:04}", f"person{one}@example.com") for one in range(450)])
    code, printed, _ = deployment.users("list")
    assert code == 0
    assert [line.split("\t")[0] for line in printed.splitlines()] == [f"{one:04}" for one in range(450)]


def test_what_a_table_holds_cannot_steer_the_terminal(deployment: Deployment) -> None:
    """A person registers an address that repaints the operator's screen, or reads there as another's."""
    deployment.write([("\x1b[2J\n", "moc.elpmaxe@\u202eana@example.com")])
    shown = "\\x1b[2J\\n\tmoc.elpmaxe@\\u202eana@example.com\tMEMBER\tactive\tverified\n"
    assert deployment.users("list") == (0, shown, "")


def test_a_blocked_account_is_out_at_once(deployment: Deployment) -> None:
    """Somebody who was dismissed keeps working in a session that is still open."""
    assert deployment.create()[0] == 0
    refresh = deployment.serve(sign_in)
    assert deployment.users("block", ANA)[0] == 0
    assert deployment.users("block", ANA)[0] == 0
    with pytest.raises(RefreshTokenInvalid):
        deployment.serve(lambda engine: engine.refresh(refresh, CONTEXT))
    with pytest.raises(AccountSuspended):
        deployment.serve(sign_in)
    assert deployment.users("unblock", ANA)[0] == 0
    assert deployment.serve(sign_in)


def test_signing_out_ends_every_session(deployment: Deployment) -> None:
    """A lost phone stays signed in."""
    assert deployment.create()[0] == 0
    refresh = deployment.serve(sign_in)
    assert deployment.users("sign-out", ANA) == (0, "Signed out everywhere.\n", "")
    with pytest.raises(RefreshTokenInvalid):
        deployment.serve(lambda engine: engine.refresh(refresh, CONTEXT))
    assert deployment.serve(sign_in)


def test_an_unlocked_account_may_try_again(deployment: Deployment) -> None:
    """A person who mistyped a password waits although the help desk has let them in."""
    assert deployment.create()[0] == 0

    async def guess(engine: AuthEngine) -> None:
        for _ in range(5):
            with pytest.raises(InvalidCredentials):
                await sign_in(engine, "not-the-password-at-all")

    deployment.serve(guess)
    with pytest.raises(AccountLocked):
        deployment.serve(sign_in)
    assert deployment.users("unlock", ANA) == (0, "Unlocked.\n", "")
    assert deployment.serve(sign_in)
    assert deployment.users("unlock", ANA)[1].startswith("It was not locked")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", ANA, "--role", "KING", "--name", "Ana"), 1, "'KING' is not a role"),
        (("create", "no address", "--role", "MEMBER", "--name", "A"), 1, "name: "),
        (("create", ANA, "--role", "MEMBER", "--name", "Ana"), 1, "this tenant has an account"),
        (("create", ANA, "--role", "MEMBER"), 2, "--name"),
        (("create", ANA, "--role", "MEMBER", "--name", "Ana", "--password", PASSWORD), 2, "--password"),
        (("create", "z@x.y", "--role", "MEMBER", "--name", "Zoe", "--status", " "), 1, "' ' is no status"),
        (("block", "nobody@example.com"), 1, "no account"),
        (("block", ANA, "--status", "active"), 1, "does not block the status 'active'"),
        (("unblock", ANA), 1, "is not blocked"),
        (("unblock", ANA, "--status", "banned"), 1, "blocks the status 'banned'"),
        (("unblock", ANA, "--status", "\x1b[2J"), 1, r"'\x1b[2J' is no status"),
        (("sign-out", "nobody@example.com"), 1, "no account"),
        (("sign-out", ""), 1, "email: "),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(
    deployment: Deployment, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """A slip of the operator changes an account, or ends in a traceback."""
    deployment.write([("0001", ANA)])
    before = deployment.read()
    done, printed, complaints = deployment.users(*arguments, given=f"{PASSWORD}\n")
    assert (done, printed) == (code, "")
    assert said in complaints
    assert deployment.read() == before


@pytest.mark.parametrize("password", ["short", "", "password" * 3, "x" * 129])
def test_a_weak_password_is_refused(deployment: Deployment, password: str) -> None:
    """An operator's account is the easiest one to guess."""
    code, printed, complaints = deployment.create(password=password)
    assert (code, printed) == (1, "")
    assert not password or password not in complaints
    assert deployment.read() == []


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"BYMAX_AUTH_DATABASE_URL": ""}, 2, "BYMAX_AUTH_DATABASE_URL is not set"),
        ({"BYMAX_AUTH_DATABASE_URL": "s3cret"}, 2, "is not a database URL. Example: postgresql://"),
        ({"BYMAX_AUTH_DATABASE_URL": "nosuch://u:s3cret@db/auth"}, 2, "is not a database URL"),
        ({"BYMAX_AUTH_DATABASE_URL": "mssql+aioodbc://u:s3cret@db/auth"}, 2, "needs a driver: aioodbc"),
        ({"BYMAX_AUTH_DATABASE_URL": "sqlite:////nowhere/users.db"}, 1, "the database failed"),
        ({"BYMAX_AUTH_STORE_URL": ""}, 2, "BYMAX_AUTH_STORE_URL is not set"),
        ({"BYMAX_AUTH_STORE_URL": "http://u:s3cret@db"}, 2, "neither a file path nor"),
        ({"BYMAX_AUTH_STORE_URL": "sqlite:///"}, 2, "neither a file path nor"),
        ({"BYMAX_AUTH_STORE_URL": "/nowhere/auth.db"}, 1, "the stores failed"),
        ({"BYMAX_AUTH_JWT__SECRET": "s3cret"}, 2, "jwt.secret"),
        ({"BYMAX_AUTH_DATABSE_URL": "typo"}, 2, "databse_url"),
    ],
)
def test_an_environment_that_says_too_little_is_named(
    deployment: Deployment, changed: dict[str, str], code: int, said: str
) -> None:
    """An operator reads a traceback, or a password in a log, instead of the variable to correct."""
    done, printed, complaints = deployment.users("list", env=changed)
    assert (done, printed) == (code, "")
    assert said in complaints
    assert "s3cret" not in complaints


@pytest.mark.untraced
def test_a_reader_that_has_enough_ends_the_list(deployment: Deployment) -> None:
    """`bymax-auth users list | head` ends in a complaint."""
    deployment.write([("0001", ANA)])
    reader, writer = os.pipe()
    os.close(reader)
    command = [str(COMMAND), "users", "list", "--tenant", "acme"]
    done = subprocess.run(
        command,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=surroundings() | deployment.variables,
        check=False,
        timeout=PATIENCE,
    )
    os.close(writer)
    assert done.stderr == b""


@pytest.mark.untraced
def test_a_password_needs_an_input(deployment: Deployment) -> None:
    """A job that starts without an input ends in a traceback."""
    create = f"{COMMAND} users create {ANA} --tenant acme --role MEMBER --name Ana <&-"
    done = subprocess.run(
        ["/bin/sh", "-c", create],
        capture_output=True,
        text=True,
        env=surroundings() | deployment.variables,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bymax-auth: there is no input to read the password from.\n"


@pytest.mark.untraced
def test_a_password_is_asked_for_twice_and_never_shown(deployment: Deployment) -> None:
    """Somebody behind the operator reads the password from the screen."""
    deployment = replace(deployment, cost=COST_OF_PROCESSES)
    screen, terminal = pty.openpty()
    command = [str(COMMAND), "users", "create", ANA, "--tenant", "acme", "--role", "MEMBER", "--name", "Ana"]
    process = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=surroundings() | deployment.variables,
        start_new_session=True,
    )
    os.close(terminal)
    shown = answered(screen, [("Password: ", PASSWORD), ("confirmation: ", PASSWORD)])
    assert process.wait(PATIENCE) == 0
    assert PASSWORD not in shown
    assert deployment.serve(sign_in)


def answered(screen: int, answers: list[tuple[str, str]]) -> str:
    """
    Type each answer once its question is shown; return everything that the screen showed.

    The space that ends a question comes when typing is hidden already; what was typed before is dropped.
    """
    shown, waiting = "", list(answers)
    try:
        while select.select([screen], [], [], PATIENCE)[0]:
            shown += os.read(screen, 4096).decode()
            if waiting and shown.endswith(waiting[0][0]):
                os.write(screen, f"{waiting.pop(0)[1]}\n".encode())
    except OSError:
        return shown  # the terminal's other end is closed
    finally:
        os.close(screen)
    raise AssertionError(f"Nothing more was shown after:\n{shown}")
