"""Errors of a database, translated: each keeps its class and code, and none of its values."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from bymax_auth.errors import RepositoryBackendError, RepositoryConflict, RepositoryError
from bymax_auth.services.diagnostics import diagnosis_of

__all__ = ["ForeignKeyViolated", "ValueRejected", "translated"]

# Source: SQL:2016 SQLSTATE 23505 unique_violation; SQLite's extended result codes
# SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE; MySQL's ER_DUP_ENTRY and
# ER_DUP_ENTRY_WITH_KEY_NAME, which come without an SQLSTATE, as the first argument.
_UNIQUE_SQLSTATE = "23505"
_UNIQUE_SQLITE = frozenset({1555, 2067})
_UNIQUE_MYSQL = ((1062,), (1586,))
# Source: SQL:2016 SQLSTATE 23503 foreign_key_violation; SQLITE_CONSTRAINT_FOREIGNKEY; MySQL's
# ER_NO_REFERENCED_ROW_2, ER_NO_REFERENCED_ROW, ER_ROW_IS_REFERENCED_2 and ER_ROW_IS_REFERENCED.
_FOREIGN_SQLSTATE = "23503"
_FOREIGN_SQLITE = frozenset({787})
_FOREIGN_MYSQL = ((1452,), (1216,), (1451,), (1217,))

_DATA_CLASS = "22"
# Source: MySQL's ER_CHECK_CONSTRAINT_VIOLATED and ER_INVALID_JSON_TEXT, MariaDB's ER_CONSTRAINT_FAILED:
# MariaDB keeps JSON as text with a check.
_CHECK_MYSQL = ((3819,), (3140,), (4025,))


class ForeignKeyViolated(RepositoryBackendError):
    """A row that another table must have is missing there, or would be after the write."""


class ValueRejected(RepositoryBackendError):
    """The database or its driver cannot hold a value."""


@contextmanager
def translated() -> Generator[None]:
    """
    Turn whatever the database raises into a `RepositoryError`; one that was raised inside stays as it is.

    Raises:
        RepositoryConflict: A unique constraint refused the write.
        ForeignKeyViolated: A foreign key refused the write.
        ValueRejected: The database or its driver cannot hold a value.
        RepositoryBackendError: Anything else; it names the driver's exception, with its SQLSTATE or code.
    """
    try:
        yield
    except RepositoryError:
        raise
    except IntegrityError as error:
        if _is(error, _UNIQUE_SQLSTATE, _UNIQUE_SQLITE, _UNIQUE_MYSQL):
            raise RepositoryConflict("A unique constraint refused the write.") from None
        if _is(error, _FOREIGN_SQLSTATE, _FOREIGN_SQLITE, _FOREIGN_MYSQL):
            raise ForeignKeyViolated(_described(error)) from None
        raise RepositoryBackendError(_described(error)) from None
    except Exception as error:  # noqa: BLE001
        # A driver's exceptions share no ancestor (a refused connection is an OSError, text it cannot
        # encode a ValueError) and may quote statement and values, so a traceback must show none of them.
        raised = ValueRejected if _concerns_a_value(error) else RepositoryBackendError
        raise raised(_described(error)) from None


def _concerns_a_value(error: Exception) -> bool:
    """Say so for SQL:2016's class 22 (data exception), a failed check, and what a driver cannot encode."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DataError) or isinstance(cause, OverflowError | UnicodeError):
        return True
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    return (_sqlstate(error) or "").startswith(_DATA_CLASS) or _first(error.orig) in _CHECK_MYSQL


def _is(
    error: IntegrityError, sqlstate: str, sqlite: frozenset[int], my_sql: tuple[tuple[int, ...], ...]
) -> bool:
    return (
        _sqlstate(error) == sqlstate
        or getattr(error.orig, "sqlite_errorcode", None) in sqlite
        or (error.orig is not None and _first(error.orig) in my_sql)
    )


def _first(cause: BaseException) -> tuple[object, ...]:
    return cause.args[:1]


def _described(error: Exception) -> str:
    return diagnosis_of(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)


def _sqlstate(error: DBAPIError) -> str | None:
    found = getattr(error.orig, "sqlstate", None)
    return found if isinstance(found, str) else None
