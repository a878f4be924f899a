"""
The embedded store as the engine is given it.

    stores = EmbeddedStores()              # in memory: gone when the process is
    stores = EmbeddedStores("auth.db")     # one file, shared by the processes of one host
"""

import os
from pathlib import Path

from bymax_auth.ports.clock import Clock
from bymax_auth.stores.embedded.attempts import EmbeddedAttemptStore
from bymax_auth.stores.embedded.expiry_clock import counter
from bymax_auth.stores.embedded.file_database import FileDatabase
from bymax_auth.stores.embedded.in_memory_database import MemoryDatabase
from bymax_auth.stores.embedded.otps import EmbeddedOtpStore
from bymax_auth.stores.embedded.proofs import EmbeddedProofStore
from bymax_auth.stores.embedded.rate_limits import EmbeddedRateLimitStore
from bymax_auth.stores.embedded.revocation import EmbeddedRevocationStore
from bymax_auth.stores.embedded.sessions import EmbeddedSessionStore
from bymax_auth.types.identity import KeyLayout

__all__ = ["EmbeddedStores"]


class EmbeddedStores:
    """Implements `AuthStores` over SQLite."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        clock: Clock | None = None,
        max_entries: int = 1_000_000,
        allow_in_production: bool = False,
    ) -> None:
        """
        Describe the store; nothing on disk is touched before `start` or the first use.

        Args:
            path: The file, created with mode 0600 when it is missing; ``None`` keeps everything
                in memory.  It belongs on a local disk.
            clock: Decides expiry.  By default a file follows the wall clock: set back, it
                lengthens lifetimes by as much, set forward, it ends sessions early.
            max_entries: The number of rows at which new ones are refused.
            allow_in_production: Lets a production configuration use the in-memory form.
        """
        self.layout = KeyLayout.SHARED
        self.volatile = path is None
        self.allow_in_production = allow_in_production
        self.longest_access_ttl = None
        now = counter(clock, durable=path is not None)
        self._database = (
            MemoryDatabase(now, max_entries) if path is None else FileDatabase(Path(path), now, max_entries)
        )
        self.sessions = EmbeddedSessionStore(self._database)
        self.revocation = EmbeddedRevocationStore(self._database)
        self.attempts = EmbeddedAttemptStore(self._database)
        self.rate_limits = EmbeddedRateLimitStore(self._database)
        self.otps = EmbeddedOtpStore(self._database)
        self.proofs = EmbeddedProofStore(self._database)

    async def start(self) -> None:
        """
        Open the database, check it, and remove what expired while nobody used it.

        Raises:
            StoreUnavailable: The file cannot be used; the text says why.
        """
        await self._database.start()

    async def aclose(self) -> None:
        """Close the database; any use after it is `StoreUnavailable`.  Idempotent."""
        await self._database.aclose()
