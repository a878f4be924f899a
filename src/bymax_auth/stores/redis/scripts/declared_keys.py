"""
The way to a Redis that lets a script touch no key that it was not given.

    members read ──▶ script with every key that it will rebuild ──▶ set unchanged ──▶ reply
         ▲                                                              │ changed
         └──────────────────────────── five times ─────────────────────┘

Only the scripts that rebuild keys from the members of a set go this way; it costs them a round trip.
An exchange of a token would do so only to forget dead pointers.  It leaves them, and one exchange in
so many, chosen by its successor's hash, is followed by a pruning of its own.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from bymax_auth.errors import StoreError, StoreUnavailable
from bymax_auth.stores.redis.keys import suffix
from bymax_auth.stores.redis.replies import Word
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import Script, script

__all__ = ["DeclaringServer"]

_logger: Final = logging.getLogger("bymax_auth")

_GUARD: Final = script("declared")
_PRUNE: Final = script("index_prune")
_EXCHANGE: Final = "refresh_rotate"

_TRIES: Final = 5
_STALE: Final = ["STALE"]
_PRUNED_ONE_IN: Final = 64
_NEVER: Final = 0
"""No count of members is a multiple of zero, so no exchange prunes by itself."""


@dataclass(frozen=True, slots=True)
class _Rebuilding:
    """Which key of a script is the set, where its prefixes begin, and what it rebuilds from both."""

    place: int
    prefixes: int
    keys: Callable[[Sequence[str], Sequence[str]], Iterator[str]]


class DeclaringServer(RedisServer):
    """A `RedisServer` whose scripts are given every key that they touch."""

    __slots__ = ()

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Word], *, durable: bool = False
    ) -> list[Any]:
        """
        As `RedisServer.run`, with every key declared.

        Raises:
            StoreUnavailable: Also when the set changed between each reading and its script.
            StoreCorrupt: As there.
        """
        if script.name == _EXCHANGE:
            return await self._exchange(script, keys, arguments, durable=durable)
        rule = _REBUILDING.get(script.name)
        if rule is None or not _rebuilds(script, arguments):
            return await super().run(script, keys, arguments, durable=durable)
        words = [str(word) for word in arguments[rule.prefixes : rule.prefixes + 3]]
        for _ in range(_TRIES):
            found: Any = await self.read("SMEMBERS", keys[rule.place])
            members: list[str] = sorted(found)
            added = list(rule.keys(words, members))
            counts = (len(members), len(added), rule.place + 1)
            reply = await super().run(
                _guarded(script), [*keys, *added], [*arguments, *members, *counts], durable=durable
            )
            if reply != _STALE:
                return reply
        raise StoreUnavailable("An account's sessions changed at every attempt.")

    async def _exchange(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Word], *, durable: bool
    ) -> list[Any]:
        index, head, successor = keys[5], arguments[7], str(arguments[6])
        reply = await super().run(script, keys, [*arguments[:10], _NEVER, *arguments[11:]], durable=durable)
        if reply[0] == "OK" and int(successor[:4], 16) % _PRUNED_ONE_IN == 0:
            try:
                await self.run(_PRUNE, [index], [head])
            except StoreError:
                # The token is exchanged whether or not its account was tidied.
                _logger.warning("Dead pointers of an account were not removed.")
        return reply


@cache
def _guarded(script: Script) -> Script:
    source = _GUARD.source + script.source
    return Script(script.name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


def _rebuilds(script: Script, arguments: Sequence[Word]) -> bool:
    """Only a cap makes a new session touch others."""
    return script.name != "session_create" or int(arguments[8]) > 0


def _of_members(prefixes: Sequence[str], members: Sequence[str]) -> Iterator[str]:
    for member in members:
        yield prefixes[0] + member


def _of_sessions(prefixes: Sequence[str], members: Sequence[str]) -> Iterator[str]:
    head, live, detail = prefixes
    for member in members:
        yield head + member
        prefix, _, name = member.partition(":")
        if prefix == live:
            yield head + suffix(detail, name)


def _of_hashes(prefixes: Sequence[str], members: Sequence[str]) -> Iterator[str]:
    head, live, detail = prefixes
    for name in members:
        yield head + suffix(live, name)
        yield head + suffix(detail, name)


_REBUILDING: Final[Mapping[str, _Rebuilding]] = {
    "index_prune": _Rebuilding(0, 0, _of_members),
    "revoke_all": _Rebuilding(0, 0, _of_sessions),
    "revoke_family": _Rebuilding(0, 0, _of_hashes),
    "session_create": _Rebuilding(1, 9, _of_sessions),
}
