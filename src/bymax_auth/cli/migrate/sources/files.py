"""A source in a file: records one after the other, of which the cursor counts those that were read."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bymax_auth.cli.migrate.candidates import Candidate, Page, SourceUnusable

__all__ = ["LONGEST_LINE", "PAGE", "FileSource"]

PAGE: Final = 500
LONGEST_LINE: Final = 2**20
"""A longer line is no account, and would not have to fit into memory."""
_COMPRESSED: Final = b"\x1f\x8b"
"""Source: RFC 1952 §2.3.1."""


class FileSource(ABC):
    """Implements `Source` for a file; a subclass says what a record is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def total(self) -> int | None:
        """Return nothing: only reading the whole file would tell."""
        return None

    async def pages(self, after: str | None) -> AsyncIterator[Page]:
        """Yield the accounts in the order of the file."""
        if after is not None and not (after.isascii() and after.isdigit()):
            raise SourceUnusable("the report's position is none in a file.")
        done = int(after or 0)
        try:
            await asyncio.to_thread(self._check)
            records = islice(self.records(), done, None)
            while candidates := await asyncio.to_thread(lambda: list(islice(records, PAGE))):
                done += len(candidates)
                yield Page(candidates=candidates, cursor=str(done))
        except OSError as error:
            raise SourceUnusable(f"{self.path} cannot be read: {error.strerror}.") from None

    @abstractmethod
    def records(self) -> Iterator[Candidate]:
        """
        Yield the accounts, one for each record, also for one that is damaged.

        Raises:
            SourceUnusable: The file is of another kind.
        """

    async def aclose(self) -> None:  # noqa: B027 - a file is not kept open
        """Do nothing: the file is closed when its records end."""

    def _check(self) -> None:
        with self.path.open("rb") as file:
            if file.read(len(_COMPRESSED)) == _COMPRESSED:
                raise SourceUnusable(f"{self.path} is compressed: unpack it first.")
