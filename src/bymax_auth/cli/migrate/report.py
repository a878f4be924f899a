"""
The report of a migration: what was done, to resume it and to undo it.

Before each transaction a line is appended with what it is about to write, and after it another that it has;
both are on the disk before the next step.  So whatever stops the process, the report names every account
that was written.  It holds ids and reasons, and neither addresses nor hashes: what was written is recognised
by its time of creation and by digests.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Self, cast

from bymax_auth.cli.migrate.judgement import Batch
from bymax_auth.cli.migrate.lines import (
    BatchLine,
    End,
    FilledAccount,
    Header,
    Line,
    RefusedAccount,
    ReportUnusable,
    Reverted,
    Undone,
    WrittenLine,
    read_lines,
)
from bymax_auth.repositories.sqlalchemy.bulk import Written, fingerprint
from bymax_auth.types.account import AuthUser

__all__ = ["Progressed", "Report", "Summary", "UndoneReport", "header_of", "line_of"]

_MODE: Final = 0o600
_DAMAGED: Final = "record_damaged"
_SHOWN: Final = 20
_LONGEST_REFUSED: Final = 255
"""Characters of an id that no account can have."""


@dataclass(slots=True)
class Summary:
    """How many accounts became what; `damaged` are the places of the first records that cannot be read."""

    kept: int = 0
    merged: int = 0
    present: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    notes: Counter[str] = field(default_factory=Counter[str])
    formats: Counter[str] = field(default_factory=Counter[str])
    damaged: list[str] = field(default_factory=list[str])

    @property
    def read(self) -> int:
        """How many accounts were read."""
        return self.kept + self.merged + self.present + self.refused.total()

    def add(self, batch: BatchLine) -> None:
        """Count a batch."""
        self.kept += len(batch.created)
        self.merged += len(batch.completed)
        self.present += batch.present
        self.refused.update(one.reason for one in batch.refused)
        self.notes.update(batch.notes)
        self.formats.update(batch.formats)
        places = (one.id for one in batch.refused if one.reason == _DAMAGED)
        self.damaged = [*self.damaged, *places][:_SHOWN]

    def fields(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "read": self.read,
            "kept": self.kept,
            "merged": self.merged,
            "present": self.present,
            "refused": dict(sorted(self.refused.items())),
            "notes": dict(sorted(self.notes.items())),
            "formats": dict(sorted(self.formats.items())),
            "damaged": self.damaged,
        }


@dataclass(slots=True)
class Progressed:
    """How far a report has come; `pending` is a batch of which it does not say whether it was written."""

    number: int = 0
    cursor: str | None = None
    pending: BatchLine | None = None
    ended: bool = False
    undone: bool = False
    summary: Summary = field(default_factory=Summary)

    def follow(self, line: Line) -> None:
        """Go on by one line."""
        match line:
            case BatchLine():
                self.pending = line
            case WrittenLine() if self.pending is not None:
                self.number, self.cursor = line.number, self.pending.cursor
                self.summary.add(self.pending)
                self.pending = None
            case End():
                self.ended = True
            case Undone():
                self.undone = True
            case _:
                pass


class Report:
    """A report that is being written."""

    def __init__(self, file: BinaryIO, progressed: Progressed) -> None:
        self._file = file
        self.progressed = progressed

    @classmethod
    def begin(cls, path: Path, header: Header) -> Self:
        """
        Create a report.

        Raises:
            FileExistsError: There is a file.
            OSError: It cannot be created.
        """
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        report = cls(os.fdopen(descriptor, "wb"), Progressed())
        _append(report._file, header)
        return report

    @classmethod
    def resume(cls, path: Path, header: Header) -> Self:
        """
        Open a report to go on with it.

        Raises:
            ReportUnusable: It is no report, a damaged one, one of another migration, or one that was undone.
            OSError: It cannot be read or written.
        """
        if header_of(path) != header:
            raise ReportUnusable(
                f"{path} is the report of another migration: name another file with --report."
            )
        progressed = Progressed()
        length = 0
        for line, end in read_lines(path):
            progressed.follow(line)
            length = end
        if progressed.undone:
            raise ReportUnusable(f"{path} was undone: name another file with --report.")
        return cls(_opened_at(path, length), progressed)

    def announce(self, line: BatchLine) -> None:
        """Append what is about to be written."""
        _append(self._file, line)
        self.progressed.follow(line)

    def confirm(self) -> None:
        """Append that what was announced is written."""
        if self.progressed.pending is not None:
            line = WrittenLine(number=self.progressed.pending.number)
            _append(self._file, line)
            self.progressed.follow(line)

    def discard(self) -> None:
        """Forget what was announced, because it was not written; it is announced again."""
        self.progressed.pending = None

    def end(self) -> None:
        """Append that every account was read."""
        if not self.progressed.ended:
            line = End(summary=self.progressed.summary.fields())
            _append(self._file, line)
            self.progressed.follow(line)

    def close(self) -> None:
        """Close the file.  Idempotent."""
        self._file.close()


class UndoneReport:
    """
    A report that is being undone.  It is read as a whole before anything is: a damaged one changes nothing.

    Raises:
        ReportUnusable: It is no report, or a damaged one.
        OSError: It cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[int, frozenset[str]] = {}
        begun, length = False, 0
        for line, end in read_lines(path):
            length = end
            begun = begun or isinstance(line, Undone)
            if isinstance(line, Reverted):
                self._kept[line.number] = frozenset(line.kept)
        self._file = _opened_at(path, length)
        if not begun:
            _append(self._file, Undone())

    def batches(self) -> Iterator[tuple[BatchLine, bool]]:
        """Yield the last announcement under each number, and whether it is confirmed."""
        pending: BatchLine | None = None
        for line, _ in read_lines(self._path):
            match line:
                case BatchLine():
                    pending = line
                case WrittenLine() if pending is not None:
                    yield pending, True
                    pending = None
                case _:
                    pass
        if pending is not None:
            yield pending, False

    def left_of(self, batch: BatchLine) -> frozenset[str] | None:
        """Return what an earlier run has kept of a batch, ``None`` where there was none."""
        return self._kept.get(batch.number)

    def revert(self, batch: BatchLine, kept: Sequence[str]) -> None:
        """Append that a batch is undone, except for what is kept."""
        _append(self._file, Reverted(number=batch.number, kept=list(kept)))

    def close(self) -> None:
        """Close the file.  Idempotent."""
        self._file.close()


