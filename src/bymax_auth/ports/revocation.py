"""
Port: revocation of access tokens, and the cached status that guards read.

Implemented by `bymax_auth.stores.embedded` and `bymax_auth.stores.redis`; every implementation must pass
``tests/contract/test_revocation_store.py``.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple, Protocol

from bymax_auth.types.identity import Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["EPOCH_RETENTION", "REVOKED", "RevocationListener", "RevocationStore", "TokenState"]

EPOCH_RETENTION = timedelta(seconds=2_592_000)
"""How long an epoch stays readable after its last bump; no access token lives longer."""


class TokenState(NamedTuple):
    """Everything that decides about a verified access token, read in one step."""

    blacklisted: bool
    epoch: int
    status: CachedStatus | None


REVOKED: Final = TokenState(blacklisted=True, epoch=0, status=None)
"""The state of a token of which the store cannot read whether it was revoked."""

RevocationListener = Callable[[str | None], None]
"""Called with a revoked token's id or a revoked account's digest, ``None`` when it may be anything."""


class RevocationStore(Protocol):
    """Blacklisted token ids, token epochs, cached statuses."""

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        """
        Return blacklist, epoch (0 when none) and cached status in one round trip.

        Raises:
            StoreUnavailable: The store did not answer; the caller refuses the request.
            StoreCorrupt: The epoch is not a number.
        """
        ...

    async def token_states(self, tokens: Sequence[tuple[Subject, str]]) -> Sequence[TokenState]:
        """
        Return blacklist and epoch of many tokens in order, without cached statuses, in few round trips.

        A token whose epoch is not a number counts as blacklisted: one damaged record must not leave every
        other token unanswered.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        ...

    def listen(self, listener: RevocationListener) -> Callable[[], None] | None:
        """
        Call `listener` at each revocation that the store is told of, until the result is called.

        It may be called on any thread, and must return at once.  The store may not be told of what other
        processes revoke, so whoever listens also asks at intervals.

        Returns:
            None when the store is told of nothing.
        """
        ...

    async def blacklist(self, subject: Subject, jti: str, ttl: timedelta) -> None:
        """Refuse the token id for `ttl`; zero or less does nothing."""
        ...

    async def current_epoch(self, subject: Subject) -> int:
        """Return the account's epoch, 0 when it has none.  Never creates one."""
        ...

    async def bump_epoch(self, subject: Subject) -> int:
        """Raise the epoch and return it; it stays readable for `EPOCH_RETENTION` from now."""
        ...

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        """Cache a status that was just read; nothing is cached for a platform account."""
        ...

    async def forget_status(self, subject: Subject) -> None:
        """Drop the cached status.  Idempotent."""
        ...
