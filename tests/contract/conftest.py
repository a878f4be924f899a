"""What the contract tests share: real servers, and every kind of store."""

from tests.contract.mariadb import mariadb_url
from tests.contract.postgres import postgres_url
from tests.contract.racers import racers
from tests.contract.stores import clock, realm, shared_source, store_source, stores
from tests.servers.cluster import redis_cluster, redis_cluster_process
from tests.servers.redis import redis_process, redis_server

__all__ = [
    "clock",
    "mariadb_url",
    "postgres_url",
    "racers",
    "realm",
    "redis_cluster",
    "redis_cluster_process",
    "redis_process",
    "redis_server",
    "shared_source",
    "store_source",
    "stores",
]
