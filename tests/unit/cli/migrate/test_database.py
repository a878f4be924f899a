"""Databases of other systems whose rows, tables and columns are not as they should be."""

import asyncio
from pathlib import Path

import pytest

from bymax_auth.cli.migrate.candidates import Candidate, SourceUnusable
from bymax_auth.cli.migrate.sources import open_source
from bymax_auth.cli.migrate.systems import System
from bymax_auth.errors import RepositoryBackendError
from tests.integration.cli.old_systems import recorded


async def read(
    system: System, url: str, table: str | None = None, after: str | None = None
) -> list[Candidate]:
    source = open_source(system, url, table)
    try:
        return [one async for page in source.pages(after) for one in page.candidates]
    finally:
        await source.aclose()


DAMAGE = {
    "text that is none": "UPDATE auth_user SET email = CAST(x'ff40' AS TEXT) WHERE id = 1",
    "bytes for a text": "UPDATE auth_user SET email = x'61' WHERE id = 1",
    "a flag that is none": "UPDATE auth_user SET is_active = 'perhaps' WHERE id = 1",
    "a date that is none": "UPDATE auth_user SET date_joined = 'yesterday' WHERE id = 1",
    "an identity that is none": "UPDATE socialaccount_socialaccount SET uid = CAST(x'ff' AS TEXT)",
    "a proof that is none": "UPDATE account_emailaddress SET verified = 7",
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_row_is_refused_and_the_others_are_read(tmp_path: Path, damage: str) -> None:
    """One row would stop everybody, and the message would be the driver's, with the value in it."""
    whole = await read(System.DJANGO, recorded("django", tmp_path))
    (tmp_path / "old.db").unlink()
    found = await read(System.DJANGO, recorded("django", tmp_path, DAMAGE[damage]))

    assert found == [Candidate(id="1", email=None, refused="record_damaged"), *whole[1:]]


@pytest.mark.parametrize("damaged", ["x'ff01'", "'an id'", "NULL"])
async def test_an_id_of_another_type_does_not_stop_the_reading(tmp_path: Path, damaged: str) -> None:
    """The same page would be read for ever, or the accounts after it would not be moved."""
    statements = (
        "CREATE TABLE people (id BIGINT, email, password, is_active)",
        f"INSERT INTO people VALUES ({damaged}, 'eve@example.com', '', 1)",
        "INSERT INTO people VALUES (7, 'ada@example.com', '', 1)",
    )
    url = recorded("django", tmp_path, *statements)
    async with asyncio.timeout(10):
        found = await read(System.DJANGO, url, "people")

    assert len([one for one in found if one.refused != "owner_missing"]) == 2
    assert "ada@example.com" in {one.email for one in found}


async def test_a_damaged_authenticator_is_not_taken_for_none(tmp_path: Path) -> None:
    """The account would be moved without its second factor."""
    damage = (
        "PRAGMA ignore_check_constraints = 1",
        "UPDATE mfa_authenticator SET data = '{' WHERE type = 'totp'",
    )
    found = await read(System.DJANGO, recorded("django", tmp_path, *damage))

    assert [one.id for one in found if one.refused == "record_damaged"] == ["5"]


@pytest.mark.parametrize(
    ("system", "table", "stored"),
    [
        (System.DJANGO, "socialaccount_socialaccount", "CAST(user_id AS TEXT)"),
        (System.DJANGO, "mfa_authenticator", "CAST(user_id AS TEXT)"),
        (System.FASTAPI_USERS, "oauth_account", "upper(user_id)"),
    ],
)
async def test_an_owner_is_whom_the_database_takes_it_for(
    tmp_path: Path, system: System, table: str, stored: str
) -> None:
    """Databases may compare text with numbers, or ignore case: an identity or factor would be lost unsaid."""
    whole = await read(system, recorded(system.value, tmp_path))
    (tmp_path / "old.db").unlink()
    otherwise = (
        f"ALTER TABLE {table} ADD COLUMN another TEXT COLLATE NOCASE",
        f"UPDATE {table} SET another = {stored}",
        f"ALTER TABLE {table} RENAME COLUMN user_id TO replaced",
        f"ALTER TABLE {table} RENAME COLUMN another TO user_id",
    )

    assert await read(system, recorded(system.value, tmp_path, *otherwise)) == whole


@pytest.mark.parametrize(
    ("statement", "totp", "unreadable"),
    [
        ("UPDATE mfa_authenticator SET data = '{\"secret\": null}' WHERE type = 'totp'", False, True),
        ("UPDATE mfa_authenticator SET type = 'webauthn', data = '{}' WHERE type = 'totp'", False, True),
        ("DELETE FROM mfa_authenticator WHERE type = 'totp'", False, False),
        ("UPDATE otp_totp_totpdevice SET user_id = 5, digits = 8", True, False),
    ],
)
async def test_factors_of_allauth_are_found(
    tmp_path: Path, statement: str, totp: bool, unreadable: bool
) -> None:
    """A person with a passkey alone would be moved as one without a second factor."""
    found = {one.id: one for one in await read(System.DJANGO, recorded("django", tmp_path, statement))}

    assert (found["5"].totp_secret is not None, found["5"].unreadable_factor) == (totp, unreadable)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE account", "has no table 'account'"),
        ("ALTER TABLE account RENAME COLUMN password TO secret", "'account' has no column password"),
        ('ALTER TABLE "user" RENAME COLUMN "emailVerified" TO proven', "'user' has no column emailVerified"),
        ('CREATE TABLE users AS SELECT * FROM "user"', "tables 'user' and 'users': name one with --table"),
    ],
)
async def test_a_database_of_another_form_is_refused(tmp_path: Path, statement: str, said: str) -> None:
    """Everybody would be moved without a password, or from the table of another application."""
    url = recorded("better-auth", tmp_path, statement)

    with pytest.raises(SourceUnusable, match=said):
        await read(System.BETTER_AUTH, url)


