"""Databases of other systems, as `tools/record_foreign_schemas.py` has recorded them."""

import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["PASSWORD", "SCHEMAS", "recorded"]

PASSWORD = "a long password of old"
"""Of everybody in them."""

SCHEMAS = Path(__file__).parent / "schemas"


def recorded(name: str, folder: Path, *statements: str) -> str:
    """Make the database of a system, run further statements on it, and return its URL."""
    path = folder / "old.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((SCHEMAS / f"{name}.sql").read_text("utf-8"))
        for statement in statements:
            database.execute(statement)
        database.commit()
    return f"sqlite:///{path}"
