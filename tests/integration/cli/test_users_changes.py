"""`bymax-auth users`: what an operator changes of one account, and what a program reads of it."""

import asyncio
import json
import os
import pty
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AccountLocked, InvalidCredentials, RefreshTokenInvalid
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.types.identity import Realm
from tests.integration.cli.dev_server import PATIENCE, surroundings
from tests.integration.cli.test_users import ANA, CONTEXT, PASSWORD, Deployment, answered, deployment, sign_in
from tests.servers.forked import forked

__all__ = ["deployment"]

pytestmark = pytest.mark.processes

NEW_PASSWORD = "another-quiet-river-at-dawn-42"


@pytest.fixture
def ana(deployment: Deployment) -> Deployment:
    """A deployment with one account."""
    assert deployment.create()[0] == 0
    return deployment


def shown(deployment: Deployment) -> dict[str, object]:
    code, printed, complaints = deployment.users("show", ANA, "--json")
    assert (code, complaints, printed.count("\n")) == (0, "", 1)
    fields: dict[str, object] = json.loads(printed)
    return fields


def test_a_changed_role_ends_the_sessions_that_carry_the_old_one(ana: Deployment) -> None:
    """Somebody who was an administrator goes on being one until the token expires."""
    refresh = ana.serve(sign_in)
    assert ana.users("role", ANA, "ADMIN") == (0, "The role is changed; signed out everywhere.\n", "")
    assert shown(ana)["role"] == "ADMIN"
    with pytest.raises(RefreshTokenInvalid):
        ana.serve(lambda engine: engine.refresh(refresh, CONTEXT))


def test_a_set_password_is_the_only_one(ana: Deployment) -> None:
    """A person who lost a device keeps its thief, or is kept out by somebody's wrong guesses."""
    refresh = ana.serve(sign_in)

    async def guess(engine: AuthEngine) -> None:
        for _ in range(5):
            with pytest.raises(InvalidCredentials):
                await sign_in(engine, "not-the-password-at-all")
        with pytest.raises(AccountLocked):
            await sign_in(engine)

    ana.serve(guess)
    done = ana.users("set-password", ANA, given=f"{NEW_PASSWORD}\n")
    assert done == (0, "The password is set; signed out everywhere.\n", "")
    with pytest.raises(RefreshTokenInvalid):
        ana.serve(lambda engine: engine.refresh(refresh, CONTEXT))
    assert ana.serve(lambda engine: sign_in(engine, NEW_PASSWORD))
    with pytest.raises(InvalidCredentials):
        ana.serve(sign_in)


def test_a_set_password_ends_a_pending_enrolment(ana: Deployment) -> None:
    """Whoever had the old password has seen the secret that the owner would scan next."""
    ana.serve(sign_in)
    user_id = str(shown(ana)["id"])
    seen = MfaSetupRecord(encrypted_secret="sealed", recovery_codes=(), encrypted_codes="sealed")

    async def begun(engine: AuthEngine) -> bool:
        assert engine.stores.mfa is not None
        subject = engine.identifiers.subject(Realm.DASHBOARD, user_id, "acme")
        return await engine.stores.mfa.put_setup(subject, seen, timedelta(minutes=10))

    assert ana.serve(begun)
    assert not ana.serve(begun)
    assert ana.users("set-password", ANA, given=f"{NEW_PASSWORD}\n")[0] == 0
    assert ana.serve(begun)


@pytest.mark.parametrize("password", ["short", "", "password" * 3, "x" * 129])
def test_a_weak_password_changes_nothing(ana: Deployment, password: str) -> None:
    """The help desk sets what the policy refuses."""
    before = ana.read()
    code, printed, complaints = ana.users("set-password", ANA, given=f"{password}\n")
    assert (code, printed) == (1, "")
    assert not password or password not in complaints
    assert ana.read() == before


def test_a_reset_mail_reaches_the_owner(ana: Deployment) -> None:
    """The operator learns a password that only its owner should know."""

    async def mailed() -> tuple[tuple[int, str, str], list[str]]:
        received: list[str] = []

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail\r\n")
            while line := await reader.readline():
                command = line[:4].upper()
                if command == b"DATA":
                    writer.write(b"354 go\r\n")
                    while (part := await reader.readline()) != b".\r\n":
                        received.append(part.decode())
                writer.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
            writer.close()

        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        env = {
            "BYMAX_AUTH_SMTP__HOST": "127.0.0.1",
            "BYMAX_AUTH_SMTP__PORT": str(port),
            "BYMAX_AUTH_SMTP__SECURITY": "plaintext",
            "BYMAX_AUTH_SMTP__SENDER": "auth@example.com",
            "BYMAX_AUTH_SERVE__PROFILE": "secure",
        }
        done = await asyncio.to_thread(ana.users, "set-password", ANA, "--mail", env=env)
        server.close()
        return done, received

    before = ana.read()
    done, received = asyncio.run(mailed())
    assert done == (0, "A reset mail is requested.\n", "")
    assert f"To: {ANA}\r\n" in received
    assert ana.read() == before


def test_an_unproven_address_is_verified_by_an_operator(deployment: Deployment) -> None:
    """A person whose mail provider swallows the code never gets in."""
    assert deployment.create(ANA, "--unverified")[0] == 0
    assert shown(deployment)["emailVerified"] is False
    assert deployment.users("verify", ANA) == (0, "Verified.\n", "")
    assert deployment.users("verify", ANA)[0] == 0
    assert shown(deployment)["emailVerified"] is True
    assert deployment.serve(sign_in)