async def test_of_two_tables_the_operator_names_one(tmp_path: Path) -> None:
    """A database with two applications could not be moved from."""
    url = recorded(
        "better-auth",
        tmp_path,
        'CREATE TABLE users AS SELECT * FROM "user"',
        "CREATE TABLE accounts (id TEXT)",
    )
    assert len(await read(System.BETTER_AUTH, url, "user")) == 4


async def test_an_anonymous_account_and_one_that_is_blocked_for_a_time_are_told_apart(tmp_path: Path) -> None:
    """Dates are texts, or numbers of milliseconds, and a block that is over would never end."""
    url = recorded(
        "better-auth",
        tmp_path,
        "UPDATE \"user\" SET banned = 1, \"banExpires\" = '2001-01-01T00:00:00.000Z' WHERE name LIKE 'ada%'",
        'UPDATE "user" SET banned = 1, "banExpires" = 32503680000000 WHERE name LIKE \'bob%\'',
        'UPDATE "user" SET "isAnonymous" = 1 WHERE name LIKE \'eve%\'',
    )
    found = {one.name[:3]: one for one in await read(System.BETTER_AUTH, url)}

    assert {name: one.disabled for name, one in found.items()} == {
        "ada": False,
        "bob": True,
        "eve": False,
        "off": True,
    }
    assert found["eve"].refused == "anonymous"


async def test_a_position_of_another_source_is_refused(tmp_path: Path) -> None:
    """The report of another table is given by mistake."""
    url = recorded("django", tmp_path)
    with pytest.raises(SourceUnusable, match="no id of the source"):
        await read(System.DJANGO, url, after="ada")
    (tmp_path / "people.csv").write_text("id,email\n", "utf-8")
    with pytest.raises(SourceUnusable, match="none in a file"):
        await read(System.CSV, str(tmp_path / "people.csv"), after="ada")


async def test_a_database_that_fails_is_no_damaged_row(tmp_path: Path) -> None:
    """Everybody would be counted as damaged."""
    url = recorded("django", tmp_path)
    source = open_source(System.DJANGO, url, None)
    assert await source.total() == 8
    (tmp_path / "old.db").write_bytes(b"no database" * 1000)

    with pytest.raises(RepositoryBackendError):
        async for _ in source.pages(None):
            pass
    await source.aclose()