def header_of(path: Path) -> Header:
    """
    Return the first line of a report.

    Raises:
        ReportUnusable: The file is no report.
        OSError: It cannot be read.
    """
    line, _ = next(read_lines(path))
    return cast("Header", line)


def line_of(
    batch: Batch, number: int, cursor: str, at: datetime, written: Callable[[AuthUser], Written]
) -> BatchLine:
    """Return what a report says of a batch; `written` returns what recognises an account."""
    return BatchLine(
        number=number,
        cursor=cursor,
        at=at,
        created=[written(account) for account in batch.created],
        completed=[
            FilledAccount(id=one.id, filled={name: fingerprint(value) for name, value in one.values.items()})
            for one in batch.completed
        ],
        present=batch.present,
        refused=[RefusedAccount(id=_shown(one.id), reason=one.reason) for one in batch.refused],
        notes=dict(batch.notes),
        formats=dict(batch.formats),
    )


def _shown(account_id: str) -> str:
    """Return the id of a refused account, which may be no text, or too long for a line that is read again."""
    return account_id[:_LONGEST_REFUSED].encode(errors="backslashreplace").decode()


def _opened_at(path: Path, length: int) -> BinaryIO:
    """Open a report to append to it, without the line that the process was stopped in."""
    file = path.open("r+b")
    file.truncate(length)
    file.seek(0, os.SEEK_END)
    return file


def _append(file: BinaryIO, line: Line) -> None:
    file.write(line.model_dump_json().encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())
