"""`bymax-auth migrate` with accounts of FastAPI Users: dry run, writing, resuming, undoing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy import ForeignKey, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.integration.cli.moving import Destination
from tests.integration.cli.old_systems import PASSWORD, recorded

pytestmark = pytest.mark.processes

NAMESPACE = UUID(int=7)
NOBODY: dict[str, list[str]] = {"used": [], "referenced": []}


class Base(DeclarativeBase):
    """The models of the host that moves."""


class User(Base):
    """Writes into the recorded table: the package does not install beside SQLAlchemy 2.1."""

    __tablename__ = "user"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True, index=True)
    hashed_password: Mapped[str] = mapped_column(String(1024))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    is_verified: Mapped[bool] = mapped_column(default=True)


class OAuthAccount(Base):
    """Writes into the recorded table."""

    __tablename__ = "oauth_account"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    oauth_name: Mapped[str] = mapped_column(String(100))
    access_token: Mapped[str] = mapped_column(String(1024))
    account_id: Mapped[str] = mapped_column(String(320))
    account_email: Mapped[str] = mapped_column(String(320))


def id_of(name: str) -> str:
    return str(uuid5(NAMESPACE, name))


def person(name: str, *, email: str | None = None, hashed: str = "$2b$04$" + "." * 53, **flags: bool) -> User:
    return User(id=id_of(name), email=email or f"{name}@example.com", hashed_password=hashed, **flags)


def linked(name: str, provider: str, account_id: str) -> OAuthAccount:
    return OAuthAccount(
        id=id_of(f"{name} at {provider}"),
        user_id=id_of(name),
        oauth_name=provider,
        access_token="a-token",
        account_id=account_id,
        account_email=f"{name}@example.com",
    )


def old_system(folder: Path, *rows: Base) -> str:
    """Make the database of the other system, and return its URL."""
    source = recorded("fastapi-users", folder, 'DELETE FROM "user"', "DELETE FROM oauth_account")
    engine = create_engine(source)
    with Session(engine) as session:
        session.add_all(rows)
        session.commit()
    engine.dispose()
    return source


@pytest.fixture
def destination(tmp_path: Path) -> Destination:
    return Destination.made_in(tmp_path)


def test_accounts_that_the_package_itself_has_written_are_moved(tmp_path: Path) -> None:
    """A column of another name or type would be found by whoever moves."""
    destination = Destination.made_in(tmp_path, importers="pwdlib-argon2")
    said = destination.moved("fastapi-users", recorded("fastapi-users", tmp_path), "--write")

    assert (said["kept"], said["refused"]) == (5, {})
    assert said["notes"] == {"disabled": 1, "identities_of_another_form": 1, "unverified_address": 2}
    people = destination.by_email()
    assert people["bob@example.com"]["oauth_provider_id"] == "1234"
    assert people["eve@example.com"]["oauth_provider"] is None
    (ada,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert ada.user.id == people["ada@example.com"]["id"]


def test_accounts_keep_id_password_verification_and_identity(tmp_path: Path) -> None:
    """Everybody would have to register again, and rows of other tables would name nobody."""
    destination = Destination.made_in(tmp_path, importers="bcrypt,pwdlib-argon2")
    argon2, bcrypt = Argon2Hasher(memory_cost=64, time_cost=1), BcryptHasher(rounds=4)
    source = old_system(
        tmp_path,
        person("ada", email="Ada@Example.com", hashed=argon2.hash(PASSWORD)),
        person("bob", hashed=bcrypt.hash(PASSWORD)),
        person("new", hashed=argon2.hash(PASSWORD), is_verified=False),
        person("off", hashed=argon2.hash(PASSWORD), is_active=False),
        person("root", hashed=argon2.hash(PASSWORD), is_superuser=True),
        linked("ada", "google", "people/1234"),
        linked("bob", "github", "77"),
        linked("bob", "discord", "88"),
    )
    said = destination.moved("fastapi-users", source, "--write")

    assert (said["read"], said["kept"], said["refused"], said["formatsToAccept"]) == (5, 5, {}, [])
    assert said["notes"] == {"disabled": 1, "identities_not_kept": 1, "unverified_address": 1}
    people = destination.by_email()
    assert {email: row["id"] for email, row in people.items()} == {
        f"{name}@example.com": id_of(name) for name in ("ada", "bob", "new", "off", "root")
    }
    ada = people["ada@example.com"]
    assert (ada["oauth_provider"], ada["oauth_provider_id"], ada["role"]) == ("google", "1234", "MEMBER")
    assert people["root@example.com"]["role"] == "ADMIN"
    signed_in = destination.sign_in(
        *((f"{name}@example.com", PASSWORD) for name in ("ada", "bob", "new", "off"))
    )
    assert [one if isinstance(one, str) else one.user.id for one in signed_in] == [
        id_of("ada"),
        id_of("bob"),
        "EmailNotVerified",
        "AccountInactive",
    ]
    assert destination.by_email()["bob@example.com"]["password_hash"].startswith("$scrypt$")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    destination: Destination, tmp_path: Path
) -> None:
    """Somebody looks first, and has already changed the table."""
    destination.add(id="here", email="ada@example.com", email_verified=True)
    destination.add(id=id_of("moved"), email="elsewhere@example.com")
    source = old_system(
        tmp_path,
        person("ada"),
        person("bob", is_verified=False),
        person("bobs", email="BOB@example.com"),
        person("moved"),
        person("nobody", email="no address"),
        person("odd", hashed="md5:12"),
    )
    before = destination.rows()
    done = destination.migrate("fastapi-users", source)

    assert (done.returncode, done.stderr) == (0, "")
    assert destination.rows() == before
    assert "Nothing was written. Write with --write." in done.stdout
    dry = destination.moved("fastapi-users", source)
    assert destination.rows() == before
    assert dry.pop("dryRun") is True
    written = destination.moved("fastapi-users", source, "--write")
    assert written.pop("dryRun") is False
    assert dry == written
    assert written["refused"] == {"address_invalid": 1, "address_taken": 1, "id_taken": 1}
    assert (written["kept"], written["merged"]) == (2, 1)
    assert written["notes"]["unknown_password_format"] == 1


def test_two_accounts_become_one_only_where_both_have_proven_the_address(
    destination: Destination, tmp_path: Path
) -> None:
    """Whoever registers a stranger's address first would share the account with its owner."""
    destination.add(id="proven", email="ada@example.com", email_verified=True)
    destination.add(id="unproven", email="bob@example.com", email_verified=False, password_hash="kept")
    source = old_system(tmp_path, person("ada"), person("bob"), linked("ada", "google", "1234"))
    said = destination.moved("fastapi-users", source, "--write")

    assert (said["merged"], said["refused"]) == (1, {"address_taken": 1})
    people = destination.by_email()
    assert people["ada@example.com"]["id"] == "proven"
    assert people["ada@example.com"]["oauth_provider_id"] == "1234"
    assert people["ada@example.com"]["password_hash"].startswith("$2b$04$")
    assert people["bob@example.com"]["password_hash"] == "kept"


