"""A source in a file: records one after the other, of which the cursor counts those that were read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bymax_auth.cli.migrate.candidates import Candidate, Page, SourceUnusable

__all__ = ["PAGE", "FileSource"]

PAGE: Final = 500


class FileSource:
    """Implements `Source` for a file; a subclass says what a record is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def total(self) -> int | None:
        """Return nothing: only reading the whole file would tell."""
        return None

    async def pages(self, after: str | None) -> AsyncIterator[Page]:
        """Yield the accounts in the order of the file."""
        done = int(after or 0)
        records = islice(self.records(), done, None)
        try:
            while candidates := await asyncio.to_thread(lambda: list(islice(records, PAGE))):
                done += len(candidates)
                yield Page(candidates=candidates, cursor=str(done))
        except OSError as error:
            raise SourceUnusable(f"{self.path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise SourceUnusable(f"{self.path} is not text in UTF-8.") from None

    def records(self) -> Iterator[Candidate]:
        """
        Yield the accounts, one for each record, also for one that is damaged.

        Raises:
            SourceUnusable: The file is of another kind.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Do nothing: the file is closed when its records end."""
