"""
The report of a migration: what was done, to resume it and to undo it.

One JSON object a line.  The first says what is migrated.  Before each transaction a line is appended with
what it is about to write, and after it another that it has; both are on the disk before the next step.  So
whatever stops the process, the report names every account that was written.

    {"kind": "migration", …}  {"kind": "batch", "number": 1, …}  {"kind": "written", "number": 1}  …

It holds ids and reasons, and neither addresses nor hashes: a filled value is named by its digest.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

from bymax_auth.cli.migrate.judgement import Batch
from bymax_auth.repositories.sqlalchemy.bulk import fingerprint

__all__ = [
    "Header",
    "Progressed",
    "Report",
    "ReportUnusable",
    "Summary",
    "batches_of",
    "header_of",
    "mark_undone",
]

_VERSION: Final = 1
_MODE: Final = 0o600


class ReportUnusable(Exception):
    """The file is no report, or one of another migration; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is migrated; a report can be resumed with the same one only."""

    origin: str
    source: str
    tenant_id: str
    dry_run: bool

    def fields(self) -> dict[str, object]:
        """Return it as the first line of a report."""
        return {
            "kind": "migration",
            "version": _VERSION,
            "from": self.origin,
            "source": self.source,
            "tenantId": self.tenant_id,
            "dryRun": self.dry_run,
        }


@dataclass(slots=True)
class Summary:
    """How many accounts became what."""

    kept: int = 0
    merged: int = 0
    present: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    notes: Counter[str] = field(default_factory=Counter[str])
    formats: Counter[str] = field(default_factory=Counter[str])

    @property
    def read(self) -> int:
        """How many accounts were read."""
        return self.kept + self.merged + self.present + self.refused.total()

    def add(self, batch: Mapping[str, Any]) -> None:
        """Count a line of a report."""
        self.kept += len(batch["created"])
        self.merged += len(batch["completed"])
        self.present += batch["present"]
        self.refused.update(one["reason"] for one in batch["refused"])
        self.notes.update(batch["notes"])
        self.formats.update(batch["formats"])

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
        }


@dataclass(slots=True)
class Progressed:
    """How far a report has come; `pending` is a batch of which it does not say whether it was written."""

    number: int = 0
    cursor: str | None = None
    pending: Mapping[str, Any] | None = None
    ended: bool = False
    undone: bool = False
    summary: Summary = field(default_factory=Summary)


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
        report._append(header.fields())
        return report

    @classmethod
    def resume(cls, path: Path, header: Header) -> Self:
        """
        Open a report to go on with it.

        Raises:
            ReportUnusable: It is no report, one of another migration, or one that was undone.
            OSError: It cannot be read or written.
        """
        if header_of(path) != header.fields():
            raise ReportUnusable(
                f"{path} is the report of another migration: name another file with --report."
            )
        progressed = Progressed()
        length = 0
        for line, end in _lines(path):
            _follow(progressed, line)
            length = end
        if progressed.undone:
            raise ReportUnusable(f"{path} was undone: name another file with --report.")
        file = path.open("r+b")
        # A line that the process was stopped in is not complete, and says nothing.
        file.truncate(length)
        file.seek(0, os.SEEK_END)
        return cls(file, progressed)

    def announce(self, batch: Batch, cursor: str) -> dict[str, Any]:
        """Append what is about to be written, and return it."""
        line: dict[str, Any] = {
            "kind": "batch",
            "number": self.progressed.number + 1,
            "cursor": cursor,
            "created": [account.id for account in batch.created],
            "completed": [
                {"id": one.id, "filled": {name: fingerprint(value) for name, value in one.values.items()}}
                for one in batch.completed
            ],
            "present": batch.present,
            "refused": [{"id": one.id, "reason": one.reason} for one in batch.refused],
            "notes": dict(batch.notes),
            "formats": dict(batch.formats),
        }
        self._append(line)
        self.progressed.pending = line
        return line

    def confirm(self) -> None:
        """Append that what was announced is written."""
        pending = self.progressed.pending
        if pending is not None:
            line = {"kind": "written", "number": pending["number"]}
            self._append(line)
            _follow(self.progressed, line)

    def discard(self) -> None:
        """Forget what was announced, because it was not written; it is announced again."""
        self.progressed.pending = None

    def end(self) -> None:
        """Append that every account was read."""
        if not self.progressed.ended:
            self._append({"kind": "end", **self.progressed.summary.fields()})
            self.progressed.ended = True

    def close(self) -> None:
        """Close the file.  Idempotent."""
        self._file.close()

    def _append(self, line: Mapping[str, object]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def header_of(path: Path) -> Mapping[str, Any]:
    """
    Return the first line of a report.

    Raises:
        ReportUnusable: The file is no report.
        OSError: It cannot be read.
    """
    for line, _ in _lines(path):
        if line.get("kind") == "migration" and line.get("version") == _VERSION:
            return line
        break
    raise ReportUnusable(f"{path} is not the report of a migration.")


def batches_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield every batch that may have been written."""
    for line, _ in _lines(path):
        if line.get("kind") == "batch":
            yield line


def mark_undone(path: Path) -> None:
    """Append that the report was undone."""
    with path.open("ab") as file:
        file.write(b'{"kind":"undone"}\n')
        file.flush()
        os.fsync(file.fileno())


def _lines(path: Path) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield each complete line, and the length of the file up to its end."""
    length = 0
    with path.open("rb") as file:
        for text in file:
            if not text.endswith(b"\n"):
                return
            try:
                line: object = json.loads(text)
            except ValueError:
                line = None
            if not isinstance(line, dict):
                raise ReportUnusable(f"{path} is not the report of a migration.")
            length += len(text)
            yield cast("dict[str, Any]", line), length


def _follow(progressed: Progressed, line: Mapping[str, Any]) -> None:
    match line.get("kind"):
        case "batch":
            progressed.pending = line
        case "written" if progressed.pending is not None:
            progressed.number = line["number"]
            progressed.cursor = progressed.pending["cursor"]
            progressed.summary.add(progressed.pending)
            progressed.pending = None
        case "end":
            progressed.ended = True
        case "undone":
            progressed.undone = True
        case _:
            pass
