"""`bymax-auth users --platform`: the platform's administrators, from a terminal."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AccountLocked,
    AccountSuspended,
    InvalidCredentials,
    PlatformAuthRequired,
    RefreshTokenInvalid,
)
from bymax_auth.repositories.sqlalchemy import (
    SqlAlchemyPlatformUserRepository,
    SqlAlchemyUserRepository,
    metadata,
)
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import PlatformAuthResult
from tests.integration.cli import in_process
from tests.integration.cli.test_users import CONTEXT, PASSWORD, Deployment

pytestmark = pytest.mark.processes

ROOT = "root@example.com"
NEW_PASSWORD = "another-quiet-river-at-dawn-42"
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Platform(Deployment):
    """A deployment with administrators."""

    @property
    def variables(self) -> dict[str, str]:
        return super().variables | {
            "BYMAX_AUTH_PLATFORM__ENABLED": "true",
            "BYMAX_AUTH_ROLES__PLATFORM_HIERARCHY": '{"ROOT": ["SUPPORT"], "SUPPORT": []}',
        }

    def run(self, *words: str, given: str = "", env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        done = in_process.run(*words, env=self.variables | dict(env or {}), given=given)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    def admins(self, *words: str, given: str = "") -> tuple[int, str, str]:
        """Run a command on administrators."""
        return self.run("users", *words, "--platform", given=given)

    def create_root(self, *options: str, password: str = PASSWORD) -> tuple[int, str, str]:
        words = ("create", ROOT, "--role", "ROOT", "--name", "Grace", *options)
        return self.admins(*words, given=f"{password}\n")

    def rows(self) -> list[tuple[object, ...]]:
        """Every administrator, as the table holds it."""
        with closing(sqlite3.connect(self.folder / "users.db")) as database:
            return database.execute("SELECT * FROM auth_platform_users ORDER BY id").fetchall()

    def serve(self, work: Callable[[AuthEngine], Awaitable[ResultT]]) -> ResultT:
        """Do something as the deployment's own server."""

        async def served() -> ResultT:
            database = create_async_engine(f"sqlite+aiosqlite:///{self.folder}/users.db")
            sessions = async_sessionmaker(database)
            try:
                async with AuthEngine(
                    self.config(),
                    users=SqlAlchemyUserRepository(sessions),
                    platform_users=SqlAlchemyPlatformUserRepository(sessions),
                    stores=EmbeddedStores(self.folder / "auth.db"),
                ) as engine:
                    return await work(engine)
            finally:
                await database.dispose()

        return asyncio.run(served())


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A deployment whose tables are there, and empty."""
    engine = create_engine(f"sqlite:///{tmp_path}/users.db")
    metadata.create_all(engine)
    engine.dispose()
    (tmp_path / "users.db").chmod(0o600)
    return Platform(tmp_path)


@pytest.fixture
def root(platform: Platform) -> Platform:
    """A deployment with one administrator, and a user with the same address."""
    assert platform.create_root()[0] == 0
    assert platform.create(ROOT)[0] == 0
    return platform


async def sign_in(engine: AuthEngine, password: str = PASSWORD) -> PlatformAuthResult:
    signed_in = await engine.platform.login(LoginInput(email=ROOT, password=password), CONTEXT)
    assert isinstance(signed_in, PlatformAuthResult)
    return signed_in


async def guess(engine: AuthEngine) -> None:
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await sign_in(engine, "not-the-password-at-all")


def is_out(root: Platform, signed_in: PlatformAuthResult) -> bool:
    """Whether both tokens of a session have ended."""

    async def ended(engine: AuthEngine) -> bool:
        with pytest.raises(RefreshTokenInvalid):
            await engine.platform.refresh(signed_in.refresh_token, CONTEXT)
        with pytest.raises(PlatformAuthRequired):
            await engine.platform.authenticate(signed_in.access_token)
        return True

    return root.serve(ended)


def test_a_created_administrator_signs_in(platform: Platform) -> None:
    """The first administrator of a platform, whom no route creates, cannot get in."""
    code, printed, complaints = platform.create_root()
    assert (code, complaints) == (0, "")
    signed_in = platform.serve(sign_in)
    assert (signed_in.admin.id, signed_in.admin.role) == (printed.strip(), "ROOT")
    assert platform.admins("list") == (0, f"{printed.strip()}\t{ROOT}\tROOT\tactive\n", "")


def test_the_realms_are_listed_and_changed_apart(root: Platform) -> None:
    """An operator who signs a customer out signs the platform's administrator out, or the other way round."""
    signed_in = root.serve(sign_in)
    assert root.users("sign-out", ROOT)[0] == 0
    assert root.users("delete", ROOT, "--yes")[0] == 0
    assert root.users("list") == (0, "", "")
    assert root.admins("list")[1].count("\n") == 1
    assert root.serve(lambda engine: engine.platform.authenticate(signed_in.access_token))


