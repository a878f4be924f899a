"""
The lines of a report, each one JSON object, and what they say in their order.

    {"kind": "migration", …}
    {"kind": "batch", "number": 1, …}  {"kind": "written", "number": 1}
    {"kind": "batch", "number": 2, …}  {"kind": "batch", "number": 2, …}  {"kind": "written", "number": 2}  …
    {"kind": "end", …}
    {"kind": "undone"}  {"kind": "reverted", "number": 1, …}  …

A batch that is announced again was not written before.  A line without an end is one that the process was
stopped in, and says nothing.  Everything else that does not fit is damage, and nothing is read of such a
report: what it says of one account could be as wrong.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bymax_auth.cli.migrate.systems import System
from bymax_auth.repositories.sqlalchemy.bulk import Filled, Written

__all__ = [
    "BatchLine",
    "End",
    "FilledAccount",
    "Header",
    "Line",
    "RefusedAccount",
    "ReportUnusable",
    "Reverted",
    "Undone",
    "WrittenLine",
    "read_lines",
]

_LONGEST_LINE: Final = 2**24
_Count = Annotated[int, Field(ge=0)]
_Number = Annotated[int, Field(ge=1)]
_Counts = dict[str, _Count]


class ReportUnusable(Exception):
    """The file is no report, a damaged one, or one of another migration; the message is one line."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Header(_Line):
    """What is migrated; a report can be resumed with the same one only."""

    kind: Literal["migration"] = "migration"
    version: Literal[2] = 2
    origin: Annotated[System, Field(strict=False)]
    source: str
    tenant_id: str
    dry_run: bool


class FilledAccount(_Line):
    """An account that is completed, with the fingerprints of what is filled."""

    id: str
    filled: dict[str, str]


class RefusedAccount(_Line):
    """An account that is not moved, and why."""

    id: str
    reason: str


class BatchLine(_Line):
    """What is about to be written; `created` recognises each account."""

    kind: Literal["batch"] = "batch"
    number: _Number
    cursor: str
    at: Annotated[datetime, Field(strict=False)]
    created: Annotated[list[Written], Field(strict=False)]
    completed: list[FilledAccount]
    present: _Count
    refused: list[RefusedAccount]
    notes: _Counts
    formats: _Counts

    @property
    def filled(self) -> list[Filled]:
        """What recognises each value that is filled; an account that lacks nothing has none."""
        return [Filled(one.id, one.filled, self.at) for one in self.completed if one.filled]


class WrittenLine(_Line):
    """A batch is written."""

    kind: Literal["written"] = "written"
    number: _Number


class End(_Line):
    """Every account was read."""

    kind: Literal["end"] = "end"
    summary: Mapping[str, Any]


class Undone(_Line):
    """Undoing has begun; nothing is written by this report any more."""

    kind: Literal["undone"] = "undone"


class Reverted(_Line):
    """A batch is undone, except for the accounts that are kept."""

    kind: Literal["reverted"] = "reverted"
    number: _Number
    kept: list[str]


Line = Header | BatchLine | WrittenLine | End | Undone | Reverted
_LINE: Final[TypeAdapter[Line]] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


class Placed(NamedTuple):
    """A line, and the length of the file up to its end."""

    line: Line
    end: int


def read_lines(path: Path) -> Iterator[Placed]:
    """
    Yield each line, the header first.

    Raises:
        ReportUnusable: The file is no report, or a damaged one; the message says which line is.
        OSError: It cannot be read.
    """
    end, number, announced, written = 0, 0, 0, 0
    with path.open("rb") as file:
        while text := file.readline(_LONGEST_LINE):
            if not text.endswith(b"\n") and len(text) < _LONGEST_LINE:
                break
            number += 1
            try:
                line = _LINE.validate_json(text)
            except ValidationError:
                line = None
            if number == 1 and not isinstance(line, Header):
                break
            match line:
                case Header() if number == 1:
                    pass
                case BatchLine(number=at) if at == written + 1:
                    announced = at
                case WrittenLine(number=at) if at == announced == written + 1:
                    written = at
                case Reverted(number=at) if at <= announced:
                    pass
                case End() | Undone():
                    pass
                case _:
                    raise ReportUnusable(f"{path}, line {number}: the report is damaged.")
            end += len(text)
            yield Placed(line, end)
    if not end:
        raise ReportUnusable(f"{path} is not the report of a migration.")
