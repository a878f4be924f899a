"""
The scripts that create, rotate, recover and revoke sessions, with their keys and arguments by name.

The order of a named tuple's fields is the order in which the script receives them; the header of the Lua file
repeats it, and nothing else does.  An optional key is the last one, and is not sent when it is ``None``.
"""

from typing import Final, NamedTuple

from bymax_auth.stores.redis.scripts.script import load_script

__all__ = [
    "INDEX_PRUNE",
    "REFRESH_RECOVER",
    "REFRESH_REISSUE",
    "REFRESH_ROTATE",
    "REVOKE_ALL",
    "REVOKE_FAMILY",
    "SESSION_CREATE",
    "SESSION_REVOKE",
    "IndexPruneArguments",
    "IndexPruneKeys",
    "RefreshRecoverArguments",
    "RefreshRecoverKeys",
    "RefreshReissueArguments",
    "RefreshReissueKeys",
    "RefreshRotateArguments",
    "RefreshRotateKeys",
    "RevokeAllArguments",
    "RevokeAllKeys",
    "RevokeFamilyArguments",
    "RevokeFamilyKeys",
    "SessionCreateArguments",
    "SessionCreateKeys",
    "SessionRevokeArguments",
    "SessionRevokeKeys",
]


class SessionCreateKeys(NamedTuple):
    """KEYS of `SESSION_CREATE`."""

    live: str
    account_index: str
    detail: str
    family: str
    epoch: str
    recent_auth: str


class SessionCreateArguments(NamedTuple):
    """ARGV of `SESSION_CREATE`."""

    record: str
    detail: str
    lifetime_ms: int
    family_id: str
    member: str
    token_hash: str
    expected_epoch: str | int
    recent_auth_ms: int
    cap: int
    key_prefix: str
    live_prefix: str
    detail_prefix: str
    epoch_retention_ms: int
    handled_at_once: int


SESSION_CREATE: Final = load_script("session_create", SessionCreateKeys, SessionCreateArguments)
"""Runs a new session."""


class RefreshRotateKeys(NamedTuple):
    """KEYS of `REFRESH_ROTATE`."""

    old_live: str
    new_live: str
    old_grace: str
    old_consumed: str
    family: str
    account_index: str
    old_detail: str
    new_detail: str
    epoch: str


class RefreshRotateArguments(NamedTuple):
    """ARGV of `REFRESH_ROTATE`."""

    record: str
    detail: str
    lifetime_ms: int
    grace_ms: int
    family_id: str
    old_hash: str
    new_hash: str
    key_prefix: str
    live_prefix: str
    grace_prefix: str
    prune_every: int
    consumed_ms: int
    epoch_retention_ms: int


REFRESH_ROTATE: Final = load_script("refresh_rotate", RefreshRotateKeys, RefreshRotateArguments)
"""Runs the rotation of a refresh token."""


class RefreshRecoverKeys(NamedTuple):
    """KEYS of `REFRESH_RECOVER`."""

    old_grace: str
    successor_live: str
    new_live: str
    account_index: str
    new_detail: str
    family: str
    epoch: str


class RefreshRecoverArguments(NamedTuple):
    """ARGV of `REFRESH_RECOVER`."""

    pointer: str
    record: str
    detail: str
    lifetime_ms: int
    family_id: str
    new_hash: str
    live_prefix: str
    epoch_retention_ms: int
    grace_prefix: str
    old_hash: str


REFRESH_RECOVER: Final = load_script("refresh_recover", RefreshRecoverKeys, RefreshRecoverArguments)
"""Runs the recovery of a rotated refresh token."""


class RefreshReissueKeys(NamedTuple):
    """KEYS of `REFRESH_REISSUE`."""

    old_grace: str
    successor_live: str
    successor_grace: str
    account_index: str
    epoch: str


class RefreshReissueArguments(NamedTuple):
    """ARGV of `REFRESH_REISSUE`."""

    old_member: str
    successor_hash: str
    live_prefix: str
    epoch_retention_ms: int


REFRESH_REISSUE: Final = load_script("refresh_reissue", RefreshReissueKeys, RefreshReissueArguments)
"""Runs the check that a rotated refresh token leads to a live successor."""


class SessionRevokeKeys(NamedTuple):
    """KEYS of `SESSION_REVOKE`."""

    account_index: str
    family: str
    live: str
    detail: str


class SessionRevokeArguments(NamedTuple):
    """ARGV of `SESSION_REVOKE`."""

    token_hash: str
    key_prefix: str
    live_prefix: str
    detail_prefix: str


SESSION_REVOKE: Final = load_script("session_revoke", SessionRevokeKeys, SessionRevokeArguments)
"""Runs the revocation of one login."""


class RevokeAllKeys(NamedTuple):
    """KEYS of `REVOKE_ALL`."""

    account_index: str
    epoch: str
    kept_live: str
    kept_family: str
    ended: str
    ended_index: str
    feed: str | None = None


class RevokeAllArguments(NamedTuple):
    """ARGV of `REVOKE_ALL`."""

    key_prefix: str
    live_prefix: str
    detail_prefix: str
    epoch_retention_ms: int
    kept_hash: str
    kept_must_exist: str
    feed_horizon_ms: int
    feed_nonce: str
    handled_at_once: int
    ended_name: str
    set_aside: str
    grace_prefix: str
    exchanges_followed: int


REVOKE_ALL: Final = load_script("revoke_all", RevokeAllKeys, RevokeAllArguments)
"""Runs the revocation of all sessions of an account."""


class RevokeFamilyKeys(NamedTuple):
    """KEYS of `REVOKE_FAMILY`."""

    family: str
    account_index: str | None = None


class RevokeFamilyArguments(NamedTuple):
    """ARGV of `REVOKE_FAMILY`."""

    key_prefix: str
    live_prefix: str
    detail_prefix: str


REVOKE_FAMILY: Final = load_script("revoke_family", RevokeFamilyKeys, RevokeFamilyArguments)
"""Runs the revocation of a session family."""


class IndexPruneKeys(NamedTuple):
    """KEYS of `INDEX_PRUNE`."""

    account_index: str


class IndexPruneArguments(NamedTuple):
    """ARGV of `INDEX_PRUNE`."""

    key_prefix: str
    handled_at_once: int


INDEX_PRUNE: Final = load_script("index_prune", IndexPruneKeys, IndexPruneArguments)
"""Runs the removal of index members without a record."""
