"""Undoing a migration: only what it wrote, and not what people have used since."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.lines import ReportUnusable
from bymax_auth.cli.migrate.undo import Outcome, Undo
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts
from tests.unit.cli.migrate.moves import moved, table_in

ADA_CREATED = datetime(2020, 1, 1, tzinfo=UTC)
HASHED = f"$2b$04${'.' * 53}"
GOOGLE = Identity(provider="google", provider_id="1")
ADA = Candidate(id="ada", email="ada@example.com", verified=True, password_hash=HASHED, identities=(GOOGLE,))
BOB = Candidate(id="bob", email="bob@example.com", verified=True, password_hash=HASHED)
OF_ADA_HERE = replace(ADA, id="here", password_hash=None, identities=())


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[tuple[AsyncEngine, BulkAccounts]]:
    async with table_in(tmp_path) as made:
        yield made


Table = tuple[AsyncEngine, BulkAccounts]


async def run(table: Table, *statements: str) -> None:
    async with table[0].begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def rows(table: Table) -> dict[str, tuple[str | None, str | None]]:
    async with table[0].connect() as connection:
        found = await connection.execute(text("SELECT id, password_hash, oauth_provider_id FROM auth_users"))
        return {one.id: (one.password_hash, one.oauth_provider_id) for one in found}


async def undone(
    table: Table, path: Path, *, with_used: bool = False, ended: list[str] | None = None
) -> Outcome:
    async def end_sessions(account_id: str) -> None:
        if ended is not None:
            ended.append(account_id)

    return await Undo(
        accounts=table[1], end_sessions=end_sessions, with_used=with_used, advance=lambda _: None
    ).run(path)


async def test_what_was_written_is_taken_back(table: Table, tmp_path: Path) -> None:
    """Somebody has moved the wrong file, and cannot tell its accounts from the others."""
    await moved(table[1], tmp_path / "before.jsonl", OF_ADA_HERE)
    before = await rows(table)
    await moved(table[1], tmp_path / "r.jsonl", ADA, BOB)
    assert await rows(table) == {"here": (HASHED, "1"), "bob": (HASHED, None)}

    assert await undone(table, tmp_path / "r.jsonl") == Outcome(removed=1, emptied=1)
    assert await rows(table) == before
    assert await undone(table, tmp_path / "r.jsonl") == Outcome()


USES = {
    "signed in": "last_login_at = '2999-01-01 00:00:00'",
    "set a password": "password_hash = 'new'",
    "changed the address": "email = 'new@example.com'",
    "turned on a second factor": "mfa_enabled = 1",
    "linked an identity": "oauth_provider = 'github', oauth_provider_id = '9'",
}


@pytest.mark.parametrize("use", USES)
async def test_an_account_that_was_used_since_is_kept_and_named(
    table: Table, tmp_path: Path, use: str
) -> None:
    """The people who have begun to use it would lose it with everything they did."""
    path, ended = tmp_path / "r.jsonl", list[str]()
    await moved(table[1], path, replace(ADA, identities=()), BOB)
    await run(table, f"UPDATE auth_users SET {USES[use]} WHERE id = 'ada'")

    assert await undone(table, path, ended=ended) == Outcome(removed=1, used=["ada"])
    assert list(await rows(table)) == ["ada"]
    assert await undone(table, path, ended=ended) == Outcome(used=["ada"])
    assert ended == []
    assert await undone(table, path, with_used=True, ended=ended) == Outcome(removed=1)
    assert (await rows(table), ended) == ({}, ["ada", "ada"])


async def test_a_completed_account_that_was_used_since_keeps_what_was_filled(
    table: Table, tmp_path: Path
) -> None:
    """The identity by which somebody signs in since would be taken away."""
    path = tmp_path / "r.jsonl"
    await moved(table[1], tmp_path / "before.jsonl", OF_ADA_HERE)
    await moved(table[1], path, ADA)
    await run(table, "UPDATE auth_users SET last_login_at = '2999-01-01 00:00:00'")

    assert await undone(table, path) == Outcome(used=["here"])
    assert await rows(table) == {"here": (HASHED, "1")}
    assert await undone(table, path, with_used=True) == Outcome(emptied=1)
    assert await rows(table) == {"here": (None, None)}


async def test_a_sign_in_before_the_migration_is_no_use_of_it(table: Table, tmp_path: Path) -> None:
    """Nothing could be undone of people who were here before."""
    await moved(table[1], tmp_path / "before.jsonl", OF_ADA_HERE)
    await run(table, "UPDATE auth_users SET last_login_at = '2001-01-01 00:00:00'")
    await moved(table[1], tmp_path / "r.jsonl", ADA)

    assert await undone(table, tmp_path / "r.jsonl") == Outcome(emptied=1)


async def test_half_an_identity_is_not_emptied(table: Table, tmp_path: Path) -> None:
    """The provider would be gone, and the id of another one stay."""
    await moved(table[1], tmp_path / "before.jsonl", OF_ADA_HERE)
    await moved(table[1], tmp_path / "r.jsonl", ADA)
    await run(table, "UPDATE auth_users SET oauth_provider_id = '2', password_hash = 'new'")

    assert await undone(table, tmp_path / "r.jsonl") == Outcome()
    assert await rows(table) == {"here": ("new", "2")}


async def test_what_another_migration_wrote_is_left_alone(table: Table, tmp_path: Path) -> None:
    """Undoing a first attempt once more would remove what the second one has moved."""
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    dated = [replace(one, created_at=ADA_CREATED) for one in (ADA, BOB)]
    for path in (first, second):
        await moved(table[1], path, *dated)
        if path is first:
            await undone(table, first)
    whole = await rows(table)

    # One account in a thousand has the same mark by chance.
    assert (await undone(table, first)).removed == 0
    assert (await rows(table), len(whole)) == (whole, 2)
    assert await undone(table, second) == Outcome(removed=2)


async def test_a_batch_that_was_announced_and_not_written_is_not_undone(table: Table, tmp_path: Path) -> None:
    """The process was stopped before the transaction, and another run has moved the accounts since."""
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    many = [
        replace(BOB, id=f"p{one}", email=f"p{one}@example.com", created_at=ADA_CREATED) for one in range(40)
    ]
    await moved(table[1], first, *many)
    await run(table, "DELETE FROM auth_users")
    first.write_bytes(b"".join(first.read_bytes().splitlines(keepends=True)[:2]))
    await moved(table[1], second, *many)

    assert (await undone(table, first)).removed == 0
    assert len(await rows(table)) == 40
    assert (await undone(table, second)).removed == 40


@pytest.mark.parametrize("written", [True, False])
async def test_a_batch_of_completions_is_resumed_by_what_is_there(
    table: Table, tmp_path: Path, written: bool
) -> None:
    """No account tells, because none was created."""
    path = tmp_path / "r.jsonl"
    await moved(table[1], tmp_path / "before.jsonl", OF_ADA_HERE)
    await moved(table[1], path, ADA)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    if not written:
        await run(
            table,
            "UPDATE auth_users SET password_hash = NULL, oauth_provider = NULL, oauth_provider_id = NULL",
        )
    summary = await moved(table[1], path, ADA)

    assert (summary.merged, summary.read) == (1, 1)
    assert await rows(table) == {"here": (HASHED, "1")}
    assert await undone(table, path) == Outcome(emptied=1)


async def test_a_batch_whose_confirmation_is_lost_is_undone(table: Table, tmp_path: Path) -> None:
    """The process was stopped just after the transaction, in the middle of a line."""
    path = tmp_path / "r.jsonl"
    await moved(table[1], path, ADA, BOB)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:-9])

    assert await undone(table, path) == Outcome(removed=2)
    assert await undone(table, path) == Outcome()
    assert [json.loads(line)["kind"] for line in path.read_bytes().splitlines()] == [
        "migration",
        "batch",
        "undone",
        "reverted",
        "reverted",
    ]


async def test_an_account_to_which_other_rows_refer_is_kept_and_named(table: Table, tmp_path: Path) -> None:
    """One order of one customer would stop the undoing of everybody."""
    await moved(table[1], tmp_path / "r.jsonl", replace(ADA, identities=()), BOB)
    await run(
        table,
        "CREATE TABLE orders (tenant TEXT, customer TEXT, "
        "FOREIGN KEY (tenant, customer) REFERENCES auth_users (tenant_id, id))",
        "INSERT INTO orders VALUES ('acme', 'ada')",
    )
    async with table[0].connect() as connection:
        raw = await connection.get_raw_connection()
        await raw.driver_connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]

    assert await undone(table, tmp_path / "r.jsonl") == Outcome(removed=1, referenced=["ada"])
    assert list(await rows(table)) == ["ada"]


DAMAGE = {
    "a line that is no JSON": (2, b"{\n"),
    "a line that is no object": (2, b"[1]\n"),
    "a line of another kind": (2, b'{"kind":"else"}\n'),
    "a batch without accounts": (2, b'{"kind":"batch","number":1}\n'),
    "an account that is none": (2, None),
    "a confirmation of another batch": (3, b'{"kind":"written","number":7}\n'),
    "a second header": (
        3,
        b'{"kind":"migration","version":2,"origin":"csv","source":"x","tenant_id":"acme","dry_run":false}\n',
    ),
    "a revert of nothing": (3, b'{"kind":"reverted","number":9,"kept":[]}\n'),
    "a line that does not end": (3, b"x" * (2**24 + 1)),
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_report_undoes_nothing(table: Table, tmp_path: Path, damage: str) -> None:
    """What it says of one account could be as wrong as the rest."""
    path = tmp_path / "r.jsonl"
    await moved(table[1], path, ADA, BOB)
    whole, lines = await rows(table), path.read_bytes().splitlines(keepends=True)
    number, line = DAMAGE[damage]
    lines[number - 1] = lines[number - 1].replace(b'"ada"', b"7") if line is None else line
    path.write_bytes(b"".join(lines))

    with pytest.raises(ReportUnusable, match=f"line {number}: the report is damaged"):
        await undone(table, path)
    assert await rows(table) == whole
    with pytest.raises(ReportUnusable, match=f"line {number}: the report is damaged"):
        await moved(table[1], path, ADA)
    assert path.read_bytes() == b"".join(lines)


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\n", b'{"kind":"undone"}\n', b"{}"])
async def test_a_file_that_is_no_report_is_refused(table: Table, tmp_path: Path, content: bytes) -> None:
    """A file of another kind would be appended to."""
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)

    with pytest.raises(ReportUnusable, match="not the report of a migration"):
        await undone(table, path)
    assert path.read_bytes() == content


async def test_a_report_that_is_being_undone_is_not_resumed(table: Table, tmp_path: Path) -> None:
    """What was kept would be claimed, and what was removed be written again."""
    await moved(table[1], tmp_path / "r.jsonl", ADA)
    await undone(table, tmp_path / "r.jsonl")

    with pytest.raises(ReportUnusable, match="was undone"):
        await moved(table[1], tmp_path / "r.jsonl", ADA)
