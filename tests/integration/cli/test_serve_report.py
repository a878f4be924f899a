"""One report of everything that keeps a service from starting, the same from `check --serve` and `serve`."""

import os
import re
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import closing
from itertools import combinations
from pathlib import Path

import pytest

from bymax_auth.cli.keygen import environment_lines
from tests.integration.cli.dev_server import free_port
from tests.integration.cli.in_process import run
from tests.integration.cli.service import SECRETS, serving, settings, with_tables

pytestmark = pytest.mark.processes

REQUIRED = {
    "BYMAX_AUTH_JWT__SECRET": "jwt.secret: has 0 characters",
    "BYMAX_AUTH_ROLES__HIERARCHY": "roles.hierarchy: ",
    "BYMAX_AUTH_STORE_URL": "BYMAX_AUTH_STORE_URL is not set",
    "BYMAX_AUTH_DATABASE_URL": "BYMAX_AUTH_DATABASE_URL is not set",
    "BYMAX_AUTH_SMTP__HOST": "BYMAX_AUTH_SMTP__HOST is not set",
    "BYMAX_AUTH_SMTP__SENDER": "BYMAX_AUTH_SMTP__SENDER is not set",
}


def production(folder: Path) -> dict[str, str]:
    """A deployment that lacks nothing."""
    mail = {"BYMAX_AUTH_SMTP__HOST": "127.0.0.1", "BYMAX_AUTH_SMTP__SENDER": "auth@example.com"}
    return settings(folder, BYMAX_AUTH_ENVIRONMENT="production") | mail


def reports(variables: dict[str, str], *options: str) -> tuple[list[str], list[str]]:
    """The problems that `check --serve` and `serve` name, without their numbers."""
    checked = run("check", "--serve", env=variables)
    served = run("serve", "--port", str(free_port()), *options, env=variables)
    assert checked.returncode == 1
    assert served.returncode in {1, 2}
    assert (checked.stderr, served.stdout) == ("", "")
    shown = checked.stdout + served.stderr
    assert not any(secret in shown for secret in (*SECRETS, "hunter2"))
    return problems_in(checked.stdout), problems_in(served.stderr.removeprefix("bymax-auth: "))


def problems_in(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not re.match(r"(   |[0-9]+ problems:|warning: )", line)]
    return [re.sub(r"^[0-9]+\. ", "", line) for line in lines]


def without(variables: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: text for name, text in variables.items() if name not in set(names)}


@pytest.mark.parametrize(
    "missing",
    [*combinations(REQUIRED, 1), *combinations(REQUIRED, len(REQUIRED) - 1), tuple(REQUIRED)],
    ids=lambda names: f"{len(names)}-without-{'-'.join(name.removeprefix('BYMAX_AUTH_') for name in names)}",
)
def test_every_missing_variable_is_named_at_once(tmp_path: Path, missing: tuple[str, ...]) -> None:
    """An operator starts the service once for each variable that it needs."""
    with_tables(tmp_path)
    checked, served = reports(without(production(tmp_path), missing))

    mail = {"BYMAX_AUTH_SMTP__HOST", "BYMAX_AUTH_SMTP__SENDER"}
    # Without any variable of the mail server, its host stands for the group.
    named = [name for name in REQUIRED if name in missing]
    named = [name for name in named if not (name == "BYMAX_AUTH_SMTP__SENDER" and mail <= set(missing))]
    assert checked == served
    assert [name for name in named if not any(one.startswith(REQUIRED[name]) for one in checked)] == []
    assert len(checked) == len(named)


def test_what_keygen_prints_is_answered_by_one_report() -> None:
    """Five starts, one mistake each, lie between the guide's first line and a running service."""
    checked, served = reports(dict(line.split("=", 1) for line in environment_lines()))
    wanted = [text for name, text in REQUIRED.items() if name != "BYMAX_AUTH_JWT__SECRET"]
    wanted.remove(REQUIRED["BYMAX_AUTH_SMTP__SENDER"])
    assert checked == served
    assert all(any(one.startswith(text) for one in checked) for text in wanted)
    assert len(checked) == len(wanted)


