"""The line of the guide to migrations that a project with Alembic adds, run by Alembic."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.examples.guides import blocks


class Base(DeclarativeBase):
    """The models of a project."""


class Order(Base):
    """One of its tables."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)


def test_alembic_finds_the_tables_of_the_project_and_of_the_library() -> None:
    """The first revision of a project leaves the accounts out, and the next one drops them."""
    (lines,) = blocks("migrations.md", "python")
    module: dict[str, Any] = {"Base": Base}
    exec(lines.text, module)
    database = create_engine("sqlite://")
    # As the guide says of SQLite.
    with database.connect() as connection, pytest.warns(UserWarning, match="expression-based index"):
        found = compare_metadata(MigrationContext.configure(connection), module["target_metadata"])
    database.dispose()
    added = {difference[1].name for difference in found if difference[0] == "add_table"}
    assert added == {"orders", "auth_users", "auth_identities", "auth_platform_users"}