def test_an_account_that_lacks_nothing_is_merged_as_it_is(destination: Destination, tmp_path: Path) -> None:
    """One person who has a password in both systems would stop the migration of everybody."""
    destination.add(id="here", email="ada@example.com", email_verified=True, password_hash="kept")
    source = old_system(tmp_path, person("ada"), person("bob"))
    said = destination.moved("fastapi-users", source, "--write", "--report", "r.jsonl")
    assert (said["kept"], said["merged"]) == (1, 1)
    assert destination.by_email()["ada@example.com"]["password_hash"] == "kept"
    done = destination.command("--undo", "r.jsonl", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"removed": 1, "emptied": 0, **NOBODY})


def test_what_an_operator_assumes_makes_no_two_accounts_one(destination: Destination, tmp_path: Path) -> None:
    """A stranger who registered the address with another case would sign in to its owner's account."""
    source = old_system(
        tmp_path, person("ada", is_verified=False), person("adas", email="ADA@example.com", is_verified=False)
    )
    said = destination.moved("fastapi-users", source, "--write", "--assume-verified")
    assert (said["kept"], said["refused"]) == (1, {"address_taken": 1})


def test_a_migration_is_undone_by_its_report(tmp_path: Path) -> None:
    """Somebody has moved the wrong table, and cannot tell its accounts from the others."""
    destination = Destination.made_in(tmp_path, importers="bcrypt")
    destination.add(id="here", email="ada@example.com")
    source = old_system(
        tmp_path,
        person("ada"),
        person("bob", hashed=BcryptHasher(rounds=4).hash(PASSWORD)),
        linked("ada", "google", "1234"),
    )
    before = destination.rows()
    assert destination.moved("fastapi-users", source, "--write", "--report", "r.jsonl")["merged"] == 1
    (signed_in,) = destination.sign_in(("bob@example.com", PASSWORD))
    assert signed_in.user.id == id_of("bob")
    kept = destination.command("--undo", "r.jsonl")
    assert (kept.returncode, kept.stdout.splitlines()) == (
        0,
        [
            "0 accounts removed, 1 as they were before.",
            "1 were used or changed since and are kept (--with-used):",
            f"  {id_of('bob')}",
        ],
    )
    done = destination.command("--undo", "r.jsonl", "--with-used", "--json")

    assert (done.returncode, json.loads(done.stdout)) == (0, {"removed": 1, "emptied": 0, **NOBODY})
    assert destination.rows() == before
    with closing(sqlite3.connect(tmp_path / "auth.db")) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert "sessions" in tables
        assert store.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    again = destination.migrate("fastapi-users", source, "--write", "--report", "r.jsonl")
    assert (again.returncode, "was undone" in again.stderr) == (1, True)


