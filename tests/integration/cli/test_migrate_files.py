"""`bymax-auth migrate` from files: CSV and the exports of Auth0."""

import gzip
import json
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from bymax_auth.crypto import totp
from bymax_auth.types.results import MfaChallengeResult
from tests.integration.cli.moving import Destination

pytestmark = pytest.mark.processes

PASSWORD = "a long password of old"
HASHED = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
SECRET = totp.base32_encode(bytes(range(20)))


def written(folder: Path, name: str, *lines: str) -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def test_accounts_of_a_csv_file_are_moved(tmp_path: Path) -> None:
    """Whoever leaves a system that nobody here knows could bring nothing."""
    destination = Destination.made_in(tmp_path, importers="bcrypt")
    source = written(
        tmp_path,
        "people.csv",
        "\ufeffid,email,name,password_hash,email_verified,disabled,role,created_at,"
        "oauth_provider,oauth_provider_id",
        f"1,Ada@Example.com,Ada Lovelace,{HASHED},true,,ADMIN,2020-02-03T04:05:06Z,github,77",
        "2,bob@example.com,,,no,yes,,,,",
    )
    said = destination.moved("csv", source, "--write")

    assert (said["kept"], said["refused"]) == (2, {})
    ada, bob = destination.rows()
    assert (ada["email"], ada["name"], ada["role"]) == ("ada@example.com", "Ada Lovelace", "ADMIN")
    assert str(ada["created_at"]).startswith("2020-02-03 04:05:06")
    assert (ada["oauth_provider"], ada["oauth_provider_id"]) == ("github", "77")
    assert (bob["name"], bob["status"], bob["role"]) == ("bob@example.com", "inactive", "MEMBER")
    assert bob["password_hash"] is None
    (signed_in,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert signed_in.user.id == "1"


def test_records_that_cannot_be_moved_are_counted_by_their_reason(tmp_path: Path) -> None:
    """One bad line in a hundred thousand would stop the move, or go unnoticed."""
    destination = Destination.made_in(tmp_path)
    source = written(
        tmp_path,
        "people.csv",
        "id,email,email_verified,role,totp_secret",
        "1,ada@example.com,perhaps,,",
        "2,bob@example.com,true,NOBODY,",
        "3,,true,,",
        "4,not-an-address,true,,",
        ",eve@example.com,true,,",
        f"{'6' * 129},fay@example.com,true,,",
        "7,gus@example.com,true",
        "8,hal@example.com,true,,,more",
        f"9,ivy@example.com,true,,{SECRET}",
        "10,joe@example.com,true,,",
        "11,JOE@example.com,false,,",
    )
    said = destination.moved("csv", source, "--write", "--report", "r.jsonl")

    assert said["kept"] == 1
    assert said["refused"] == {
        "address_invalid": 1,
        "address_missing": 1,
        "address_taken": 1,
        "id_invalid": 2,
        "record_damaged": 3,
        "role_unknown": 1,
        "second_factor_would_be_lost": 1,
    }
    (batch,) = [
        json.loads(line)
        for line in (tmp_path / "r.jsonl").read_text().splitlines()
        if '"kind":"batch"' in line
    ]
    assert {"id": "9", "reason": "second_factor_would_be_lost"} in batch["refused"]
    assert [row["email"] for row in destination.rows()] == ["joe@example.com"]


def test_a_second_factor_is_kept_where_the_deployment_has_a_key(tmp_path: Path) -> None:
    """Whoever has the password alone would get in after the move."""
    destination = Destination.made_in(tmp_path, importers="bcrypt", mfa=True)
    source = written(
        tmp_path,
        "people.csv",
        "id,email,email_verified,password_hash,totp_secret",
        f"1,ada@example.com,true,{HASHED},{SECRET}",
        f"2,bob@example.com,true,{HASHED},!",
    )
    said = destination.moved("csv", source, "--write")

    assert (said["kept"], said["refused"]) == (1, {"second_factor_would_be_lost": 1})
    (ada,) = destination.rows()
    assert ada["mfa_enabled"]
    assert SECRET not in str(ada)
    (challenge,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert isinstance(challenge, MfaChallengeResult)
    dropped = destination.moved("csv", source, "--write", "--drop-second-factors", "--report", "2.jsonl")
    assert (dropped["kept"], dropped["notes"]["second_factor_dropped"]) == (1, 1)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id,name", "has no column email"),
        ("id,email,phone", "has 'phone'"),
        ("id,email,id", "a column twice"),
    ],
)
def test_a_file_with_other_columns_is_refused(tmp_path: Path, header: str, said: str) -> None:
    """A column with a typing mistake would be left out for everybody."""
    destination = Destination.made_in(tmp_path)
    done = destination.migrate("csv", written(tmp_path, "people.csv", header, "1,a@example.com,x"))

    assert (done.returncode, said in done.stderr) == (1, True)


