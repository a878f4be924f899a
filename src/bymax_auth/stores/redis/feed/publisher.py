"""How a revocation is published to the feed: the key and arguments that revoking scripts take for it."""

import math
import secrets
import time
from collections.abc import Callable
from typing import Final

__all__ = ["RevocationPublisher"]


class RevocationPublisher:
    """The stream that revoking scripts append to; without a stream they append nothing."""

    __slots__ = ("_monotonic", "horizon_ms", "last_published_at", "stream")

    def __init__(
        self,
        stream: str | None = None,
        horizon_ms: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Publish to `stream` what readers keep for `horizon_ms`.

        Args:
            stream: The key of the stream, or ``None`` for a deployment without a feed.
            horizon_ms: How long an access token can live, in milliseconds.
            monotonic: Seconds of a monotonic clock.
        """
        self.stream: Final = stream
        self.horizon_ms: Final = horizon_ms
        self.last_published_at = -math.inf
        self._monotonic = monotonic

    def new_nonce(self) -> str:
        """Return a nonce for one entry; none is needed without a stream."""
        return "" if self.stream is None else secrets.token_hex(8)

    def record_published(self) -> None:
        """Let this process use its cache again only after a read that begins after this revocation."""
        self.last_published_at = self._monotonic()
