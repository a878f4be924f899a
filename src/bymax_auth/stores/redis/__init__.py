"""The Redis stores: every store port on one Redis, or on a Redis Cluster."""

from bymax_auth.stores.redis.bundle import RedisStores
from bymax_auth.stores.redis.feed import FeedLimits
from bymax_auth.stores.redis.opening import Limits

__all__ = ["FeedLimits", "Limits", "RedisStores"]