def test_a_damaged_record_is_refused_with_its_place(tmp_path: Path) -> None:
    """A traceback would print the record, with its address, and everybody after it would be left behind."""
    destination = Destination.made_in(tmp_path)
    (tmp_path / "people.csv").write_bytes(
        b"id,email,created_at,name\n"
        b"1,ada@example.com,,Ada\n"
        b"2,\xff@example.com,,\n"
        b'3,bob@example.com,,"Bob" of old\n'
        b"4,eve@example.com,yesterday,\n"
        b"5,fay@example.com,0001-01-01T00:00:00+14:00,\n"
        b'6,gus@example.com,,"two\nlines"\n' + b"7," + b"x" * 2**21 + b",,\n"
        b"8,hal@example.com,,\n"
        b'9,"ivy@example.com'
    )
    done = destination.migrate("csv", "people.csv", "--write", "--report", "r.jsonl")

    assert (done.returncode, done.stderr) == (0, "")
    assert [row["id"] for row in destination.rows()] == ["1", "6", "8"]
    assert "damaged: line 3, line 4, line 5, line 6, line 9, line 11\n" in done.stdout
    assert "@" not in done.stdout


@pytest.mark.parametrize("bad", ["auth0|\ud800", "x" * 1_000_000])
def test_an_id_that_no_account_can_have_does_not_stop_the_move_or_its_undoing(
    tmp_path: Path, bad: str
) -> None:
    """Nothing could be moved that a dry run has called good, or the report could not be read again."""
    destination = Destination.made_in(tmp_path)
    people = [{"user_id": bad, "email": "eve@example.com"}] * 17
    good = {"user_id": "auth0|1", "email": "ada@example.com"}
    source = written(tmp_path, "users.json", *map(json.dumps, [*people, good]))
    said = destination.moved("auth0", source, "--write", "--report", "r.jsonl")

    assert (said["kept"], said["refused"]) == (1, {"id_invalid": 17})
    done = destination.command("--undo", "r.jsonl")
    assert (done.returncode, done.stderr, destination.rows()) == (0, "", [])


@pytest.mark.parametrize("system", ["csv", "auth0"])
def test_a_compressed_file_is_refused(tmp_path: Path, system: str) -> None:
    """Auth0 compresses its export, and every line of it would be counted as a damaged record."""
    destination = Destination.made_in(tmp_path)
    (tmp_path / "people").write_bytes(gzip.compress(b"id,email\n"))
    done = destination.migrate(system, "people")

    assert (done.returncode, done.stdout) == (1, "")
    assert "people is compressed: unpack it first" in done.stderr


def lines(*records: Any) -> list[str]:
    return [one if isinstance(one, str) else json.dumps(one) for one in records]


