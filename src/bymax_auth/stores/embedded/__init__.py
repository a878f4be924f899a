"""The embedded store: every store port on SQLite, in memory or in one file."""

from bymax_auth.stores.embedded.bundle import EmbeddedStores

__all__ = ["EmbeddedStores"]