def test_a_deleted_account_leaves_no_session(ana: Deployment) -> None:
    """A person who asked to be forgotten is still signed in, and still in the table."""
    refresh = ana.serve(sign_in)
    assert ana.users("delete", ANA, "--yes") == (0, "Deleted, and signed out everywhere.\n", "")
    assert ana.read() == []
    with pytest.raises(RefreshTokenInvalid):
        ana.serve(lambda engine: engine.refresh(refresh, CONTEXT))
    assert ana.users("delete", ANA, "--yes")[0] == 1
    assert ana.create()[0] == 0


def test_nothing_is_deleted_unasked(ana: Deployment) -> None:
    """A script with a slip in it deletes accounts."""
    before = ana.read()
    code, printed, complaints = ana.users("delete", ANA)
    assert (code, printed) == (2, "")
    assert "--yes" in complaints
    assert ana.read() == before


@pytest.mark.untraced
def test_a_person_is_asked_before_an_account_is_deleted(ana: Deployment) -> None:
    """The wrong address was on the clipboard."""
    screen, terminal = pty.openpty()
    command = [str(forked()), "users", "delete", ANA, "--tenant", "acme"]
    process = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=surroundings() | ana.variables,
        start_new_session=True,
    )
    os.close(terminal)
    answered(screen, [("[y/N]: ", "n")])
    assert process.wait(PATIENCE) == 1
    assert len(ana.read()) == 1


def test_an_account_is_shown_with_its_sessions(ana: Deployment) -> None:
    """The help desk cannot say where somebody is signed in."""
    ana.serve(sign_in)
    code, printed, complaints = ana.users("show", ANA)
    account, session = printed.splitlines()
    assert (code, complaints) == (0, "")
    assert account.split("\t")[1:] == [ANA, "MEMBER", "active", "verified"]
    assert session.endswith("\tFirefox\t192.0.2.7") or "Firefox" in session

    fields = shown(ana)
    (listed,) = fields["sessions"] if isinstance(fields["sessions"], list) else []
    assert fields["email"] == ANA
    assert fields["locked"] is False
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\+00:00", listed["createdAt"])
    assert not re.search(r"hash|password|secret", json.dumps(fields), re.IGNORECASE)


def test_a_lockout_is_shown(ana: Deployment) -> None:
    """The help desk cannot say why somebody is refused."""

    async def guess(engine: AuthEngine) -> None:
        for _ in range(5):
            with pytest.raises(InvalidCredentials):
                await sign_in(engine, "not-the-password-at-all")

    ana.serve(guess)
    assert "locked by failed sign-ins" in ana.users("show", ANA)[1]
    assert shown(ana)["locked"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "zoe@example.com", "--role", "MEMBER", "--name", "Zoe"),
        ("list",),
        ("show", ANA),
        ("block", ANA),
        ("unlock", ANA),
        ("sign-out", ANA),
        ("role", ANA, "ADMIN"),
        ("set-password", ANA),
        ("verify", ANA),
        ("delete", ANA, "--yes"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_answers_a_program(ana: Deployment, arguments: tuple[str, ...]) -> None:
    """A script takes sentences apart, and breaks with the next release."""
    code, printed, complaints = ana.users(*arguments, "--json", given=f"{PASSWORD}\n")
    assert (code, complaints) == (0, "")
    assert all(isinstance(json.loads(line), dict) for line in printed.splitlines())
    assert printed.isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("role", ANA, "KING"), "'KING' is not a role"),
        (("role", "nobody@example.com", "ADMIN"), "no account"),
        (("set-password", "nobody@example.com"), "no account"),
        (("set-password", ANA, "--mail"), "no mail server is configured"),
        (("verify", "nobody@example.com"), "no account"),
        (("delete", "nobody@example.com", "--yes"), "no account"),
        (("show", "nobody@example.com"), "no account"),
    ],
)
def test_what_does_not_fit_changes_nothing(ana: Deployment, arguments: tuple[str, ...], said: str) -> None:
    """A slip of the operator changes another account, or ends in a traceback."""
    before = ana.read()
    code, printed, complaints = ana.users(*arguments, given=f"{NEW_PASSWORD}\n")
    assert (code, printed) == (1, "")
    assert said in complaints
    assert ana.read() == before


@pytest.mark.untraced
def test_long_work_counts_where_a_person_waits(ana: Deployment, tmp_path: Path) -> None:
    """An export of a large customer seems to hang."""
    ana.write([(f"{one:04}", f"person{one}@example.com") for one in range(450)])
    screen, terminal = pty.openpty()
    file = tmp_path / "accounts.jsonl"
    with file.open("wb") as output:
        process = subprocess.Popen(
            [str(forked()), "users", "list", "--json", "--tenant", "acme"],
            stdout=output,
            stderr=terminal,
            env=surroundings() | ana.variables | {"TERM": "xterm"},
        )
    os.close(terminal)
    seen = answered(screen, [])
    assert process.wait(PATIENCE) == 0
    assert "accounts: 451" in seen
    assert len(file.read_text(encoding="utf-8").splitlines()) == 451