@pytest.mark.parametrize("where", ["behind", "before"])
def test_the_realm_is_named_before_or_behind_the_command(root: Platform, where: str) -> None:
    """An operator gets a usage error for the order of two words."""
    words = (
        ("users", "show", ROOT, "--platform") if where == "behind" else ("users", "--platform", "show", ROOT)
    )
    code, printed, complaints = root.run(*words, "--json")
    assert (code, complaints) == (0, "")
    assert json.loads(printed)["role"] == "ROOT"


def test_an_administrator_is_shown_with_its_sessions(root: Platform) -> None:
    """The help desk cannot say where an administrator is signed in."""
    root.serve(sign_in)
    code, printed, complaints = root.admins("show", ROOT)
    account, session = printed.splitlines()
    assert (code, complaints) == (0, "")
    assert account.split("\t")[1:] == [ROOT, "ROOT", "active"]
    assert "Firefox" in session
    fields = json.loads(root.admins("show", ROOT, "--json")[1])
    assert (fields["locked"], len(fields["sessions"]), fields["platformId"]) == (False, 1, None)
    assert not {"tenantId", "emailVerified"} & set(fields)
    assert not re.search(r"hash|password|secret", json.dumps(fields), re.IGNORECASE)


def test_a_blocked_administrator_is_out_at_once(root: Platform) -> None:
    """Somebody who was dismissed keeps the platform's keys in a session that is still open."""
    signed_in = root.serve(sign_in)
    assert root.admins("block", ROOT) == (0, "Blocked, and signed out everywhere.\n", "")
    assert root.admins("block", ROOT)[0] == 0
    assert is_out(root, signed_in)
    with pytest.raises(AccountSuspended):
        root.serve(sign_in)
    assert root.admins("unblock", ROOT) == (0, "Unblocked.\n", "")
    assert root.serve(sign_in)


def test_signing_an_administrator_out_ends_every_session(root: Platform) -> None:
    """A lost laptop stays signed in."""
    signed_in = root.serve(sign_in)
    assert root.admins("sign-out", ROOT) == (0, "Signed out everywhere.\n", "")
    assert is_out(root, signed_in)
    assert root.serve(sign_in)


def test_a_changed_role_ends_the_sessions_that_carry_the_old_one(root: Platform) -> None:
    """Somebody who was the platform's owner goes on being it until the token expires."""
    signed_in = root.serve(sign_in)
    assert root.admins("role", ROOT, "SUPPORT") == (0, "The role is changed; signed out everywhere.\n", "")
    assert is_out(root, signed_in)
    assert root.serve(sign_in).admin.role == "SUPPORT"


def test_an_unlocked_administrator_may_try_again(root: Platform) -> None:
    """Whoever guesses at the administrator's password keeps the administrator out."""
    root.serve(guess)
    with pytest.raises(AccountLocked):
        root.serve(sign_in)
    assert "locked by failed sign-ins" in root.admins("show", ROOT)[1]
    assert root.users("unlock", ROOT)[1].startswith("It was not locked")
    assert root.admins("unlock", ROOT) == (0, "Unlocked.\n", "")
    assert root.serve(sign_in)


def test_a_set_password_is_the_only_one(root: Platform) -> None:
    """Administrators have no reset of their own: without this, a lost password is a lost account."""
    signed_in = root.serve(sign_in)
    root.serve(guess)
    done = root.admins("set-password", ROOT, given=f"{NEW_PASSWORD}\n")
    assert done == (0, "The password is set; signed out everywhere.\n", "")
    assert is_out(root, signed_in)
    assert root.serve(lambda engine: sign_in(engine, NEW_PASSWORD))
    with pytest.raises(InvalidCredentials):
        root.serve(sign_in)