USERS: list[Any] = [
    {
        "user_id": "auth0|5f7c8ec7c33c6c004bbafe82",
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "created_at": "2020-10-06T15:35:03.000Z",
        "identities": [
            {"user_id": "5f7c8ec7c33c6c004bbafe82", "provider": "auth0", "isSocial": False},
            {"user_id": "1234", "provider": "google-oauth2", "isSocial": True},
        ],
    },
    {
        "user_id": "google-oauth2|77",
        "email": "ada@example.com",
        "email_verified": False,
        "identities": [{"user_id": "77", "provider": "google-oauth2"}],
    },
    {"user_id": "auth0|2", "email": "bob@example.com", "email_verified": True, "blocked": True},
    {"user_id": "auth0|3", "email": "eve@example.com", "multifactor": ["guardian"]},
    "",
    "no JSON",
    [1],
    {"email": "nobody@example.com"},
    {"user_id": "auth0|4", "email": "x" * 2**20},
]

HASHES: list[Any] = [
    {
        "_id": {"$oid": "5f7c8ec7c33c6c004bbafe82"},
        "email": "ada@example.com",
        "email_verified": True,
        "passwordHash": HASHED,
        "tenant": "acme",
        "connection": "Username-Password-Authentication",
    },
    {
        "_id": {"$oid": "9"},
        "email": "new@example.com",
        "email_verified": True,
        "passwordHash": HASHED,
    },
    {"_id": {"$oid": "3"}, "email": "eve@example.com", "email_verified": True, "passwordHash": HASHED},
    {"_id": {"$oid": "2"}, "email": "bob@example.com", "email_verified": True, "passwordHash": HASHED},
    {"_id": 9, "passwordHash": HASHED},
]


def test_both_exports_of_auth0_make_one_account(tmp_path: Path) -> None:
    """The passwords come in a file of their own, days after the users."""
    destination = Destination.made_in(tmp_path, importers="bcrypt")
    users = written(
        tmp_path,
        "users.ndjson",
        *lines(*USERS),
    )
    said = destination.moved("auth0", users, "--write")
    assert said["refused"] == {
        "address_taken": 1,
        "record_damaged": 4,
        "second_factor_would_be_lost": 1,
    }
    assert said["kept"] == 2

    passwords = written(
        tmp_path,
        "passwords.ndjson",
        *lines(*HASHES),
    )
    said = destination.moved("auth0", passwords, "--write", "--report", "passwords.jsonl")
    assert (said["kept"], said["merged"]) == (0, 2)
    assert said["refused"] == {"account_missing": 2, "record_damaged": 1}
    assert said["formats"] == {"bcrypt": 2}
    people = destination.by_email()
    ada = people["ada@example.com"]
    assert (ada["id"], ada["oauth_provider"], ada["oauth_provider_id"]) == (
        "auth0|5f7c8ec7c33c6c004bbafe82",
        "google",
        "1234",
    )
    assert people["bob@example.com"]["status"] == "inactive"
    assert destination.sign_in(("bob@example.com", PASSWORD)) == ["AccountInactive"]
    (ada_in,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert ada_in.user.name == "Ada Lovelace"


def test_passwords_of_auth0_alone_open_nothing(tmp_path: Path) -> None:
    """They do not say who is blocked and who has a second factor, and both would be lost."""
    destination = Destination.made_in(tmp_path, importers="bcrypt", mfa=True)
    passwords = written(tmp_path, "passwords.ndjson", *lines(*HASHES[:1]))
    said = destination.moved("auth0", passwords, "--write", "--report", "1.jsonl")
    assert (said["kept"], said["refused"]) == (0, {"account_missing": 1})

    factor = {"mfa_factors": [{"totp": {"secret": SECRET}}], "multifactor": ["google-authenticator"]}
    users = written(tmp_path, "users.ndjson", *lines(USERS[0] | factor))
    destination.moved("auth0", users, "--write", "--report", "2.jsonl")
    destination.moved("auth0", passwords, "--write", "--report", "3.jsonl")
    (ada,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert isinstance(ada, MfaChallengeResult)