def test_every_kind_of_mistake_is_in_one_report(tmp_path: Path) -> None:
    """The report ends at the first group of variables that has a mistake."""
    given = production(tmp_path) | {
        "BYMAX_AUTH_JWT__ACCESS_TTL": "soon",
        "BYMAX_AUTH_JWT__SECERT": "hunter2",
        "BYMAX_AUTH_JWT__REFRESH_EXPIRES_IN_DAYS": "0",
        "BYMAX_AUTH_COOKIES": "x",
        "BYMAX_AUTH_COOKIES__SAME_SITE": "none",
        "BYMAX_AUTH_REDIS__NAMSPACE": "shop",
        "BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS": "0",
        "BYMAX_AUTH_STORE_URL": "redis://:hunter2@127.0.0.1:1",
        "BYMAX_AUTH_DATABASE_URL": "nosuch://auth:hunter2@db/auth",
        "BYMAX_AUTH_SMTP__SECURITY": "tls",
        "BYMAX_AUTH_SMTP__PORT": "smtp",
        "BYMAX_AUTH_SMTP__SENDER": "nobody",
        "BYMAX_AUTH_SERVE__PORT": "http",
        "BYMAX_AUTH_SERVE__PROFILE": "hard",
        "BYMAX_AUTH_SERVE__BASE_ROLE": "KING",
        "BYMAX_AUTH_SERVE__TENANT_HEADER": "x-tenant",
        "BYMAX_AUTH_SERVE__OPENAPI": "maybe",
        "BYMAX_AUTH_SERVE__HOTS": "0.0.0.0",
        "WEB_CONCURRENCY": "auto",
    }
    del given["BYMAX_AUTH_SERVE__TENANT_ID"]
    checked = problems_in(run("check", "--serve", env=given).stdout)
    # `--port` would hide the variable.
    served = problems_in(run("serve", env=given).stderr.removeprefix("bymax-auth: "))
    wanted = [
        "BYMAX_AUTH_SERVE__HOTS is unknown",
        "BYMAX_AUTH_SERVE__PROFILE must",
        "BYMAX_AUTH_SERVE__PORT must",
        "WEB_CONCURRENCY must",
        "BYMAX_AUTH_SERVE__OPENAPI must",
        "BYMAX_AUTH_SMTP__SENDER is",
        "BYMAX_AUTH_SMTP__SECURITY must",
        "BYMAX_AUTH_SMTP__PORT must",
        "redis.namspace: no option",
        "cookies: is set, and so are options below it",
        "jwt.access_ttl: ",
        "jwt.secert: no option",
        "BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS is not",
        "BYMAX_AUTH_DATABASE_URL is not a database URL",
        "BYMAX_AUTH_SERVE__BASE_ROLE (KING) is not",
        "jwt.refresh_expires_in_days: ",
        "cookies.trusted_origins: ",
        "the stores cannot be opened: ",
    ]
    assert checked == served
    assert [text for text in wanted if not any(one.startswith(text) for one in checked)] == []
    assert len(checked) == len(wanted)


def test_providers_are_part_of_the_report(tmp_path: Path) -> None:
    """A provider with a slip keeps its mistake for the first person who signs in, or prints its secret."""
    with_tables(tmp_path)
    oauth = "BYMAX_AUTH_OAUTH__"
    given = production(tmp_path) | {
        f"{oauth}GOOGLE__CLIENT_SECRET": "hunter2",
        f"{oauth}GITHUB__CLIENT_SECRET": "hunter2",
        f"{oauth}KEYCLOAK__REALM": "hunter2 hunter2",
        f"{oauth}ACME__ISSUER": "http://hunter2.example",
        f"{oauth}ACME__CLIENT_ID": "my-service",
        f"{oauth}ACME__CLIENT_SECRET": "hunter2",
        f"{oauth}ACME__CALLBACK_URL": "https://app.example.com/auth/oauth/acme/callback",
        f"{oauth}GOGLE__CLIENT_ID": "x",
        f"{oauth}SUCESS_REDIRECT_URL": "/welcome",
        "BYMAX_AUTH_SERVE__OAUTH_SIGN_UP": "maybe",
        "BYMAX_AUTH_SERVE__OAUTH_DOMAINS": "@example.com",
        "BYMAX_AUTH_CONTROLLERS__OAUTH": "true",
    }
    checked, served = reports(given)
    assert checked == served
    assert [re.split(r"[: ]", one)[0].removeprefix(oauth) for one in checked] == [
        "BYMAX_AUTH_SERVE__OAUTH_SIGN_UP",
        "BYMAX_AUTH_SERVE__OAUTH_DOMAINS",
        "oauth.sucess_redirect_url",
        "ACME__ISSUER",
        "GITHUB__CLIENT_ID",
        "GITHUB__CALLBACK_URL",
        "GOGLE__ISSUER",
        "GOGLE__CLIENT_SECRET",
        "GOGLE__CALLBACK_URL",
        "KEYCLOAK__DOMAIN",
        "KEYCLOAK__CLIENT_ID",
        "KEYCLOAK__CLIENT_SECRET",
        "KEYCLOAK__CALLBACK_URL",
        "oauth.google.client_id",
        "oauth.google.callback_url",
    ]