def many(count: int) -> list[User]:
    return [person(f"p{number}") for number in range(count)]


@pytest.mark.parametrize("lost", ["the confirmation", "the announcement", "half a line"])
def test_a_migration_goes_on_where_it_was_stopped(
    destination: Destination, tmp_path: Path, lost: str
) -> None:
    """After a power failure, accounts are missing or there twice."""
    source = old_system(tmp_path, *many(1_100))
    destination.moved("fastapi-users", source, "--write", "--report", "r.jsonl")
    report = tmp_path / "r.jsonl"
    whole = destination.rows()
    lines = report.read_bytes().splitlines(keepends=True)
    second = next(number for number, line in enumerate(lines) if b'"number":2' in line)
    ids = [one for one, *_ in json.loads(lines[second])["created"]]
    later = [one for line in lines[second + 1 :] for one, *_ in json.loads(line).get("created", ())]
    kept = lines[: second + 1]
    if lost != "the confirmation":
        later = ids + later
    if lost == "half a line":
        kept[-1] = kept[-1][:-40]
    with closing(sqlite3.connect(tmp_path / "users.db")) as database, database:
        database.executemany("DELETE FROM auth_users WHERE id = ?", [(one,) for one in later])
    report.write_bytes(b"".join(kept))

    said = destination.moved("fastapi-users", source, "--write", "--report", "r.jsonl")
    assert (said["read"], said["kept"], said["present"]) == (1_100, 1_100, 0)
    assert destination.rows() == [
        row | {"created_at": now["created_at"]} for row, now in zip(whole, destination.rows(), strict=True)
    ]
    undone = destination.command("--undo", "r.jsonl", "--json")
    assert (json.loads(undone.stdout)["removed"], destination.rows()) == (1_100, [])


