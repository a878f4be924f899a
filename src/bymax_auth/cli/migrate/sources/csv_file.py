"""
A CSV file with a header line.

Columns, of which only `id` and `email` are required: name, password_hash, email_verified, disabled, role,
created_at, oauth_provider, oauth_provider_id, totp_secret.

A record that cannot be read is refused with its lines, and the ones after it are read.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import Final, Self, TextIO

from bymax_auth.cli.migrate.candidates import Candidate, Identity, SourceUnusable
from bymax_auth.cli.migrate.sources.files import LONGEST_LINE, FileSource
from bymax_auth.cli.migrate.sources.values import UNREADABLE, damaged, flag, moment

__all__ = ["CsvFile"]

_REQUIRED: Final = ("id", "email")
_COLUMNS: Final = frozenset(
    {
        *_REQUIRED,
        "name",
        "password_hash",
        "email_verified",
        "disabled",
        "role",
        "created_at",
        "oauth_provider",
        "oauth_provider_id",
        "totp_secret",
    }
)


class CsvFile(FileSource):
    """Accounts in a CSV file."""

    def records(self) -> Iterator[Candidate]:
        """Yield the account of each record."""
        # A byte that is no text is kept as a surrogate, which only its own record is refused for.
        with self.path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
            lines = _Lines(file)
            reader = csv.reader(lines, strict=True)
            try:
                columns = next(reader, list[str]())
            except csv.Error as error:
                raise SourceUnusable(f"{self.path}, line {lines.number}: {error}.") from None
            self._check_columns(columns)
            while True:
                first = lines.number + 1
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield damaged(_place(first, lines.number))
                    continue
                if values:
                    yield _candidate(columns, values, _place(first, lines.number))

    def _check_columns(self, columns: Sequence[str]) -> None:
        missing = [name for name in _REQUIRED if name not in columns]
        unknown = [repr(name) for name in columns if name not in _COLUMNS]
        if missing:
            raise SourceUnusable(f"{self.path} has no column {', '.join(missing)}.")
        if unknown or len(set(columns)) != len(columns):
            listed = ", ".join(sorted(_COLUMNS))
            raise SourceUnusable(
                f"{self.path} has {', '.join(unknown) or 'a column twice'}. The columns are: {listed}."
            )


class _Lines:
    """The lines of a file; one that is too long to be an account is skipped, with an error of the format."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < LONGEST_LINE or line.endswith("\n"):
            return line
        while line and not line.endswith("\n"):
            line = self._file.readline(LONGEST_LINE)
        raise csv.Error("a line is too long")


def _place(first: int, last: int) -> str:
    return f"line {first}" if last <= first else f"lines {first}-{last}"


def _candidate(columns: Sequence[str], values: Sequence[str], place: str) -> Candidate:
    if len(columns) != len(values) or any(map(_is_undecoded, values)):
        return damaged(place)
    record = {name: value.strip() for name, value in zip(columns, values, strict=True)}

    def of(name: str) -> str:
        return record.get(name, "")

    provider, provider_id = of("oauth_provider"), of("oauth_provider_id")
    identities = (Identity(provider=provider, provider_id=provider_id),) if provider and provider_id else ()
    try:
        return Candidate(
            id=of("id"),
            email=of("email") or None,
            name=of("name"),
            password_hash=of("password_hash") or None,
            verified=flag(of("email_verified")),
            disabled=flag(of("disabled")),
            role=of("role") or None,
            created_at=moment(of("created_at")),
            identities=identities,
            totp_secret=of("totp_secret") or None,
        )
    except UNREADABLE:
        return damaged(place)


def _is_undecoded(value: str) -> bool:
    return any("\ud800" <= one <= "\udfff" for one in value)
