"""
An Alembic migration that creates the tables of both repositories, as text.

Alembic is needed to run the migration, not to write it.  The revision is a digest of the
migration's operations: the same tables give the same revision, and changed tables another.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ClauseElement,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
)
from sqlalchemy.dialects import mysql

from bymax_auth.repositories.sqlalchemy.folding import ON_MYSQL, Folded
from bymax_auth.repositories.sqlalchemy.tables import metadata

__all__ = ["AUDIT_NAME", "NAME", "migration_text", "revision", "write_migration"]

NAME: Final = "bymax_auth_accounts"
"""The part of the file name after the revision."""

AUDIT_NAME: Final = "bymax_auth_audit"
"""The same part of the audit log's file name."""

_STEP: Final = "    "
_REVISION: Final = re.compile(r"[A-Za-z0-9_.]{1,128}")
_DIGITS: Final = 12
"""The same length as Alembic's own revisions."""


def revision(tables: MetaData = metadata) -> str:
    """Return the revision of the migration."""
    body = "\n".join([*_upgrade(tables), *_downgrade(tables)])
    return hashlib.sha256(body.encode()).hexdigest()[:_DIGITS]


def migration_text(*, revises: str | None = None, tables: MetaData = metadata) -> str:
    """
    Return the migration as a Python module.

    Args:
        revises: The preceding revision; ``None`` for a project's first one.
        tables: The tables that it creates: `metadata`, or `audit_metadata`.

    Raises:
        ValueError: `revises` is not a valid revision identifier.
    """
    if revises is not None and not _REVISION.fullmatch(revises):
        raise ValueError(f"{revises!r} is not a valid revision identifier.")
    lines = [
        '"""',
        "Create the accounts of bymax-auth." if tables is metadata else "Create the audit log of bymax-auth.",
        "",
        f"Revision ID: {revision(tables)}",
        f"Revises: {revises or ''}".rstrip(),
        '"""',
        "",
        "import sqlalchemy as sa",
        "from alembic import op",
        "from sqlalchemy.dialects import mysql",
        "",
        f"revision = {_quoted(revision(tables))}",
        f"down_revision = {_quoted(revises)}",
        "branch_labels = None",
        "depends_on = None",
        "",
        "",
        "def upgrade() -> None:",
        *_upgrade(tables),
        "",
        "",
        "def downgrade() -> None:",
        *_downgrade(tables),
    ]
    return "\n".join(lines) + "\n"


def write_migration(
    folder: Path, *, revises: str | None = None, tables: MetaData = metadata, name: str = NAME
) -> Path:
    """
    Write the migration into a project's versions folder and return its path.

    Raises:
        ValueError: `revises` is not a valid revision identifier; nothing is written.
        FileExistsError: The project has this migration; the file is not changed.
        OSError: The folder is missing or cannot be written to.
    """
    text = migration_text(revises=revises, tables=tables)
    path = folder / f"{revision(tables)}_{name}.py"
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _upgrade(tables: MetaData) -> Iterator[str]:
    for table in tables.sorted_tables:
        yield f"{_STEP}op.create_table("
        yield f"{_STEP * 2}{_quoted(table.name)},"
        for column in table.columns:
            yield from (f"{_STEP * 2}{line}" for line in _column(column))
        yield f"{_STEP * 2}{_primary_key(table)},"
        for constraint in table.foreign_key_constraints:
            yield from (f"{_STEP * 2}{line}" for line in _foreign_key(constraint))
        yield f"{_STEP})"
        for index in _indexes(table):
            if not any(isinstance(expression, Folded) for expression in index.expressions):
                yield from _create_index(index, table, _STEP)
                continue
            yield f"{_STEP}if op.get_context().dialect.name in ({_names()}):"
            yield from _create_index(index, table, _STEP * 2, on_mysql=True)
            yield f"{_STEP}else:"
            yield from _create_index(index, table, _STEP * 2)


