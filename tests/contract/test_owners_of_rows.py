"""Accounts moved from servers that do not compare the ids of accounts with the owners of rows as they are."""

from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.unit.cli.migrate.owners import found_in, tables

pytestmark = pytest.mark.processes

UUID = "4f0c2d5e-0000-4000-8000-00000000000a"


async def fill(url: str, *statements: str) -> None:
    engine = create_async_engine(url)
    quote = '"' if engine.dialect.name == "postgresql" else "`"
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement.replace('"', quote)))
    await engine.dispose()


async def check(
    url: str,
    types: tuple[str, str],
    rows: tuple[Sequence[object], Sequence[object]],
    kept: Mapping[str, Sequence[str]],
    refused: Mapping[str, str],
) -> None:
    drop = ('DROP TABLE IF EXISTS "user"', "DROP TABLE IF EXISTS oauth_account")
    await fill(url, *drop, *tables(*types, *rows))
    try:
        assert await found_in(url) == (kept, refused)
    finally:
        await fill(url, *drop)


async def test_postgresql_moves_what_it_cannot_compare(postgres_url: str) -> None:
    """Types or collations that do not go together would refuse everybody as damaged."""
    await check(postgres_url, ("UUID", "VARCHAR(36)"), ([UUID], [UUID]), {UUID: ["0"]}, {})
    await check(
        postgres_url,
        ('VARCHAR(36) COLLATE "C"', 'VARCHAR(36) COLLATE "POSIX"'),
        (["a1", "b"], ["a1", "B"]),
        {"a1": ["0"], "b": []},
        {"oauth_account: B": "owner_missing"},
    )
    await check(
        postgres_url,
        ("BIGINT", "VARCHAR(36)"),
        ([7], ["7", "7a"]),
        {"7": ["0"]},
        {"oauth_account: 7a": "owner_missing"},
    )


async def test_mariadb_gives_no_account_the_rows_of_another(mariadb_url: str) -> None:
    """It takes '7a' for 7, and a letter with an accent for the one without."""
    await check(
        mariadb_url,
        ("BIGINT", "VARCHAR(36)"),
        ([7, 8], ["7a", "08"]),
        {"8": ["1"]},
        {"7": "owner_unclear"},
    )
    insensitive = "VARCHAR(36) COLLATE utf8mb4_general_ci"
    await check(
        mariadb_url,
        (insensitive, insensitive),
        (["A1", "é"], ["a1", "e"]),
        {"A1": ["0"]},
        {"é": "owner_unclear"},
    )
    await check(
        mariadb_url,
        (insensitive, "VARCHAR(36) COLLATE utf8mb4_unicode_ci"),
        (["A1", "b1"], ["a1", "b1"]),
        {"A1": [], "b1": ["1"]},
        {"oauth_account: a1": "owner_missing"},
    )
