"""
Runs scripts on a Redis that lets them access no undeclared key.

    set members read ──▶ script with every key that it will access ──▶ set unchanged ──▶ reply
          ▲                                                               │ changed
          └───────────────────────── at most five times ──────────────────┘

Only the scripts that build keys from the members of a set need the extra round trip.  A rotation builds such
keys only to remove dead grace pointers from the account's index.  Here it does not remove them, and one
rotation in 64, chosen by its successor's hash, is followed by a separate prune.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from bymax_auth.errors import StoreError, StoreUnavailable
from bymax_auth.stores.redis.keys import suffix
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.script import ArgumentsT, KeysT, Script, read_source, sha1_of
from bymax_auth.stores.redis.scripts.session_scripts import (
    INDEX_PRUNE,
    IndexPruneArguments,
    IndexPruneKeys,
    RefreshRotateArguments,
    RefreshRotateKeys,
    RevokeAllArguments,
    RevokeAllKeys,
    RevokeFamilyArguments,
    RevokeFamilyKeys,
    SessionCreateArguments,
    SessionCreateKeys,
    SessionRevokeArguments,
    SessionRevokeKeys,
)
from bymax_auth.stores.session_details import HANDLED_AT_ONCE

__all__ = ["DeclaredKeysExecutor"]

_logger: Final = logging.getLogger("bymax_auth")

_GUARD: Final = read_source("declared")

_TRIES: Final = 5
_STALE: Final = ["STALE"]
_PRUNE_ONE_ROTATION_IN: Final = 64
_NEVER: Final = 0
"""As the interval of prunes: no number of members is a multiple of zero."""


@dataclass(frozen=True, slots=True)
class _MemberKeys:
    """The set whose members a script builds keys from, and the prefixes of those keys."""

    set_key: str = field(repr=False)
    key_prefix: str
    live_prefix: str = ""
    detail_prefix: str = ""
    holds_hashes: bool = False
    """Whether the members are token hashes, and not suffixes of keys."""

    def built_from(self, members: Sequence[str]) -> Iterator[str]:
        """Return the keys that the script builds from these members."""
        for member in members:
            if self.holds_hashes:
                yield self.key_prefix + suffix(self.live_prefix, member)
                yield self.key_prefix + suffix(self.detail_prefix, member)
                continue
            yield self.key_prefix + member
            prefix, _, token_hash = member.partition(":")
            if prefix == self.live_prefix:
                yield self.key_prefix + suffix(self.detail_prefix, token_hash)


class DeclaredKeysExecutor(ScriptExecutor):
    """A `ScriptExecutor` that declares every key that a script accesses."""

    __slots__ = ()

    async def run(
        self,
        script: Script[..., KeysT, ..., ArgumentsT],
        keys: KeysT,
        arguments: ArgumentsT,
        *,
        durable: bool = False,
    ) -> list[Any]:
        """
        Run a script as `ScriptExecutor.run` does, with every key declared.

        Raises:
            StoreUnavailable: Also when the set changed between each read and the script that followed.
            StoreCorrupt: As in `ScriptExecutor.run`.
        """
        if isinstance(keys, RefreshRotateKeys) and isinstance(arguments, RefreshRotateArguments):
            reply = await super().run(script, keys, arguments._replace(prune_every=_NEVER), durable=durable)
            await self._prune_sometimes(reply, keys, arguments)
            return reply
        found = _member_keys(keys, arguments)
        if found is None:
            return await super().run(script, keys, arguments, durable=durable)
        if not found.holds_hashes and await self._is_large(found.set_key):
            return await self._run_on_large_index(script, keys, arguments, durable=durable)
        return await self._run_declared(script, keys, arguments, found, durable=durable)

    async def _run_declared(
        self,
        script: Script[..., KeysT, ..., ArgumentsT],
        keys: KeysT,
        arguments: ArgumentsT,
        found: _MemberKeys,
        *,
        durable: bool,
    ) -> list[Any]:
        guarded = _guarded(script)
        present = [key for key in keys if key is not None]
        position = present.index(found.set_key) + 1
        for _ in range(_TRIES):
            read: Any = await self.read("SMEMBERS", found.set_key)
            members: list[str] = sorted(read)
            added = list(found.built_from(members))
            count = len(present) + len(added)
            declared = (*members, len(members), len(added), position)
            command: Any = ("EVALSHA", guarded.sha, count, *present, *added, *arguments, *declared)
            reply = await self._run(guarded, command, durable=durable)
            if reply != _STALE:
                return reply
        raise StoreUnavailable("The sessions of an account changed at every attempt.")

    async def _is_large(self, index: str) -> bool:
        size: Any = await self.read("SCARD", index)
        return int(size) > HANDLED_AT_ONCE

    async def _run_on_large_index(
        self,
        script: Script[..., KeysT, ..., ArgumentsT],
        keys: KeysT,
        arguments: ArgumentsT,
        *,
        durable: bool,
    ) -> list[Any]:
        """Run a script so that it builds no key from the members of an index with too many to declare."""
        given: Any = arguments
        if isinstance(given, IndexPruneArguments):
            return ["OK", 0]
        if isinstance(given, SessionCreateArguments):
            _logger.warning("An account has too many sessions to evict the oldest; end all of them once.")
            given = given._replace(cap=0)
        else:
            given = given._replace(set_aside="aside", exchanges_followed=0)
        return await super().run(script, keys, given, durable=durable)

    async def _prune_sometimes(
        self, reply: list[Any], keys: RefreshRotateKeys, arguments: RefreshRotateArguments
    ) -> None:
        if reply[0] == "OK" and int(arguments.new_hash[:4], 16) % _PRUNE_ONE_ROTATION_IN == 0:
            try:
                await self.run(
                    INDEX_PRUNE,
                    INDEX_PRUNE.keys(account_index=keys.account_index),
                    INDEX_PRUNE.arguments(key_prefix=arguments.key_prefix, handled_at_once=HANDLED_AT_ONCE),
                )
            except StoreError:
                # The rotation stands whether or not the prune succeeds.
                _logger.warning("Dead grace pointers of an account were not removed.")


@cache
def _guarded(script: Script[..., KeysT, ..., ArgumentsT]) -> Script[..., KeysT, ..., ArgumentsT]:
    source = _GUARD + script.source
    return replace(script, source=source, sha=sha1_of(source))


def _member_keys(keys: tuple[Any, ...], arguments: tuple[Any, ...]) -> _MemberKeys | None:
    """Return which keys a script builds, ``None`` when it builds none."""
    match keys, arguments:
        case IndexPruneKeys(), IndexPruneArguments():
            return _MemberKeys(keys.account_index, arguments.key_prefix)
        case RevokeAllKeys(), RevokeAllArguments():
            return _of_account(keys, arguments)
        case RevokeFamilyKeys(), RevokeFamilyArguments():
            return _of_family(keys, arguments)
        case SessionRevokeKeys(), SessionRevokeArguments():
            return _of_family(keys, arguments)
        case SessionCreateKeys(), SessionCreateArguments(cap=cap) if cap > 0:
            # Without a cap a new session accesses no other session.
            return _of_account(keys, arguments)
        case _:
            return None


def _of_family(
    keys: RevokeFamilyKeys | SessionRevokeKeys, arguments: RevokeFamilyArguments | SessionRevokeArguments
) -> _MemberKeys:
    prefixes = arguments.key_prefix, arguments.live_prefix, arguments.detail_prefix
    return _MemberKeys(keys.family, *prefixes, holds_hashes=True)


def _of_account(
    keys: RevokeAllKeys | SessionCreateKeys, arguments: RevokeAllArguments | SessionCreateArguments
) -> _MemberKeys:
    prefixes = arguments.key_prefix, arguments.live_prefix, arguments.detail_prefix
    return _MemberKeys(keys.account_index, *prefixes)
