"""
Auth0: the export of users, and the export of password hashes that its support makes; one JSON object a line.

The two name an account alike, so whichever is read second completes what the first has created.

Source: Auth0, "Bulk User Exports"; "Export Data from Auth0", on password hashes
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final, cast

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.database import moment, text
from bymax_auth.cli.migrate.sources.files import FileSource

__all__ = ["Auth0Export"]

_LONGEST_LINE: Final = 2**20
_OWN: Final = "auth0"
"""The provider of accounts with a password."""

_PROVIDERS: Final[Mapping[str, str]] = {"google-oauth2": "google", "windowslive": "microsoft"}
"""Auth0's names of providers that are named otherwise here."""

_DAMAGED: Final = "record_damaged"


class Auth0Export(FileSource):
    """Accounts in an export of Auth0."""

    def records(self) -> Iterator[Candidate]:
        """Yield the account of each line that is not blank."""
        with self.path.open("rb") as file:
            for number, line in enumerate(_lines(file), start=1):
                if line is None or line.strip():
                    yield _candidate(line, f"line {number}")


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line, nothing for one that is too long to be an account."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) < _LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_LONGEST_LINE)
        yield None


def _candidate(line: bytes | None, place: str) -> Candidate:
    try:
        read: object = None if line is None else json.loads(line)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        return Candidate(id=place, email=None, refused=_DAMAGED)
    record = cast("dict[str, Any]", read)
    try:
        return _with_password(record) if "passwordHash" in record else _user(record)
    except (TypeError, ValueError, AttributeError, KeyError):
        return Candidate(id=place, email=None, refused=_DAMAGED)


def _with_password(record: Mapping[str, Any]) -> Candidate:
    return Candidate(
        id=f"{_OWN}|{record['_id']['$oid']}",
        email=_text(record.get("email")),
        password_hash=_text(record["passwordHash"]),
        verified=record.get("email_verified") is True,
    )


def _user(record: Mapping[str, Any]) -> Candidate:
    linked: list[Mapping[str, Any]] = record.get("identities") or []
    return Candidate(
        id=str(record["user_id"]),
        email=_text(record.get("email")),
        name=text(record.get("name")),
        verified=record.get("email_verified") is True,
        disabled=record.get("blocked") is True,
        created_at=moment(record.get("created_at")),
        identities=tuple(
            Identity(
                provider=_PROVIDERS.get(str(one["provider"]), str(one["provider"])),
                provider_id=str(one["user_id"]),
            )
            for one in linked
            if one["provider"] != _OWN
        ),
        unreadable_factor=bool(record.get("multifactor")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