def test_a_second_run_finds_everything_here(destination: Destination, tmp_path: Path) -> None:
    """Repeating the command would double the accounts, or refuse them."""
    source = old_system(tmp_path, person("ada"), person("bob"))
    destination.moved("fastapi-users", source, "--write")
    again = destination.moved("fastapi-users", source, "--write", "--report", "other.jsonl")

    assert (again["present"], again["kept"], again["refused"]) == (2, 0, {})


def test_the_report_holds_no_address_and_no_hash_and_is_private(
    destination: Destination, tmp_path: Path
) -> None:
    """It is mailed to a colleague, with every customer in it."""
    destination.add(id="here", email="ada@example.com")
    source = old_system(tmp_path, person("ada"), person("bob"))
    destination.moved("fastapi-users", source, "--write", "--report", "r.jsonl")
    text = (tmp_path / "r.jsonl").read_text("ascii")

    assert "example.com" not in text
    assert "$2b$" not in text
    assert (tmp_path / "r.jsonl").stat().st_mode & 0o077 == 0


def test_the_formats_that_are_not_accepted_are_named(destination: Destination, tmp_path: Path) -> None:
    """Nobody who moved can sign in, and nothing says why."""
    source = old_system(tmp_path, person("ada"))
    done = destination.migrate("fastapi-users", source)

    assert "set BYMAX_AUTH_PASSWORD__IMPORTERS to include bcrypt\n" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "fastapi-users", "sqlite:///missing.db", "--role", "MEMBER"), 1, "does not exist"),
        (("--from", "fastapi-users", "not a url", "--role", "MEMBER"), 1, "not a database URL"),
        (("--from", "fastapi-users", "sqlite:///old.db", "--role", "NOBODY"), 1, "is not a role"),
        (("--from", "fastapi-users", "sqlite:///old.db"), 2, "--role"),
        (("--from", "django", "sqlite:///old.db", "--role", "MEMBER"), 1, "has no table 'auth_user'"),
        (
            ("--from", "django", "sqlite:///old.db", "--role", "MEMBER", "--table", "user"),
            1,
            "no column password",
        ),
        (("--from", "csv", "missing.csv", "--role", "MEMBER"), 1, "is not a file"),
        (("--from", "csv", "mysql://old:s3cret@db/a", "--role", "MEMBER"), 1, "csv reads an exported file"),
        (("--undo", "old.db"), 1, "is not the report of a migration"),
        (("--undo", "old.db", "--write"), 2, "--undo takes --tenant and --with-used only"),
        (("--with-used",), 2, "--with-used belongs to --undo"),
    ],
)
def test_a_command_that_cannot_work_says_so_in_one_line(
    destination: Destination, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """A traceback would print the address of the database, with its password."""
    old_system(tmp_path, person("ada"))
    done = destination.command(*words)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "s3cret" not in done.stderr
    assert destination.rows() == []


def test_a_hash_that_takes_ten_seconds_is_left_behind(destination: Destination, tmp_path: Path) -> None:
    """One row of the source would keep the sign-ins of everybody waiting."""
    dear = f"$argon2id$v=19$m=524288,t=16,p=1${'A' * 22}${'A' * 43}"
    said = destination.moved("fastapi-users", old_system(tmp_path, person("ada", hashed=dear)), "--write")
    assert said["notes"]["unknown_password_format"] == 1
    assert destination.by_email()["ada@example.com"]["password_hash"] is None


def test_a_report_of_another_migration_is_not_continued(destination: Destination, tmp_path: Path) -> None:
    """Its accounts would be skipped, as if they had been moved."""
    source = old_system(tmp_path, person("ada"))
    destination.moved("fastapi-users", source, "--write", "--report", "r.jsonl")
    done = destination.migrate(
        "fastapi-users", source, "--write", "--report", "r.jsonl", "--table", "another"
    )
    assert (done.returncode, "another migration" in done.stderr) == (1, True)
    dry = destination.migrate("fastapi-users", source, "--report", "r.jsonl")
    assert (dry.returncode, "exists already" in dry.stderr) == (1, True)
