"""Rows of other tables whose owner is written otherwise than the account's id, or is no account."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bymax_auth.cli.migrate.sources.database import PAGE
from tests.unit.cli.migrate.owners import found_in, pages_of, tables


def database(folder: Path, statements: Iterable[str]) -> str:
    with closing(sqlite3.connect(folder / "old.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return f"sqlite:///{folder}/old.db"


SAME = [
    ("TEXT COLLATE NOCASE", "TEXT", "A1", "a1"),
    ("TEXT", "TEXT COLLATE NOCASE", "A1", "a1"),
    ("TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "A1", "a1"),
    ("INTEGER", "TEXT", 7, "007"),
    ("TEXT", "INTEGER", "007", 7),
    ("INTEGER", "TEXT", 0, "00"),
    (
        "TEXT COLLATE NOCASE",
        "TEXT",
        "4F0C2D5E-0000-4000-8000-00000000000A",
        "4f0c2d5e-0000-4000-8000-00000000000a",
    ),
]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(("ids", "owners", "account", "owner"), SAME)
async def test_an_owner_written_otherwise_is_the_account(
    tmp_path: Path, ids: str, owners: str, account: object, owner: object, indexed: bool
) -> None:
    """SQLite compares as the left operand says: the account would be moved without its identity."""
    statements = [*tables(ids, owners, [account, "another"], [owner, "another"])]
    index = ["CREATE INDEX owners ON oauth_account (user_id)"] if indexed else []
    url = database(tmp_path, [*statements, *index])

    assert await found_in(url) == ({str(account): ["0"], "another": ["1"]}, {})


UNCLEAR = [
    ("TEXT", "TEXT COLLATE NOCASE", ["A1", "a1"], ["a1"], {"A1": [], "a1": ["0"]}, {}),
    (
        "TEXT",
        "TEXT COLLATE NOCASE",
        ["A1a", "a1A", "b"],
        ["A1A", "b"],
        {"b": ["1"]},
        {"A1a": "owner_unclear", "a1A": "owner_unclear"},
    ),
    ("TEXT", "INTEGER", ["7", "007"], [7], {"7": ["0"], "007": []}, {}),
    ("INTEGER", "TEXT", [7], ["7.0"], {}, {"7": "owner_unclear"}),
]


@pytest.mark.parametrize(("ids", "owners", "accounts", "owned", "kept", "refused"), UNCLEAR)
async def test_a_row_is_given_to_no_two_accounts(
    tmp_path: Path,
    ids: str,
    owners: str,
    accounts: Sequence[object],
    owned: Sequence[object],
    kept: Mapping[str, Sequence[str]],
    refused: Mapping[str, str],
) -> None:
    """Whoever has the identity of one of two accounts would sign in to the other."""
    url = database(tmp_path, tables(ids, owners, accounts, owned))

    assert await found_in(url) == (kept, refused)


@pytest.mark.parametrize(
    ("ids", "owners"), [("TEXT COLLATE NOCASE", "TEXT"), ("TEXT", "TEXT COLLATE NOCASE"), ("TEXT", "TEXT")]
)
async def test_rows_that_belong_to_no_account_are_reported(tmp_path: Path, ids: str, owners: str) -> None:
    """A password or an identity would be missing, and nothing would say so."""
    statements = tables(ids, owners, ["one"], ["one", "two", "two", "three"])
    url = database(tmp_path, [*statements, "INSERT INTO oauth_account VALUES (NULL, 'github', 'x')"])
    kept, refused = await found_in(url)

    assert kept == {"one": ["0"]}
    assert refused == {f"oauth_account: {owner}": "owner_missing" for owner in ("None", "three", "two")}


async def test_reading_goes_on_after_the_rows_that_were_reported(tmp_path: Path) -> None:
    """A migration that was stopped would count them twice, or leave some out."""
    url = database(tmp_path, tables("INTEGER", "INTEGER", [1], [1, *range(2, 2 * PAGE + 3)]))
    pages = await pages_of(url)
    accounts, *others = pages

    assert [one.id for one in accounts.candidates] == ["1"]
    assert [len(page.candidates) for page in others] == [PAGE, PAGE, 1]
    for place, page in enumerate(pages):
        assert await pages_of(url, after=page.cursor) == pages[place + 1 :]


async def test_an_owner_that_cannot_be_read_is_damaged(tmp_path: Path) -> None:
    """One row would stop the migration after everybody was moved."""
    statements = tables("TEXT", "TEXT", ["one"], ["one", "two"])
    broken = "INSERT INTO oauth_account VALUES (CAST(x'ff' AS TEXT), 'github', 'x')"
    url = database(tmp_path, [*statements, broken])

    assert await found_in(url) == (
        {"one": ["0"]},
        {"oauth_account: two": "owner_missing", "oauth_account: 1": "record_damaged"},
    )
