"""Port: the bundle of stores that an engine is given."""

from datetime import timedelta
from typing import Protocol

from bymax_auth.ports.attempts import AttemptStore, RateLimitStore
from bymax_auth.ports.one_time import OtpStore, ProofStore
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.types.identity import KeyLayout

__all__ = ["AuthStores"]


class AuthStores(Protocol):
    """
    Every store of one deployment, opened and closed together.

    `volatile` says that the data does not outlive the process; production refuses such a
    bundle unless `allow_in_production` is set.  An engine whose access tokens live longer than
    `longest_access_ttl` is refused.
    """

    @property
    def layout(self) -> KeyLayout:
        """How keys are spelled."""
        ...

    @property
    def volatile(self) -> bool:
        """Whether the data ends with the process."""
        ...

    @property
    def allow_in_production(self) -> bool:
        """Whether a volatile bundle is accepted in production all the same."""
        ...

    @property
    def longest_access_ttl(self) -> timedelta | None:
        """The longest life of an access token that stays taken back here; ``None`` for any."""
        ...

    @property
    def sessions(self) -> SessionStore:
        """Refresh sessions."""
        ...

    @property
    def revocation(self) -> RevocationStore:
        """What takes access tokens back."""
        ...

    @property
    def attempts(self) -> AttemptStore:
        """Guesses at secrets."""
        ...

    @property
    def rate_limits(self) -> RateLimitStore:
        """Requests of clients."""
        ...

    @property
    def otps(self) -> OtpStore:
        """One-time codes."""
        ...

    @property
    def proofs(self) -> ProofStore | None:
        """Single-use tokens; ``None`` in a bundle without them."""
        ...

    async def start(self) -> None:
        """Open what the stores need and check that it is fit to use."""
        ...

    async def aclose(self) -> None:
        """Close what this bundle opened.  Idempotent."""
        ...
