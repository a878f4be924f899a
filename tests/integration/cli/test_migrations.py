"""`bymax-auth migrations` in a project that Alembic's own command has made."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import create_engine

from bymax_auth.repositories.sqlalchemy import metadata
from tests.integration.cli.dev_server import PATIENCE
from tests.integration.cli.in_process import run

pytestmark = pytest.mark.processes

ALEMBIC = Path(sys.executable).with_name("alembic")
FIRST = "4f1d2c3b5a60"
ACCOUNTS = {"alembic_version", "auth_identities", "auth_platform_users", "auth_users"}


def test_a_project_migrates_forth_and_back(project: Path) -> None:
    """A person follows the guide, and Alembic does not take the file."""
    made = run("migrations", cwd=project)
    assert (made.returncode, made.stderr) == (0, "")
    assert (project / made.stdout.strip()).is_file()
    alembic(project, "upgrade", "head")
    assert tables(project) == ACCOUNTS
    alembic(project, "downgrade", "base")
    assert tables(project) == {"alembic_version"}


def test_the_audit_logs_migration_comes_after_the_accounts(project: Path) -> None:
    """Whoever turns the audit log on later cannot migrate it beside the accounts."""
    accounts = Path(run("migrations", cwd=project).stdout).name.partition("_")[0]
    made = run("migrations", "--audit", "--revises", accounts, cwd=project)
    assert (made.returncode, made.stderr) == (0, "")
    alembic(project, "upgrade", "head")
    assert tables(project) == ACCOUNTS | {"auth_audit_log"}
    alembic(project, "downgrade", accounts)
    assert tables(project) == ACCOUNTS


def test_the_migration_comes_after_the_projects_own(begun_project: Path) -> None:
    """A project that has migrations ends up with two heads."""
    assert run("migrations", "--revises", FIRST, cwd=begun_project).returncode == 0
    heads = alembic(begun_project, "heads").split()
    assert (len(heads), heads[1]) == (2, "(head)")
    alembic(begun_project, "upgrade", "head")
    assert "auth_users" in tables(begun_project)


def test_a_project_with_revisions_is_asked_for_its_newest(begun_project: Path) -> None:
    """A project that has migrations ends up with two heads, and is told of them at the next deployment."""
    refused = run("migrations", cwd=begun_project)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "alembic heads" in refused.stderr
    assert run("migrations", "--revises", "base", cwd=begun_project).returncode == 0
    assert alembic(begun_project, "heads").count("(head)") == 2


def test_a_second_run_changes_nothing(project: Path) -> None:
    """Running the command twice loses what somebody added to the migration."""
    path = project / run("migrations", cwd=project).stdout.strip()
    path.write_text("changed by hand", encoding="utf-8")
    again = run("migrations", cwd=project)
    assert (again.returncode, again.stdout) == (1, "")
    assert "already exists" in again.stderr
    assert path.read_text(encoding="utf-8") == "changed by hand"


def test_tables_that_are_there_already_are_declared_so(project: Path) -> None:
    """A project that made the tables itself cannot begin to migrate them."""
    revision = Path(run("migrations", cwd=project).stdout).name.partition("_")[0]
    database = create_engine(f"sqlite:///{project / 'app.db'}")
    metadata.create_all(database)
    database.dispose()
    alembic(project, "stamp", revision)
    alembic(project, "upgrade", "head")
    with closing(sqlite3.connect(project / "app.db")) as made:
        assert made.execute("SELECT version_num FROM alembic_version").fetchall() == [(revision,)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--out", "missing"), 1), (("--revises", "two words"), 2), (("--out", "alembic.ini"), 2)],
)
def test_what_cannot_be_done_is_said_in_a_line(project: Path, arguments: tuple[str, ...], code: int) -> None:
    """A mistyped path ends in a traceback."""
    done = run("migrations", *arguments, cwd=project)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `alembic init` writes, for SQLite; each test changes a copy."""
    folder = tmp_path_factory.mktemp("new")
    alembic(folder, "init", "migrations")
    ini = folder / "alembic.ini"
    text = ini.read_text(encoding="utf-8")
    ini.write_text(text.replace("driver://user:pass@localhost/dbname", "sqlite:///app.db"), encoding="utf-8")
    return folder


@pytest.fixture
def project(new_project: Path, tmp_path: Path) -> Path:
    """A new project on SQLite, as `alembic init` leaves it."""
    return copytree(new_project, tmp_path / "project")


@pytest.fixture(scope="module")
def project_with_revision(new_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has a migration of its own; each test changes a copy."""
    folder = copytree(new_project, tmp_path_factory.mktemp("begun") / "project")
    alembic(folder, "revision", "--rev-id", FIRST, "-m", "first")
    return folder


@pytest.fixture
def begun_project(project_with_revision: Path, tmp_path: Path) -> Path:
    """A project that has a migration of its own."""
    return copytree(project_with_revision, tmp_path / "project")


def alembic(project: Path, *arguments: str) -> str:
    """Run Alembic's command as a person does, and return what it printed."""
    # Nothing of ours runs there, so it is not measured.
    done = subprocess.run(
        [str(ALEMBIC), *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={name: text for name, text in os.environ.items() if not name.startswith("COVERAGE")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tables(project: Path) -> set[str]:
    with closing(sqlite3.connect(project / "app.db")) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
