"""What the contract tests share: a real database server, and every kind of store."""

from tests.contract.postgres import postgres_url
from tests.contract.racers import racers
from tests.contract.stores import clock, realm, store_source, stores

__all__ = ["clock", "postgres_url", "racers", "realm", "store_source", "stores"]
