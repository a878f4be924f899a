"""Errors of a database, translated: each keeps its class and code, and none of its values."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError

from bymax_auth.errors import RepositoryBackendError, RepositoryConflict
from bymax_auth.services.diagnostics import diagnosis_of

__all__ = ["ForeignKeyViolated", "translated"]

# Source: SQL:2016 SQLSTATE 23505 unique_violation; SQLite's extended result codes
# SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE; MySQL's ER_DUP_ENTRY and
# ER_DUP_ENTRY_WITH_KEY_NAME, which come without an SQLSTATE, as the first argument.
_UNIQUE_SQLSTATE = "23505"
_UNIQUE_SQLITE = frozenset({1555, 2067})
_UNIQUE_MYSQL = ((1062,), (1586,))
# Source: SQL:2016 SQLSTATE 23503 foreign_key_violation; SQLITE_CONSTRAINT_FOREIGNKEY; MySQL's
# ER_NO_REFERENCED_ROW_2 and ER_NO_REFERENCED_ROW.
_FOREIGN_SQLSTATE = "23503"
_FOREIGN_SQLITE = frozenset({787})
_FOREIGN_MYSQL = ((1452,), (1216,))


class ForeignKeyViolated(RepositoryBackendError):
    """A row that another table must have is missing there."""


@contextmanager
def translated() -> Generator[None]:
    """
    Turn whatever the database raises into a `RepositoryError`.

    Raises:
        RepositoryConflict: A unique constraint refused the write.
        ForeignKeyViolated: A foreign key refused the write.
        RepositoryBackendError: Anything else; it names the driver's exception, with its SQLSTATE or code.
    """
    try:
        yield
    except IntegrityError as error:
        if _is(error, _UNIQUE_SQLSTATE, _UNIQUE_SQLITE, _UNIQUE_MYSQL):
            raise RepositoryConflict("A unique constraint refused the write.") from None
        if _is(error, _FOREIGN_SQLSTATE, _FOREIGN_SQLITE, _FOREIGN_MYSQL):
            raise ForeignKeyViolated(_described(error)) from None
        raise RepositoryBackendError(_described(error)) from None
    except Exception as error:  # noqa: BLE001
        # A driver's exceptions share no ancestor (a refused connection is an OSError, text it cannot
        # encode a ValueError) and may quote statement and values, so a traceback must show none of them.
        raise RepositoryBackendError(_described(error)) from None


def _is(
    error: IntegrityError, sqlstate: str, sqlite: frozenset[int], my_sql: tuple[tuple[int, ...], ...]
) -> bool:
    return (
        _sqlstate(error) == sqlstate
        or getattr(error.orig, "sqlite_errorcode", None) in sqlite
        or (error.orig is not None and error.orig.args[:1] in my_sql)
    )


def _described(error: Exception) -> str:
    return diagnosis_of(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)


def _sqlstate(error: DBAPIError) -> str | None:
    found = getattr(error.orig, "sqlstate", None)
    return found if isinstance(found, str) else None
