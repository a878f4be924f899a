"""An account as another system has it, in one form for every source."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

__all__ = ["Candidate", "Identity", "Page", "Source", "SourceUnusable"]


class SourceUnusable(Exception):
    """The source cannot be read; the message is one line and contains no address of a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account at a provider."""

    provider: str
    provider_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    An account to move.

    `password_hash` is empty where the account has none.  `totp_secret` is Base32; `unreadable_factor` says
    that there is a second factor which cannot be read.  `password_only` says that the record has nothing but
    a password, and that another one says whether the account is blocked and has a second factor.  `refused`
    is the reason for which the source itself excludes the account; the id of a record that cannot be read is
    its place.
    """

    id: str
    email: str | None
    name: str = ""
    password_hash: str | None = field(default=None, repr=False)
    verified: bool = False
    disabled: bool = False
    superuser: bool = False
    role: str | None = None
    created_at: datetime | None = None
    identities: tuple[Identity, ...] = ()
    totp_secret: str | None = field(default=None, repr=False)
    unreadable_factor: bool = False
    password_only: bool = False
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some accounts, and the cursor after which the next ones begin."""

    candidates: Sequence[Candidate]
    cursor: str


class Source(Protocol):
    """Where accounts come from, read page by page in a fixed order."""

    async def total(self) -> int | None:
        """
        Return how many accounts there are, ``None`` where only reading all of them would tell.

        Raises:
            SourceUnusable: It cannot be read.
        """
        ...

    def pages(self, after: str | None) -> AsyncIterator[Page]:
        """
        Yield the accounts after a cursor; ``None`` begins at the first one.

        Raises:
            SourceUnusable: It cannot be read.
        """
        ...

    async def aclose(self) -> None:
        """Close it.  Idempotent."""
        ...
