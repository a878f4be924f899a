"""What the contract tests share: real servers, and every kind of store."""

from tests.contract.racers import racers
from tests.contract.stores import clock, realm, shared_source, store_source, stores

__all__ = ["clock", "racers", "realm", "shared_source", "store_source", "stores"]
