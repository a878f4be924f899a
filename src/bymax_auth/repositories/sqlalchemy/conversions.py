"""
How a field of an account is written to a host's column, and read from it.

A conversion is chosen once, from the column's type, when a repository is built.  Accounts hold text,
booleans and instants; a host's columns may hold UUIDs, integers, enumerations, and timestamps with or
without a zone.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum as PythonEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Enum,
    Integer,
    SmallInteger,
    String,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeEngine

from bymax_auth.types.wire import as_utc

__all__ = [
    "Conversion",
    "NoConversion",
    "Unwritable",
    "code_list",
    "flag",
    "instant",
    "key",
    "python_type_of",
    "text",
]

_DECIMAL: Final = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_AWARE: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_SAMPLE: Final = UUID("0b0e7a54-6c1f-4a86-9d0f-2f6f6f1f5a10")
_NO_IDENTIFIER: Final = "not an identifier"
_DIGEST_LENGTH: Final = 64
_SMALL_BITS, _PLAIN_BITS, _BIG_BITS = 15, 31, 63


class NoConversion(Exception):
    """A column's type does not fit its field; the text says what would."""


class Unwritable(Exception):
    """A column cannot hold a value; the text says what it can hold, in the words of a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """
    Between a field's value and its column's.

    `write` raises `Unwritable`.  Neither function is given ``None``.  `python_type` is the type of the
    column's values, and `maximum` the length of the longest text that it holds.
    """

    python_type: type[object]
    write: Callable[[Any], object]
    read: Callable[[Any], object]
    maximum: int | None = None


def text(column: Column[Any], _dialect: Dialect | None) -> Conversion:
    """
    Return the conversion of a field of text.

    Raises:
        NoConversion: The column holds something else.
    """
    if isinstance(column.type, Enum):
        return _enumeration(column.type)
    inner = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(inner, type) or python_type_of(inner) is not str:
        raise NoConversion("must hold text")
    return _text(inner)


def key(column: Column[Any], dialect: Dialect | None) -> Conversion:
    """
    Return the conversion of an identifier: a text, a UUID or an integer, in one spelling only.

    Raises:
        NoConversion: The column holds something else.
    """
    kind, known = column.type, dialect or DefaultDialect()
    if isinstance(kind, TypeDecorator):
        return _decorated_key(kind, known)
    if isinstance(kind, Uuid):
        return _uuid(UUID if kind.as_uuid else str)
    found = python_type_of(kind)
    if found is int:
        return _integer(kind, known)
    if found is str and not isinstance(kind, Enum):
        return _text(kind)
    raise NoConversion("must hold text, UUIDs or integers")


def flag(column: Column[Any], _dialect: Dialect | None) -> Conversion:
    """
    Return the conversion of a boolean, which some databases keep as a number.

    Raises:
        NoConversion: The column holds something else.
    """
    found = python_type_of(column.type)
    if found not in {bool, int}:
        raise NoConversion("must hold booleans")
    return Conversion(python_type=found, write=found, read=bool)


def instant(column: Column[Any], dialect: Dialect | None) -> Conversion:
    """
    Return the conversion of an instant: to UTC, without its zone where the column has none.

    Drivers disagree about an aware value for a column without a zone: one refuses it, one writes the
    local time of the session.

    Raises:
        NoConversion: The column holds no timestamps.
    """
    kind = column.type
    if isinstance(kind, TypeDecorator):
        takes_aware = _decorated_takes_aware(kind, dialect or DefaultDialect())
    elif isinstance(kind, DateTime):
        takes_aware = kind.timezone
    else:
        raise NoConversion("must hold timestamps")
    return Conversion(python_type=datetime, write=as_utc if takes_aware else _naive, read=as_utc)


def code_list(column: Column[Any], _dialect: Dialect | None) -> Conversion:
    """
    Return the conversion of a list of texts.

    Raises:
        NoConversion: The column holds neither JSON nor an array, or would cut a recovery code's digest.
    """
    kind = column.type
    inner = kind.impl if isinstance(kind, TypeDecorator) else kind
    length = getattr(getattr(inner, "item_type", None), "length", None)
    if not isinstance(inner, JSON | ARRAY):
        raise NoConversion("must hold JSON or an array of texts")
    if length is not None and length < _DIGEST_LENGTH:
        raise NoConversion(f"must hold texts of {_DIGEST_LENGTH} characters")
    return Conversion(python_type=list, write=list, read=tuple)


def _text(kind: TypeEngine[Any]) -> Conversion:
    maximum = kind.length if isinstance(kind, String) else None

    def write(value: str) -> str:
        if "\0" in value:
            raise Unwritable("must not contain null characters")
        if maximum is not None and len(value) > maximum:
            raise Unwritable(f"must be at most {maximum} character{'' if maximum == 1 else 's'}")
        return value

    return Conversion(python_type=str, write=write, read=str, maximum=maximum)


def _uuid(kind: type[UUID] | type[str]) -> Conversion:
    def write(value: str) -> object:
        try:
            parsed = UUID(value)
        except ValueError:
            raise Unwritable("must be a UUID") from None
        # A second spelling of one identifier would be another account to everything but the database.
        if str(parsed) != value:
            raise Unwritable("must be a UUID in lower case with hyphens")
        return kind(value)

    return Conversion(python_type=UUID, write=write, read=str)


def _integer(kind: TypeEngine[Any], dialect: Dialect) -> Conversion:
    bits = _bits(kind.dialect_impl(dialect), dialect)

    def write(value: str) -> int:
        number = int(value) if _DECIMAL.fullmatch(value) else None
        if number is None or not -(1 << bits) <= number < 1 << bits:
            raise Unwritable("must be an integer")
        return number

    return Conversion(python_type=int, write=write, read=str)


def _bits(kind: TypeEngine[Any], dialect: Dialect) -> int:
    if isinstance(kind, BigInteger) or dialect.name == "sqlite":
        return _BIG_BITS
    if isinstance(kind, SmallInteger):
        return _SMALL_BITS
    if isinstance(kind, Integer):
        return _PLAIN_BITS + bool(getattr(kind, "unsigned", False))
    return _BIG_BITS


def _decorated_key(kind: TypeDecorator[Any], dialect: Dialect) -> Conversion:
    """Find what a type of the host's own takes by what it gives back; its class does not say."""
    if _gives_back(kind, dialect, _NO_IDENTIFIER):
        return _text(kind.impl_instance)
    if _gives_back(kind, dialect, _SAMPLE):
        return _uuid(UUID)
    if _gives_back(kind, dialect, str(_SAMPLE)):
        return _uuid(str)
    if _gives_back(kind, dialect, 1):
        return _integer(kind.impl_instance, dialect)
    raise NoConversion("has a type of its own that takes neither text, UUIDs nor integers")