def test_a_missing_table_names_the_command_that_creates_it(tmp_path: Path) -> None:
    """A first start ends in the database's own error, and no guide is at hand."""
    given = production(tmp_path) | {"BYMAX_AUTH_JWT__SECRET": "short"}
    checked, served = reports(given)
    assert checked == served
    assert checked[0].startswith("jwt.secret: ")
    assert checked[1] == "the database has no table auth_users."
    shown = run("check", "--serve", env=given).stdout
    assert "`bymax-auth migrations apply`" in shown
    assert "`bymax-auth serve --migrate`" in shown


def test_the_command_makes_the_tables_without_a_project(tmp_path: Path) -> None:
    """A separate service needs a Python project, only to have its two tables."""
    given = settings(tmp_path)
    first, second = (run("migrations", "apply", env=given) for _ in range(2))
    assert (first.returncode, first.stderr) == (second.returncode, second.stderr) == (0, "")
    assert first.stdout == "created auth_platform_users\ncreated auth_users\ncreated auth_identities\n"
    assert second.stdout == "Every table exists already.\n"
    done = run("check", "--serve", env=given)
    assert (done.returncode, done.stdout.splitlines()[0][:21]) == (0, "The service can start")


def test_a_table_that_exists_is_left_alone(tmp_path: Path) -> None:
    """The command drops the accounts that it finds."""
    with closing(sqlite3.connect(tmp_path / "users.db")) as database, database:
        database.execute("CREATE TABLE auth_users (mine TEXT)")
    assert run("migrations", "apply", env=settings(tmp_path)).stdout == (
        "created auth_platform_users\ncreated auth_identities\n"
    )
    with closing(sqlite3.connect(tmp_path / "users.db")) as database:
        assert [row[1] for row in database.execute("PRAGMA table_info(auth_users)")] == ["mine"]


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("", 2, "BYMAX_AUTH_DATABASE_URL is not set"),
        ("sqlite:////nowhere/users.db", 1, "the database failed"),
    ],
)
def test_tables_that_cannot_be_made_are_said_in_a_line(address: str, code: int, said: str) -> None:
    """The command ends in a traceback."""
    done = run("migrations", "apply", env={"BYMAX_AUTH_DATABASE_URL": address})
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_service_that_is_invalid_makes_no_table(tmp_path: Path) -> None:
    """A slip in the variables changes a database that was not meant."""
    given = settings(tmp_path, BYMAX_AUTH_JWT__SECRET="short")
    _, served = reports(given, "--migrate")
    assert [one.partition(":")[0] for one in served] == ["jwt.secret"]
    with closing(sqlite3.connect(tmp_path / "users.db")) as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


@pytest.mark.slow
def test_a_service_makes_its_tables_at_the_first_start(tmp_path: Path) -> None:
    """A container starts, finds no tables, and waits for somebody."""
    with serving(tmp_path, "--migrate", env=settings(tmp_path)) as service:
        with service.client() as client:
            assert client.get("/readyz").status_code == 200
        assert service.end() == 0


def test_a_file_of_variables_is_checked_like_the_environment(tmp_path: Path) -> None:
    """What is checked before a deployment is not what is deployed."""
    with_tables(tmp_path)
    file = tmp_path / "service.env"
    lines = [f"{name}='{text}'" for name, text in settings(tmp_path).items()]
    file.write_text("\n".join([*lines, "BYMAX_AUTH_SERVE__PROFILE=secure"]), encoding="utf-8")
    sound = run("check", "--serve", "--env-file", file)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert (
        run("check", "--serve", "--env-file", file, env={"BYMAX_AUTH_STORE_URL": "http://x"}).returncode == 1
    )
    assert run("check", "--serve", "--env-file", file, "--profile", "nest_compat").returncode == 0
    assert "[env_file_missing]" in run("check", "--serve", "--env-file", tmp_path / "none").stdout


def test_the_databases_file_is_for_its_owner(tmp_path: Path) -> None:
    """Every user of the machine reads the password hashes."""
    before = os.umask(0)
    try:
        assert run("migrations", "apply", env=settings(tmp_path)).returncode == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "users.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["users.db", "users.db-wal", "users.db-shm", "stores.db", "stores.db-wal"])
def test_a_file_that_everybody_may_read_is_refused_in_production(tmp_path: Path, name: str) -> None:
    """A file from before is used as it is, and every user of the machine reads what is in it."""
    with_tables(tmp_path)
    file = tmp_path / name
    file.touch()
    file.chmod(0o644)
    given = production(tmp_path)
    checked, served = reports(given)
    assert checked == served
    assert [one for one in checked if str(file) in one and "exposed]" in one] == checked
    assert len(checked) == 1
    listed = run("users", "list", "--tenant", "acme", env=given)
    assert (listed.returncode, listed.stdout) == (2, "")
    assert str(file) in listed.stderr
    warned = run("check", "--serve", env=given | {"BYMAX_AUTH_ENVIRONMENT": "development"})
    assert warned.returncode == 0
    assert f"Run: chmod o-rwx {file}" in warned.stdout
