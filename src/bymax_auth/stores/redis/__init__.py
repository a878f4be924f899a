"""The Redis stores: every store port on one Redis, or on a Redis Cluster."""

from bymax_auth.errors.extras import needs_extra

with needs_extra("redis", ("hiredis", "redis")):
    from bymax_auth.stores.redis.connection.connect import Limits
    from bymax_auth.stores.redis.feed.feed import FeedLimits
    from bymax_auth.stores.redis.stores import RedisStores

__all__ = ["FeedLimits", "Limits", "RedisStores"]
