"""Real servers for what is looked at on the way to them."""

from tests.servers.cluster import redis_cluster, redis_cluster_process
from tests.servers.redis import redis_process, redis_server

__all__ = ["redis_cluster", "redis_cluster_process", "redis_process", "redis_server"]
