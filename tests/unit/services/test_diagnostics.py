"""What a log says about an exception: classes and codes, never text."""

import errno
from socket import gaierror
from typing import Any

import pytest

from bymax_auth.errors import AccountBanned, RepositoryBackendError, StoreUnavailable
from bymax_auth.services.diagnostics import causes_of, diagnosis_of, is_outage
from tests.unit.services.parts import Broken


def error_with(module: str = "driver", *args: object, **attributes: Any) -> Exception:
    """An exception as a driver raises it."""
    kind = type("DriverError", (Exception,), {"__module__": module} | attributes)
    error: Exception = kind(*args)
    return error


def raised(error: Exception, cause: Exception, *, suppress: bool) -> Exception:
    """`error`, raised while `cause` was handled."""
    try:
        try:
            raise cause
        except Exception as handled:
            if suppress:
                raise error from None
            raise error from handled
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (error_with(sqlstate="57P03"), "driver.DriverError (SQLSTATE 57P03)"),
        (error_with(pgcode="40001"), "driver.DriverError (SQLSTATE 40001)"),
        (error_with(sqlite_errorname="SQLITE_BUSY"), "driver.DriverError (SQLITE_BUSY)"),
        (error_with("pymysql.err", 2003, "host"), "pymysql.err.DriverError (MySQL error 2003)"),
        (error_with("pymysql.err", "a host"), "pymysql.err.DriverError"),
        (error_with("pymysql.err"), "pymysql.err.DriverError"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "10.0.0.7"), "ConnectionRefusedError (ECONNREFUSED)"),
        (OSError("10.0.0.7"), "OSError"),
        (KeyError(42), "KeyError"),
    ],
)
def test_an_exception_is_named_with_its_drivers_code(error: Exception, said: str) -> None:
    """An operator must tell a locked database from one that refuses the password."""
    assert diagnosis_of(error) == said


@pytest.mark.parametrize("value", ["hunter2", "57P03; hunter2", "57p03", 57303, None, b"57P03"])
def test_an_attribute_that_is_no_code_is_not_shown(value: object) -> None:
    """An exception of the host may keep anything under the name of a code."""
    assert diagnosis_of(error_with(sqlstate=value, sqlite_errorname=value)) == "driver.DriverError"


def test_an_attribute_that_raises_is_not_shown() -> None:
    """Reporting a failure must not fail."""

    def broken(_self: object) -> str:
        raise Broken

    assert diagnosis_of(error_with(sqlstate=property(broken))) == "driver.DriverError"


@pytest.mark.parametrize("suppress", [True, False])
def test_the_exceptions_behind_a_failure_are_named(suppress: bool) -> None:
    """A log that says no more than "the repository failed" sends the operator to guess."""
    driver = raised(error_with("wrapper"), error_with(sqlite_errorname="SQLITE_BUSY"), suppress=False)
    failure = raised(RepositoryBackendError("hunter2"), driver, suppress=suppress)
    assert causes_of(failure) == ("wrapper.DriverError", "driver.DriverError (SQLITE_BUSY)")


def test_a_failure_that_carries_a_code_is_its_own_cause() -> None:
    """A host's repository may raise its driver's exception as it is."""
    assert causes_of(error_with(sqlstate="57P03")) == ("driver.DriverError (SQLSTATE 57P03)",)
    assert causes_of(error_with()) == ()


def test_a_refusal_that_was_being_handled_is_no_cause() -> None:
    """An operator would look for an outage in the account of a banned user."""
    assert causes_of(raised(StoreUnavailable(), AccountBanned(), suppress=True)) == ()


def named(name: str, **attributes: Any) -> Exception:
    """An exception of a class with this name."""
    error: Exception = type(name, (Exception,), {"__module__": "driver"} | attributes)()
    return error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        TimeoutError(),
        gaierror(-2, "db.internal"),
        OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 5432, 0, 0)"),
        OSError(errno.EHOSTUNREACH, "10.0.0.7"),
        error_with(sqlstate="08006"),
        error_with(sqlstate="40P01"),
        error_with(sqlstate="53300"),
        error_with(sqlstate="55P03"),
        error_with(sqlstate="57P03"),
        error_with(sqlite_errorname="SQLITE_BUSY"),
        error_with(sqlite_errorname="SQLITE_BUSY_SNAPSHOT"),
        error_with(sqlite_errorname="SQLITE_FULL"),
        error_with("pymysql.err", 2006, "server has gone away"),
        error_with("asyncmy.errors", 1205, "lock wait timeout"),
        error_with("sqlalchemy.exc", connection_invalidated=True, orig=Broken()),
        named("OperationalError"),
        named("TimeoutError"),
    ],
)
@pytest.mark.parametrize("suppress", [True, False])
def test_a_database_that_is_away_or_busy_is_an_outage(error: Exception, suppress: bool) -> None:
    """A client that is told to come back must find the service then, also behind a wrapper's exception."""
    assert is_outage(error)
    assert is_outage(raised(RepositoryBackendError(), error, suppress=suppress))
    assert is_outage(raised(named("OperationalError", orig=error), error, suppress=suppress))


@pytest.mark.parametrize(
    "error",
    [
        Broken(),
        KeyError("name"),
        FileNotFoundError(errno.ENOENT, "users.db"),
        error_with(sqlstate="42P01"),
        error_with(sqlstate="23505"),
        error_with(sqlite_errorname="SQLITE_ERROR"),
        error_with(sqlite_errorname="SQLITE_CONSTRAINT_UNIQUE"),
        error_with("pymysql.err", 1146, "no such table"),
        named("OperationalError", orig=error_with(sqlite_errorname="SQLITE_ERROR")),
        named("ProgrammingError"),
    ],
)
def test_a_statement_that_is_wrong_is_no_outage(error: Exception) -> None:
    """A missing table is missing in five seconds too, and somebody must be told to make it."""
    assert not is_outage(error)
    assert not is_outage(raised(RepositoryBackendError(), error, suppress=True))


def test_a_chain_ends() -> None:
    """An exception that leads to itself would stop the server."""
    first, second = error_with(), error_with()
    first.__cause__, second.__cause__ = second, first
    assert len(causes_of(first)) == 8
