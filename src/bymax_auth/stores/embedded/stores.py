"""
The embedded store, ready to pass to the engine.

    stores = EmbeddedStores()              # in memory: lost when the process ends
    stores = EmbeddedStores("auth.db")     # one file, shared by the processes of one host
"""

import os
from pathlib import Path

from bymax_auth.ports.clock import Clock
from bymax_auth.stores.durations import duration
from bymax_auth.stores.embedded.attempts import EmbeddedAttemptStore
from bymax_auth.stores.embedded.expiry_clock import expiry_clock
from bymax_auth.stores.embedded.file_database import FileDatabase
from bymax_auth.stores.embedded.in_memory_database import InMemoryDatabase
from bymax_auth.stores.embedded.mfa import EmbeddedMfaStore
from bymax_auth.stores.embedded.otps import EmbeddedOtpStore
from bymax_auth.stores.embedded.proofs import EmbeddedProofStore
from bymax_auth.stores.embedded.rate_limits import EmbeddedRateLimitStore
from bymax_auth.stores.embedded.revocation import EmbeddedRevocationStore
from bymax_auth.stores.embedded.sessions import EmbeddedSessionStore
from bymax_auth.stores.embedded.transactions import count_entries
from bymax_auth.stores.private_files import exposed_files
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
        busy_timeout_ms: int = 5_000,
        allow_in_production: bool = False,
    ) -> None:
        """
        Configure the store; no file is opened before `start` or the first use.

        Args:
            path: The file, created with mode 0600 when it is missing, on a local disk; ``None``
                keeps everything in memory.
            clock: Decides expiry.  A file uses the wall clock by default: setting it forward ends sessions
                early, setting it back lengthens those that began meanwhile by as much.  By more than a minute
                it also ends every access token, code and link, as `clock_steps` lists.
            max_entries: The number of rows at which sign-ins are refused.  Counters of requests, of failed
                attempts and of mail, which anybody can add to, are not among them: of each kind there are at
                most a quarter as many beside them, and a new one displaces an old one.
            busy_timeout_ms: How long an operation on a file waits for another connection's lock.
            allow_in_production: Allow an in-memory store in a production configuration.
        """
        self.layout = KeyLayout.SHARED
        self._path = None if path is None else Path(path)
        self.volatile = path is None
        self.allow_in_production = allow_in_production
        self.longest_access_ttl = None
        now = expiry_clock(clock, durable=path is not None)
        self._database = (
            InMemoryDatabase(now, max_entries)
            if path is None
            else FileDatabase(Path(path), now, max_entries, duration(busy_timeout_ms))
        )
        self._max_entries = max_entries
        self.sessions = EmbeddedSessionStore(self._database)
        self.revocation = EmbeddedRevocationStore(self._database)
        self.attempts = EmbeddedAttemptStore(self._database)
        self.rate_limits = EmbeddedRateLimitStore(self._database)
        self.otps = EmbeddedOtpStore(self._database)
        self.proofs = EmbeddedProofStore(self._database)
        self.mfa = EmbeddedMfaStore(self._database)

    @property
    def exposed_files(self) -> tuple[str, ...]:
        """The files of the store that every user of the machine may read; in production they are refused."""
        return () if self._path is None else exposed_files(self._path)

    async def start(self) -> None:
        """
        Open the database, check it, and remove the rows that have expired.

        Raises:
            StoreUnavailable: The file cannot be used; the text says why.
        """
        await self._database.start()

    async def has_room(self) -> bool:
        """
        Say whether a sign-in finds room: there are fewer than `max_entries` rows.

        Raises:
            StoreUnavailable: The file cannot be used.
        """
        return await self._database.read(count_entries) < self._max_entries

    async def aclose(self) -> None:
        """Close the database; later use raises `StoreUnavailable`.  Idempotent."""
        await self._database.aclose()