def _decorated_takes_aware(kind: TypeDecorator[Any], dialect: Dialect) -> bool:
    if not isinstance(kind.impl_instance, DateTime):
        raise NoConversion("must hold timestamps")
    try:
        bound = kind.process_bind_param(_AWARE, dialect)
    except NotImplementedError:
        return kind.impl_instance.timezone
    except Exception:  # noqa: BLE001 - a host's type refuses in its own way
        return False
    return not isinstance(bound, datetime) or bound.tzinfo is None or kind.impl_instance.timezone


def _gives_back(kind: TypeDecorator[Any], dialect: Dialect, value: object) -> bool:
    try:
        bind, result = kind.bind_processor(dialect), kind.result_processor(dialect, None)
        stored = value if bind is None else bind(value)
        returned = stored if result is None else result(stored)
    except Exception:  # noqa: BLE001 - a host's type refuses in its own way
        return False
    return type(returned) is type(value) and returned == value


def _enumeration(kind: Enum) -> Conversion:
    members = _members(kind)

    def write(value: str) -> object:
        if value not in members:
            raise Unwritable(f"must be one of {', '.join(sorted(members))}")
        return members[value]

    def read(value: Any) -> str:
        return value.value if isinstance(value, PythonEnum) and value.value in members else _name_of(value)

    return Conversion(python_type=str, write=write, read=read)


def _members(kind: Enum) -> dict[str, object]:
    """Return an enumeration's members by the text that stands for each in an account."""
    names: Sequence[str] = kind.enums
    members: list[PythonEnum] | None = None if kind.enum_class is None else list(kind.enum_class)
    if members is None:
        return {name: name for name in names}
    if all(isinstance(member.value, str) for member in members):
        return {member.value: member for member in members}
    return {member.name: member for member in members}


def _name_of(value: Any) -> str:
    return value.name if isinstance(value, PythonEnum) else str(value)


def _naive(moment: datetime) -> datetime:
    return as_utc(moment).replace(tzinfo=None)


def python_type_of(kind: TypeEngine[Any]) -> type[object] | None:
    """Return the Python type of a column's values, ``None`` where the type does not say."""
    try:
        return kind.python_type
    except NotImplementedError:
        return None
