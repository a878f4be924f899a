"""
Auth0: the export of users, and the export of password hashes that its support makes; one JSON object a line.

The two name an account alike.  Only the export of users says who is blocked and who has a second factor, so
it is read first, and the passwords complete accounts that it has created.

Source: Auth0, "Bulk User Exports"; "Export Data from Auth0", on password hashes; "Bulk Import Database
Schema"
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.sources.files import LONGEST_LINE, FileSource
from bymax_auth.cli.migrate.sources.values import UNREADABLE, damaged, flag, members, moment, text

__all__ = ["Auth0Export"]

_OWN: Final = "auth0"
"""The provider of accounts with a password."""

_PROVIDERS: Final[Mapping[str, str]] = {"google-oauth2": "google", "windowslive": "microsoft"}
"""Auth0's names of providers that are named otherwise here."""


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
    while line := file.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
        yield None


def _candidate(line: bytes | None, place: str) -> Candidate:
    if line is None:
        return damaged(place)
    try:
        record = members(json.loads(line))
        return _with_password(record) if "passwordHash" in record else _user(record)
    except UNREADABLE:
        return damaged(place)


def _with_password(record: Mapping[str, Any]) -> Candidate:
    given = record["_id"]
    return Candidate(
        id=f"{_OWN}|{given if isinstance(given, str) else given['$oid']}",
        email=text(record.get("email")) or None,
        password_hash=text(record["passwordHash"]),
        password_only=True,
    )


def _user(record: Mapping[str, Any]) -> Candidate:
    linked: Sequence[Mapping[str, Any]] = record.get("identities") or ()
    factors: Sequence[Mapping[str, Any]] = record.get("mfa_factors") or ()
    secrets = [one["totp"]["secret"] for one in factors if "totp" in one]
    return Candidate(
        id=text(record["user_id"]),
        email=text(record.get("email")) or None,
        name=text(record.get("name")),
        verified=flag(record.get("email_verified")),
        disabled=flag(record.get("blocked")),
        created_at=moment(record.get("created_at")),
        identities=tuple(
            Identity(
                provider=_PROVIDERS.get(text(one["provider"]), text(one["provider"])),
                provider_id=text(one["user_id"]),
            )
            for one in linked
            if one["provider"] != _OWN
        ),
        totp_secret=text(secrets[0]) if secrets else None,
        unreadable_factor=bool(record.get("multifactor") or factors) and not secrets,
    )
