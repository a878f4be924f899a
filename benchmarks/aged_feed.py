"""A revocation feed as a deployment has it that is older than one access token."""

import time
from typing import Any, Final

from redis import Redis

from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.redis import FeedLimits
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.types.identity import KeyLayout

__all__ = ["age", "asked_of"]

_STREAM: Final = KeyBuilder("auth", KeyLayout.SHARED).key("feed", "revocations", "feed")


def age(address: str) -> None:
    """Begin the stream one horizon ago: until that has passed a feed asks Redis, and is no feed."""
    began = time.time() * 1000 - milliseconds(FeedLimits().horizon)
    with _client(address) as client:
        client.xadd(_STREAM, {"k": "begin", "v": "", "x": 0, "n": "aged", "h": 0}, id=f"{began:.0f}-0")


def asked_of(address: str) -> int:
    """Return how often that server was asked about a token so far, by any process."""
    with _client(address) as client:
        return int(client.info("commandstats").get("cmdstat_mget", {}).get("calls", 0))


def _client(address: str) -> Any:
    clients: Any = Redis
    return clients.from_url(address)
