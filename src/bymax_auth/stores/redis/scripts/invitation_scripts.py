"""
The scripts of invitations, with their keys and arguments by name.

The order of a named tuple's fields is the order in which the script receives them; the header of the Lua file
repeats it, and nothing else does.  An optional key is the last one, and is not sent when it is ``None``.
"""

from typing import Final, NamedTuple

from bymax_auth.stores.redis.scripts.script import load_script

__all__ = [
    "INVITE_PUT",
    "INVITE_REVOKE",
    "InvitePutArguments",
    "InvitePutKeys",
    "InviteRevokeArguments",
    "InviteRevokeKeys",
]


class InvitePutKeys(NamedTuple):
    """KEYS of `INVITE_PUT`."""

    invitee_index: str
    record: str
    superseded: str | None = None


class InvitePutArguments(NamedTuple):
    """ARGV of `INVITE_PUT`."""

    seen: str
    token_hash: str
    payload: str
    lifetime_ms: int


INVITE_PUT: Final = load_script("invite_put", InvitePutKeys, InvitePutArguments)
"""Runs the storing of an invitation."""


class InviteRevokeKeys(NamedTuple):
    """KEYS of `INVITE_REVOKE`."""

    invitee_index: str
    record: str


class InviteRevokeArguments(NamedTuple):
    """ARGV of `INVITE_REVOKE`."""

    seen: str


INVITE_REVOKE: Final = load_script("invite_revoke", InviteRevokeKeys, InviteRevokeArguments)
"""Runs the revocation of an invitation."""
