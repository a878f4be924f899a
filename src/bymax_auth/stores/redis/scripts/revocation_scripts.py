"""
The scripts of access tokens, statuses and the feed, with their keys and arguments by name.

The order of a named tuple's fields is the order in which the script receives them; the header of the Lua file
repeats it, and nothing else does.  An optional key is the last one, and is not sent when it is ``None``.
"""

from typing import Final, NamedTuple

from bymax_auth.stores.redis.scripts.script import load_script

__all__ = [
    "BLACKLIST",
    "EPOCH_BUMP",
    "FEED_READ",
    "STATUS_FORGET",
    "STATUS_PUT",
    "BlacklistArguments",
    "BlacklistKeys",
    "EpochBumpArguments",
    "EpochBumpKeys",
    "FeedReadArguments",
    "FeedReadKeys",
    "StatusForgetArguments",
    "StatusForgetKeys",
    "StatusPutArguments",
    "StatusPutKeys",
]


class BlacklistKeys(NamedTuple):
    """KEYS of `BLACKLIST`."""

    token: str
    feed: str | None = None


class BlacklistArguments(NamedTuple):
    """ARGV of `BLACKLIST`."""

    lifetime_ms: int
    feed_horizon_ms: int
    feed_nonce: str


BLACKLIST: Final = load_script("blacklist", BlacklistKeys, BlacklistArguments)
"""Runs the revocation of one access token."""


class EpochBumpKeys(NamedTuple):
    """KEYS of `EPOCH_BUMP`."""

    epoch: str
    feed: str | None = None


class EpochBumpArguments(NamedTuple):
    """ARGV of `EPOCH_BUMP`."""

    epoch_retention_ms: int
    feed_horizon_ms: int
    feed_nonce: str


EPOCH_BUMP: Final = load_script("epoch_bump", EpochBumpKeys, EpochBumpArguments)
"""Runs a raised token epoch."""


class StatusPutKeys(NamedTuple):
    """KEYS of `STATUS_PUT`."""

    status: str
    email_verified: str


class StatusPutArguments(NamedTuple):
    """ARGV of `STATUS_PUT`."""

    status: str
    email_verified: str
    lifetime_ms: int


STATUS_PUT: Final = load_script("status_put", StatusPutKeys, StatusPutArguments)
"""Runs a cached account status."""


class StatusForgetKeys(NamedTuple):
    """KEYS of `STATUS_FORGET`."""

    status: str
    email_verified: str
    feed: str | None = None


class StatusForgetArguments(NamedTuple):
    """ARGV of `STATUS_FORGET`."""

    feed_horizon_ms: int
    feed_nonce: str


STATUS_FORGET: Final = load_script("status_forget", StatusForgetKeys, StatusForgetArguments)
"""Runs a cached account status that is dropped."""


class FeedReadKeys(NamedTuple):
    """KEYS of `FEED_READ`."""

    stream: str
    absent_key: str


class FeedReadArguments(NamedTuple):
    """ARGV of `FEED_READ`."""

    last_id: str
    last_nonce: str
    max_entries: int
    horizon_ms: int
    begin_nonce: str


FEED_READ: Final = load_script("feed_read", FeedReadKeys, FeedReadArguments)
"""Runs a read of the revocation feed."""
