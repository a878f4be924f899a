"""Port: the bundle of stores that an engine is given."""

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
    bundle unless `allow_in_production` is set.
    """

    @property
    def layout(self) -> KeyLayout: ...
    @property
    def volatile(self) -> bool: ...
    @property
    def allow_in_production(self) -> bool: ...
    @property
    def sessions(self) -> SessionStore: ...
    @property
    def revocation(self) -> RevocationStore: ...
    @property
    def attempts(self) -> AttemptStore: ...
    @property
    def rate_limits(self) -> RateLimitStore: ...
    @property
    def otps(self) -> OtpStore: ...
    @property
    def proofs(self) -> ProofStore | None: ...

    async def start(self) -> None:
        """Open what the stores need and check that it is fit to use."""
        ...

    async def aclose(self) -> None:
        """Close what this bundle opened.  Idempotent."""
        ...
