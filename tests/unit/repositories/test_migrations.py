"""The migration that hosts generate builds exactly the tables that the repositories use."""

import importlib.util
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, PrimaryKeyConstraint, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.ports.events import LoginSucceeded
from bymax_auth.repositories.sqlalchemy import audit_metadata, metadata
from bymax_auth.repositories.sqlalchemy.audit import SqlAlchemyAuditLog, SqlAlchemyAuditSink
from bymax_auth.repositories.sqlalchemy.migrations import (
    AUDIT_NAME,
    NAME,
    migration_text,
    revision,
    write_migration,
)
from bymax_auth.testing import RecordingEvents


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.processes),
        pytest.param("mariadb", marks=pytest.mark.processes),
    ]
)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty database of a deployment."""
    on_file = f"sqlite+aiosqlite:///{tmp_path}/app.db"
    engine = create_async_engine(
        on_file if request.param == "sqlite" else request.getfixturevalue(f"{request.param}_url")
    )
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(audit_metadata.drop_all)
    yield engine
    await engine.dispose()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection", "ignore:autogenerate skipping")
async def test_the_migration_builds_what_the_repositories_use(
    database: AsyncEngine, migration: ModuleType, tables: MetaData
) -> None:
    """A host migrates, and a column, a key or a unique index is missing from what the library relies on."""
    await run(database, migration.upgrade)
    async with database.connect() as connection:
        assert await connection.run_sync(differences, tables) == []
        migrated = await connection.run_sync(described)
    await run(database, migration.downgrade)
    async with database.begin() as connection:
        await connection.run_sync(tables.create_all)
        assert migrated == await connection.run_sync(described)


async def test_the_way_back_leaves_nothing_behind(database: AsyncEngine, migration: ModuleType) -> None:
    """A host takes the migration back, and the next try finds half of it there."""
    for _ in range(2):
        await run(database, migration.upgrade)
        await run(database, migration.downgrade)
        async with database.connect() as connection:
            assert await connection.run_sync(lambda bound: inspect(bound).get_table_names()) == []


async def test_the_audit_log_is_written_to_what_its_migration_made(
    database: AsyncEngine, tmp_path: Path
) -> None:
    """The ids of the migrated table are not numbered by the database, and every event is lost."""
    made = module(write_migration(tmp_path, tables=audit_metadata, name=AUDIT_NAME))
    await run(database, made.upgrade)
    sessions = async_sessionmaker(database)
    async with SqlAlchemyAuditSink(sessions, also=RecordingEvents()) as sink:
        for number in range(2):
            sink.emit(LoginSucceeded(user_id=f"user-{number}", tenant_id="acme"))
    assert sink.lost == 0
    entries = await SqlAlchemyAuditLog(sessions).page()
    assert [entry.user_id for entry in entries] == ["user-0", "user-1"]
    await run(database, made.downgrade)


def test_the_tables_hold_only_what_the_migration_can_write(tables: MetaData) -> None:
    """Somebody adds a check to the tables, and hosts never get it."""
    constraints = {type(one) for table in tables.tables.values() for one in table.constraints}
    assert constraints <= {PrimaryKeyConstraint, ForeignKeyConstraint}
    columns = [column for table in tables.tables.values() for column in table.columns]
    assert [one for one in columns if one.server_default is not None or one.comment is not None] == []


def test_a_migration_takes_its_place_in_the_projects_line(tmp_path: Path) -> None:
    """A project with migrations of its own gets a second beginning, and Alembic refuses to go on."""
    first, later = module(write_migration(tmp_path)), tmp_path / "later"
    later.mkdir()
    second = module(write_migration(later, revises="9f3c1b2a4d5e"))
    assert (first.revision, first.down_revision) == (revision(), None)
    assert (second.revision, second.down_revision) == (revision(), "9f3c1b2a4d5e")


def test_an_existing_migration_stays_as_it_is(tmp_path: Path) -> None:
    """What a host changed in its migration by hand is lost to a second run."""
    path = write_migration(tmp_path)
    path.write_text("changed by hand", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_migration(tmp_path, revises="9f3c1b2a4d5e")
    assert path.read_text(encoding="utf-8") == "changed by hand"


@pytest.mark.parametrize("revises", ["", "two words", 'x"""\nimport os', "é", "a" * 129])
def test_what_names_no_revision_is_refused(tmp_path: Path, revises: str) -> None:
    """A slip of the shell becomes code of the project."""
    with pytest.raises(ValueError, match="not a valid revision identifier"):
        write_migration(tmp_path, revises=revises)
    assert list(tmp_path.iterdir()) == []


def test_the_same_tables_make_the_same_migration(tables: MetaData) -> None:
    """Each run makes another revision, and a project ends up creating its tables twice."""
    assert migration_text(tables=tables) == migration_text(tables=tables)
    lines = migration_text(revises="9f3c1b2a4d5e", tables=tables).splitlines()
    assert all(len(line) <= 110 for line in lines)


@pytest.fixture(params=["accounts", "audit"])
def tables(request: pytest.FixtureRequest) -> MetaData:
    """The tables that one migration creates."""
    return metadata if request.param == "accounts" else audit_metadata


@pytest.fixture
def migration(tmp_path: Path, tables: MetaData) -> ModuleType:
    """The generated migration, as Alembic loads it."""
    return module(write_migration(tmp_path, tables=tables, name=NAME if tables is metadata else AUDIT_NAME))


def module(path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    loaded = importlib.util.module_from_spec(found)
    found.loader.exec_module(loaded)
    return loaded


async def run(database: AsyncEngine, step: Callable[[], None]) -> None:
    """Run one direction of a migration as Alembic does, in a transaction."""

    def within(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            step()

    async with database.begin() as connection:
        await connection.run_sync(within)


def differences(connection: Connection, tables: MetaData) -> list[Any]:
    """What Alembic would still change."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, tables))


def described(connection: Connection) -> Any:
    """Everything the database says of its tables, conditions of indexes included."""
    if connection.dialect.name == "sqlite":
        statements = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name"))
        return [(name, " ".join((sql or "").split())) for name, sql in statements]
    seen = inspect(connection)
    tables = [
        (
            name,
            [
                (one["name"], str(one["type"]), one["nullable"], one["default"])
                for one in seen.get_columns(name)
            ],
            seen.get_pk_constraint(name),
        )
        for name in sorted(seen.get_table_names())
    ]
    if connection.dialect.name == "mysql":
        shown = (connection.execute(text(f"SHOW CREATE TABLE {name}")) for name, _, _ in tables)
        # Indexes are shown in the order in which they were created.
        return tables, [
            sorted(line.strip(" ,") for line in row[1].splitlines()) for rows in shown for row in rows
        ]
    indexes = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname")
    return tables, list(connection.scalars(indexes))
