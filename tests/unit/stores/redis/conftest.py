"""A real server for each test of the Redis stores."""

from tests.servers.redis import redis_process, redis_server

__all__ = ["redis_process", "redis_server"]
