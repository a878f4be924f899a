"""The comparison of addresses without regard to case, in the form that each database can index."""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, String, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

__all__ = ["ON_MYSQL", "Folded", "same_address"]

ON_MYSQL: Final = ("mysql", "mariadb")
"""The dialects whose keys need bounded text and cannot hold expressions."""


class Folded(ColumnElement[str]):
    """A column in lower case; on MySQL and MariaDB the column as it is, whose collation compares."""

    __visit_name__ = "folded"
    inherit_cache = True
    type = String()
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


@compiles(Folded)
def _lower(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(func.lower(element.column), **options)


@compiles(Folded, "mysql")
@compiles(Folded, "mariadb")
def _as_it_is(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.column, **options)


def same_address(column: Column[Any], address: str) -> ColumnElement[bool]:
    """Return the condition that a column holds `address`, which is in lower case, in any case."""
    return Folded(column) == Folded(literal(address, String()))
