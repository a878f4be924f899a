"""The audit log of `bymax-auth serve`, as an operator reads it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.cli.in_process import run
from tests.integration.cli.service import EMAIL, PASSWORD, registered, serving, settings

pytestmark = pytest.mark.processes


def entries(env: dict[str, str], *options: str) -> list[dict[str, object]]:
    done = run("audit", *options, "--json", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.untraced
def test_what_a_service_did_is_read_afterwards(tmp_path: Path) -> None:
    """Somebody asks who signed in as them, and nobody can say."""
    env = settings(tmp_path, BYMAX_AUTH_SERVE__AUDIT="true")
    with serving(tmp_path, "--migrate", env=env) as service:
        with service.client() as client:
            registered(service, client)
            person = {"email": EMAIL, "password": PASSWORD}
            assert client.post("/auth/login", json=person).status_code == 200
            assert client.post("/auth/login", json=person | {"password": "wrong" * 4}).status_code == 401
        assert service.end() == 0

    events = [entry["event"] for entry in entries(env)]
    assert [one for one in events if one != "logout.ok"][:2] == ["register.ok", "email.verified"]
    assert {"login.ok", "login.refused"} <= set(events)
    mine = entries(env, "--tenant", "acme", "--user", EMAIL)
    assert [entry["event"] for entry in mine] == events
    assert EMAIL not in json.dumps(entries(env))
    future = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert entries(env, "--since", future) == entries(env, "--tenant", "globex") == []
    assert len(entries(env, "--since", "24h")) == len(events)
    (shown,) = {line.split("\t")[2] for line in run("audit", env=env).stdout.splitlines()}
    assert shown == "acme"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--user", EMAIL), 2, "pass --tenant"),
        (("--since", "yesterday"), 2, "--since is neither"),
        (("--since", "0001-01-01T00:00:00+14:00"), 2, "--since is neither"),
        (("--user", "a\x00@b", "--tenant", "acme"), 2, "--user is neither"),
        ((), 1, "the database failed"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """The command ends in a traceback."""
    done = run("audit", *arguments, env=settings(tmp_path))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert run("audit").returncode == 2


def test_a_service_without_its_audit_log_says_what_creates_it(tmp_path: Path) -> None:
    """Events are lost from the first one on."""
    env = settings(tmp_path, BYMAX_AUTH_SERVE__AUDIT="true")
    assert run("migrations", "apply", env=env).returncode == 0
    assert "no table auth_audit_log" in run("check", "--serve", env=env).stdout
    assert run("migrations", "apply", "--audit", env=env).stdout == "created auth_audit_log\n"
    assert run("check", "--serve", env=env).returncode == 0


def test_the_audit_logs_migration_is_a_file_of_its_own(tmp_path: Path) -> None:
    """A project that migrated its accounts is told to create them again."""
    first = run("migrations", "--out", tmp_path)
    second = run("migrations", "--audit", "--out", tmp_path, "--revises", Path(first.stdout).name[:12])
    assert (first.returncode, second.returncode) == (0, 0)
    assert second.stdout.strip().endswith("_bymax_auth_audit.py")
    text = Path(second.stdout.strip()).read_text(encoding="utf-8")
    assert "auth_audit_log" in text
    assert "auth_users" not in text