def _downgrade(tables: MetaData) -> Iterator[str]:
    for table in reversed(tables.sorted_tables):
        # MySQL keeps an index that a foreign key needs until the table itself is dropped.
        droppable = [] if table.foreign_key_constraints else _indexes(table)
        for index in reversed(droppable):
            yield f"{_STEP}op.drop_index({_quoted(index.name)}, table_name={_quoted(table.name)})"
        yield f"{_STEP}op.drop_table({_quoted(table.name)})"


def _column(column: Column[object]) -> Iterator[str]:
    if isinstance(column.type, BigInteger):
        # SQLite numbers the rows of an INTEGER key only, and a representation leaves variants out.
        kind = f'sa.{column.type!r}.with_variant(sa.Integer(), "sqlite")'
        yield f"sa.Column({_quoted(column.name)}, {kind}, nullable={column.nullable}),"
        return
    on_mysql = column.type.dialect_impl(mysql.dialect())
    if isinstance(on_mysql, JSON | Boolean):
        yield f"sa.Column({_quoted(column.name)}, sa.{column.type!r}, nullable={column.nullable}),"
        return
    yield "sa.Column("
    yield f"{_STEP}{_quoted(column.name)},"
    yield f"{_STEP}sa.{column.type!r}.with_variant("
    yield f"{_STEP * 2}mysql.{_double_quoted(repr(on_mysql))},"
    yield f"{_STEP * 2}{_names()},"
    yield f"{_STEP}),"
    yield f"{_STEP}nullable={column.nullable},"
    yield "),"


def _primary_key(table: Table) -> str:
    names = ", ".join(_quoted(column.name) for column in table.primary_key.columns)
    return f"sa.PrimaryKeyConstraint({names}, name={_quoted(str(table.primary_key.name))})"


def _foreign_key(constraint: ForeignKeyConstraint) -> Iterator[str]:
    own = ", ".join(_quoted(name) for name in constraint.column_keys)
    other = ", ".join(_quoted(element.target_fullname) for element in constraint.elements)
    yield "sa.ForeignKeyConstraint("
    yield f"{_STEP}[{own}],"
    yield f"{_STEP}[{other}],"
    yield f"{_STEP}name={_quoted(str(constraint.name))},"
    yield f"{_STEP}ondelete={_quoted(constraint.ondelete)},"
    yield "),"


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _names() -> str:
    return ", ".join(_quoted(name) for name in ON_MYSQL)


def _create_index(index: Index, table: Table, indent: str, *, on_mysql: bool = False) -> Iterator[str]:
    names = ", ".join(_indexed(expression, on_mysql=on_mysql) for expression in index.expressions)
    yield f"{indent}op.create_index("
    yield f"{indent}{_STEP}{_quoted(index.name)},"
    yield f"{indent}{_STEP}{_quoted(table.name)},"
    yield f"{indent}{_STEP}[{names}],"
    yield f"{indent}{_STEP}unique={index.unique},"
    for option, condition in index.kwargs.items():
        yield f"{indent}{_STEP}{option}=sa.text({_quoted(_sql(condition))}),"
    yield f"{indent})"


def _indexed(expression: object, *, on_mysql: bool) -> str:
    if isinstance(expression, Folded) and on_mysql:
        expression = expression.column
    if isinstance(expression, Column):
        return _quoted(expression.name)
    return f"sa.text({_quoted(_sql(expression))})"


def _sql(expression: object) -> str:
    """Return an index expression as SQL without the table name, which some databases reject there."""
    if not isinstance(expression, ClauseElement):
        raise TypeError(f"An index holds {type(expression).__qualname__}, which is not SQL.")
    return str(expression.compile(compile_kwargs={"include_table": False, "literal_binds": True}))


def _double_quoted(code: str) -> str:
    """Return code whose literals hold no quotes as a formatter would write it."""
    return code.replace("'", '"')


def _quoted(text: str | None) -> str:
    """Return a Python literal in double quotes, as a formatter would write it."""
    return "None" if text is None else '"' + repr(text)[1:-1].replace('"', '\\"') + '"'
