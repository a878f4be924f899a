"""
The scripts of the second factor, with their keys and arguments by name.

The order of a named tuple's fields is the order in which the script receives them; the header of the Lua file
repeats it, and nothing else does.
"""

from typing import Final, NamedTuple

from bymax_auth.stores.redis.scripts.script import load_script

__all__ = [
    "MFA_CHALLENGE",
    "RELEASE_LOCK",
    "MfaChallengeArguments",
    "MfaChallengeKeys",
    "ReleaseLockArguments",
    "ReleaseLockKeys",
]


class MfaChallengeKeys(NamedTuple):
    """KEYS of `MFA_CHALLENGE`."""

    code: str
    temp_token: str


class MfaChallengeArguments(NamedTuple):
    """ARGV of `MFA_CHALLENGE`."""

    lifetime_ms: int
    nonce: str


MFA_CHALLENGE: Final = load_script("mfa_challenge", MfaChallengeKeys, MfaChallengeArguments)
"""Runs the use of a code with its temporary token."""


class ReleaseLockKeys(NamedTuple):
    """KEYS of `RELEASE_LOCK`."""

    lock: str


class ReleaseLockArguments(NamedTuple):
    """ARGV of `RELEASE_LOCK`."""

    nonce: str


RELEASE_LOCK: Final = load_script("release_lock", ReleaseLockKeys, ReleaseLockArguments)
"""Runs the end of a lock."""
