"""Port: the stores that an engine is given, as one object."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

from bymax_auth.ports.attempts import AttemptStore, RateLimitStore
from bymax_auth.ports.mfa import MfaStore
from bymax_auth.ports.one_time import OtpStore, ProofStore
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.types.identity import KeyLayout

__all__ = ["AuthStores", "BoundedStores"]


class AuthStores(Protocol):
    """
    Every store of one deployment, opened and closed together.

    `volatile` says that the data is lost with the process; production refuses such
    stores unless `allow_in_production` is set.  An engine whose access tokens live longer than
    `longest_access_ttl` is refused.
    """

    @property
    def layout(self) -> KeyLayout:
        """The layout of keys."""
        ...

    @property
    def volatile(self) -> bool:
        """Whether the data ends with the process."""
        ...

    @property
    def allow_in_production(self) -> bool:
        """Whether volatile stores are accepted in production."""
        ...

    @property
    def longest_access_ttl(self) -> timedelta | None:
        """The longest lifetime of an access token whose revocation is kept; ``None`` for any."""
        ...

    @property
    def sessions(self) -> SessionStore:
        """Refresh sessions."""
        ...

    @property
    def revocation(self) -> RevocationStore:
        """Revocation of access tokens."""
        ...

    @property
    def attempts(self) -> AttemptStore:
        """Counters of failed attempts."""
        ...

    @property
    def rate_limits(self) -> RateLimitStore:
        """Counters of requests."""
        ...

    @property
    def otps(self) -> OtpStore:
        """One-time codes."""
        ...

    @property
    def proofs(self) -> ProofStore | None:
        """Single-use tokens; ``None`` when they are not kept."""
        ...

    @property
    def mfa(self) -> MfaStore | None:
        """The state of the second factor; ``None`` when it is not kept."""
        ...

    async def start(self) -> None:
        """
        Open connections and files, and check that they can be used.

        It may be called again after `aclose`, on another event loop: the same stores can be used then.
        """
        ...

    async def aclose(self) -> None:
        """Close what these stores opened.  Idempotent."""
        ...


@runtime_checkable
class BoundedStores(Protocol):
    """Stores that can be full, and say so."""

    async def has_room(self) -> bool:
        """
        Say whether a sign-in finds room.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        ...
