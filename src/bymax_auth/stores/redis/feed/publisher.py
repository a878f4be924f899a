"""How a revocation reaches the feed: what the revoking scripts are given for it."""

import math
import secrets
import time
from collections.abc import Callable
from typing import Final

from bymax_auth.stores.redis.replies import Word

__all__ = ["Announcer"]


class Announcer:
    """The stream that scripts append to; without one they append nowhere."""

    __slots__ = ("_monotonic", "horizon", "settled_at", "stream")

    def __init__(
        self,
        stream: str | None = None,
        horizon: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Announce on `stream` what memories keep for `horizon` milliseconds.

        Args:
            stream: The key of the stream, or ``None`` for a deployment without a feed.
            horizon: How long an access token can live.
            monotonic: Seconds on a counter that never steps back.
        """
        self.stream: Final = stream
        self.horizon: Final = horizon
        self.settled_at = -math.inf
        self._monotonic = monotonic

    def keys(self) -> list[str]:
        """Return the keys that a revoking script takes after its own."""
        return [] if self.stream is None else [self.stream]

    def words(self) -> list[Word]:
        """Return the arguments that a revoking script takes after its own."""
        return [] if self.stream is None else [self.horizon, secrets.token_hex(8)]

    def drain(self) -> None:
        """Let memory answer only from a read that begins after this revocation."""
        self.settled_at = self._monotonic()
