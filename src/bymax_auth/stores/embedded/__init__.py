"""The embedded store: every store port on SQLite, in memory or in one file."""

from bymax_auth.stores.embedded.stores import EmbeddedStores

__all__ = ["EmbeddedStores"]
