"""
A CSV file with a header line.

Columns, of which only `id` and `email` are required: name, password_hash, email_verified, disabled, role,
created_at, oauth_provider, oauth_provider_id, totp_secret.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity, SourceUnusable
from bymax_auth.cli.migrate.sources.database import moment
from bymax_auth.cli.migrate.sources.files import FileSource

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
_TRUE: Final = frozenset({"1", "t", "true", "y", "yes"})
_FALSE: Final = frozenset({"", "0", "f", "false", "n", "no"})


class CsvFile(FileSource):
    """Accounts in a CSV file."""

    def records(self) -> Iterator[Candidate]:
        """Yield the account of each record."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", strict=True)
            try:
                self._check(reader.fieldnames or ())
                for record in reader:
                    yield _candidate(record)
            except csv.Error as error:
                raise SourceUnusable(f"{self.path}, line {reader.line_num}: {error}.") from None

    def _check(self, columns: Sequence[str]) -> None:
        missing = [name for name in _REQUIRED if name not in columns]
        unknown = [repr(name) for name in columns if name not in _COLUMNS]
        if missing:
            raise SourceUnusable(f"{self.path} has no column {', '.join(missing)}.")
        if unknown or len(set(columns)) != len(columns):
            listed = ", ".join(sorted(_COLUMNS))
            raise SourceUnusable(
                f"{self.path} has {', '.join(unknown) or 'a column twice'}. The columns are: {listed}."
            )


def _candidate(record: Mapping[str, str | None]) -> Candidate:
    def of(name: str) -> str:
        return (record.get(name) or "").strip()

    refused = None
    if "" in record or None in record.values():
        refused = "record_damaged"
    if any(of(name).lower() not in _TRUE | _FALSE for name in ("email_verified", "disabled")):
        refused = "record_damaged"
    provider, provider_id = of("oauth_provider"), of("oauth_provider_id")
    identities = (Identity(provider=provider, provider_id=provider_id),) if provider and provider_id else ()
    return Candidate(
        id=of("id"),
        email=of("email") or None,
        name=of("name"),
        password_hash=of("password_hash") or None,
        verified=of("email_verified").lower() in _TRUE,
        disabled=of("disabled").lower() in _TRUE,
        role=of("role") or None,
        created_at=moment(of("created_at") or None),
        identities=identities,
        totp_secret=of("totp_secret") or None,
        refused=refused,
    )