def test_a_deleted_administrator_leaves_no_session(root: Platform) -> None:
    """A person who left is still signed in, and still in the table."""
    signed_in = root.serve(sign_in)
    assert root.admins("delete", ROOT)[0] == 2
    assert root.admins("delete", ROOT, "--yes") == (0, "Deleted, and signed out everywhere.\n", "")
    assert root.rows() == []
    assert is_out(root, signed_in)
    assert len(root.read()) == 1
    assert root.create_root()[0] == 0


COMMANDS = [
    ("create", "zoe@example.com", "--role", "SUPPORT", "--name", "Zoe"),
    ("list",),
    ("show", ROOT),
    ("block", ROOT),
    ("unlock", ROOT),
    ("sign-out", ROOT),
    ("role", ROOT, "SUPPORT"),
    ("set-password", ROOT),
    ("delete", ROOT, "--yes"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_every_command_answers_a_program(root: Platform, arguments: tuple[str, ...]) -> None:
    """A script takes sentences apart, and breaks with the next release."""
    code, printed, complaints = root.run("users", "--platform", *arguments, "--json", given=f"{PASSWORD}\n")
    assert (code, complaints) == (0, "")
    assert all(isinstance(json.loads(line), dict) for line in printed.splitlines())
    assert printed.isascii()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", ROOT, "--role", "ADMIN", "--name", "Ana"), 1, "'ADMIN' is not a role"),
        (("create", ROOT, "--role", "ROOT", "--name", "Ana"), 1, "an administrator has this address"),
        (("create", "a@b.c", "--role", "ROOT", "--name", "Ana", "--unverified"), 2, "no address to prove"),
        (("create", "", "--role", "ROOT", "--name", "Ana"), 1, "email: "),
        (("show", "nobody@example.com"), 1, "no administrator has this address"),
        (("block", ROOT, "--status", "active"), 1, "does not block the status 'active'"),
        (("unblock", ROOT), 1, "is not blocked"),
        (("role", ROOT, "ADMIN"), 1, "'ADMIN' is not a role"),
        (("set-password", ROOT, "--mail"), 2, "administrators have no reset"),
        (("verify", ROOT), 2, "--platform"),
        (("sign-out", ROOT, "--tenant", "acme"), 2, "exclude each other"),
        (("delete", "nobody@example.com", "--yes"), 1, "no administrator"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_what_does_not_fit_changes_nothing(
    root: Platform, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """A slip of the operator changes an administrator, or ends in a traceback."""
    before = root.rows(), root.read()
    done, printed, complaints = root.admins(*arguments, given=f"{NEW_PASSWORD}\n")
    assert (done, printed) == (code, "")
    assert said in complaints
    assert (root.rows(), root.read()) == before


@pytest.mark.parametrize("password", ["short", "", "password" * 3, "x" * 129])
def test_a_weak_password_is_refused(platform: Platform, password: str) -> None:
    """An administrator's account is the one that is worth the most guesses."""
    code, printed, complaints = platform.create_root(password=password)
    assert (code, printed) == (1, "")
    assert not password or password not in complaints
    assert platform.rows() == []


def test_a_command_says_whose_account_it_is_about(root: Platform) -> None:
    """Without a tenant, a command would act on an account that nobody has named."""
    code, printed, complaints = root.run("users", "sign-out", ROOT)
    assert (code, printed) == (2, "")
    assert "--tenant is missing" in complaints
    assert "--platform" in complaints


def test_a_platform_that_is_off_has_no_administrators(root: Platform) -> None:
    """An operator creates administrators whom no route lets in."""
    off = {"BYMAX_AUTH_PLATFORM__ENABLED": "false"}
    code, printed, complaints = root.run("users", "list", "--platform", env=off)
    assert (code, printed) == (1, "")
    assert "BYMAX_AUTH_PLATFORM__ENABLED" in complaints
    code, _, complaints = root.run(
        "users", "list", "--platform", env={"BYMAX_AUTH_ROLES__PLATFORM_HIERARCHY": ""}
    )
    assert code == 2
    assert "roles.platform_hierarchy" in complaints
