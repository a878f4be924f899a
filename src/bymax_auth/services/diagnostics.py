"""
What a log may say about an exception: its class, and codes that drivers define.

The text of an exception may quote a statement and its parameters, an address or a password, so none is
read.  A code is taken only in the exact form that its standard gives it, because the attribute of a foreign
exception may hold anything.
"""

import errno
import re
from collections.abc import Iterator
from socket import gaierror
from typing import Final

from bymax_auth.errors import AuthError, InternalError

__all__ = ["causes_of", "diagnosis_of", "is_outage"]

# Source: SQL:2016 §24.1 (SQLSTATE is five digits or upper-case letters); SQLite's names of result codes.
_CODES: Final = (
    ("sqlstate", re.compile(r"[0-9A-Z]{5}"), "SQLSTATE "),
    ("pgcode", re.compile(r"[0-9A-Z]{5}"), "SQLSTATE "),
    ("sqlite_errorname", re.compile(r"SQLITE_[A-Z_]{1,40}"), ""),
)
_MYSQL_DRIVERS: Final = frozenset({"MySQLdb", "aiomysql", "asyncmy", "mysql", "pymysql"})
_LONGEST_CHAIN: Final = 8

# Source: PostgreSQL, Appendix A: connection exception, transaction rollback, insufficient resources,
# operator intervention, system error, lock not available; SQLite's result codes; MySQL's error references:
# limits, shutdown, locks, lost connections; PEP 249 (OperationalError).
_OUTAGES: Final = (
    re.compile(r"SQLSTATE (?:(?:08|40|53|57|58)[0-9A-Z]{3}|55P03)"),
    re.compile(r"SQLITE_(?:BUSY|LOCKED|CANTOPEN|IOERR|FULL)(?:_[A-Z]+)*"),
    re.compile(r"MySQL error (?:1040|1053|1203|1205|1213|2002|2003|2006|2013|2055)"),
    re.compile(r"EHOSTDOWN|EHOSTUNREACH|ENETDOWN|ENETUNREACH"),
)


def diagnosis_of(error: BaseException) -> str:
    """Return the qualified name of the exception's class, with the code that its driver gave it."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    code = _code_of(error)
    return name if code is None else f"{name} ({code})"


def causes_of(error: BaseException) -> tuple[str, ...]:
    """
    Return the diagnosis of each exception that led to `error`, the outermost first.

    A cause that was suppressed with ``from None`` is included: that keeps its text out of tracebacks, and no
    text is read here.  `error` itself is included only when it carries a code.
    """
    first: list[str] = [] if _code_of(error) is None else [diagnosis_of(error)]
    led_to_it = (diagnosis_of(cause) for cause in _causes(error) if not isinstance(cause, InternalError))
    return (*first, *led_to_it)


def is_outage(error: BaseException) -> bool:
    """
    Say whether an exception of a database, or one that led to it, means that it is unavailable or busy.

    A statement that the database rejects is none: it is rejected again, however long the client waits.
    """
    return any(_means_outage(link) for link in (error, *_causes(error)))


def _causes(error: BaseException) -> Iterator[BaseException]:
    link = error
    for _ in range(_LONGEST_CHAIN):
        cause = link.__cause__ or link.__context__
        if cause is None or isinstance(cause, AuthError):
            # A refusal causes no failure: it was being handled when the failure happened.
            return
        yield cause
        link = cause


def _means_outage(error: BaseException) -> bool:
    code, kind = _code_of(error), type(error)
    if isinstance(error, ConnectionError | TimeoutError | gaierror):
        return True
    if code is not None:
        return any(form.fullmatch(code) for form in _OUTAGES)
    if kind is OSError:
        # The event loop raises it without a number when no address of a name could be connected to.
        return True
    if _attribute_of(error, "connection_invalidated") is True:
        return True
    # An OperationalError without a code is the driver's own: the connection failed before the database spoke.
    is_wrapper = _attribute_of(error, "orig") is not None
    return not is_wrapper and kind.__name__ in {"OperationalError", "TimeoutError"}


def _code_of(error: BaseException) -> str | None:
    for attribute, form, prefix in _CODES:
        code = _attribute_of(error, attribute)
        if isinstance(code, str) and form.fullmatch(code):
            return f"{prefix}{code}"
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0)
    if type(error).__module__.partition(".")[0] in _MYSQL_DRIVERS and error.args:
        number: object = error.args[0]
        return f"MySQL error {number}" if type(number) is int else None
    return None


def _attribute_of(error: BaseException, name: str) -> object:
    try:
        return getattr(error, name, None)
    except Exception:  # noqa: BLE001 - a property of a foreign exception may raise anything
        return None
