"""
Revoked token ids, token epochs and cached statuses.

Where nobody else changes the rows, the state of a token is read again only after a change: clients present
one token many times, and a query costs more than the rest of an authentication.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.revocation import REVOKED, RevocationListener, TokenState
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.clock_steps import notice_step, was_put_back
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.epochs import checked_epoch, current_epoch, raise_epoch
from bymax_auth.stores.embedded.expiring_values import set_value
from bymax_auth.stores.revocation_listeners import RevocationListeners
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["EmbeddedRevocationStore"]

_STATES_KEPT: Final = 2048

_READ_AT_ONCE: Final = 100
"""Tokens of which the states are read without a pause, less than a millisecond of the event loop's time."""


class EmbeddedRevocationStore:
    """Implements `RevocationStore`."""

    __slots__ = ("_database", "_listeners", "_states")

    def __init__(self, database: Database, listeners: RevocationListeners | None = None) -> None:
        self._database = database
        self._listeners = listeners or RevocationListeners()
        self._states: dict[tuple[str, str], tuple[int, TokenState]] = {}

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        changes, key = self._database.changes, (subject.hash, jti)
        known = self._states.get(key)
        if known is not None and known[0] == changes:
            return known[1]
        state, put_back = await self._database.read(_token_state, *key)
        if put_back:
            await self._database.change(notice_step)
            changes = self._database.changes
            state, _ = await self._database.read(_token_state, *key)
        # A blacklist entry and a cached status expire without a change.  So does an epoch, and with it
        # everything that it could revoke.
        if changes is not None and state.status is None and not state.blacklisted:
            if len(self._states) >= _STATES_KEPT:
                self._states.clear()
            self._states[key] = changes, state
        return state

    async def token_states(self, tokens: Sequence[tuple[Subject, str]]) -> Sequence[TokenState]:
        states: list[TokenState] = []
        for start in range(0, len(tokens), _READ_AT_ONCE):
            part = [(subject.hash, jti) for subject, jti in tokens[start : start + _READ_AT_ONCE]]
            read, put_back = await self._database.read(_token_states, part)
            if put_back:
                await self._database.change(notice_step)
                read, _ = await self._database.read(_token_states, part)
            states += read
            await asyncio.sleep(0)
        return states

    def listen(self, listener: RevocationListener) -> Callable[[], None]:
        return self._listeners.add(listener)

    async def blacklist(self, subject: Subject, jti: str, ttl: timedelta) -> None:
        if (lifetime := milliseconds(ttl)) > 0:
            await self._database.change(_blacklist, jti, lifetime)
            self._listeners.notify(jti)

    async def current_epoch(self, subject: Subject) -> int:
        return await self._database.read(current_epoch, subject.hash)

    async def bump_epoch(self, subject: Subject) -> int:
        epoch = await self._database.change(raise_epoch, subject.hash)
        self._listeners.notify(subject.hash)
        return epoch

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        if subject.realm is Realm.DASHBOARD:
            key, text = _status_key(subject.hash), _status_text(status)
            await self._database.grow(set_value, key, text, milliseconds(ttl))

    async def forget_status(self, subject: Subject) -> None:
        await self._database.change(_forget_status, _status_key(subject.hash))


def _token_state(cursor: sqlite3.Cursor, now: int, subject: str, jti: str) -> tuple[TokenState, bool]:
    """Return the state of a token, and whether the clock was put back, so that it may be too favourable."""
    blacklisted, epoch, status, latest = cursor.execute(
        """SELECT EXISTS (SELECT 1 FROM blacklist WHERE jti = ? AND exp_ms > ?),
                  max(lowest_epoch,
                      coalesce((SELECT value FROM epochs WHERE subject = ? AND exp_ms > ?), 0)),
                  (SELECT value FROM marks WHERE key = ? AND exp_ms > ?), latest_ms
           FROM clock""",
        (jti, now, subject, now, _status_key(subject), now),
    ).fetchone()
    state = TokenState(blacklisted == 1, checked_epoch(epoch), None if status is None else _status(status))
    return state, was_put_back(now, latest)


def _token_states(
    cursor: sqlite3.Cursor, now: int, tokens: Sequence[tuple[str, str]]
) -> tuple[list[TokenState], bool]:
    """Return the states of tokens, each read by one statement, and whether the clock was put back."""
    states: list[TokenState] = []
    any_put_back = False
    for subject, jti in tokens:
        try:
            state, put_back = _token_state(cursor, now, subject, jti)
        except StoreCorrupt:
            state, put_back = REVOKED, False
        states.append(state._replace(status=None))
        any_put_back |= put_back
    return states, any_put_back


def _blacklist(cursor: sqlite3.Cursor, now: int, jti: str, lifetime: int) -> None:
    cursor.execute(
        """INSERT INTO blacklist (jti, exp_ms) VALUES (?, ?)
           ON CONFLICT (jti) DO UPDATE SET exp_ms = max(exp_ms, excluded.exp_ms)""",
        (jti, now + lifetime),
    )


def _forget_status(cursor: sqlite3.Cursor, _now: int, key: str) -> None:
    cursor.execute("DELETE FROM marks WHERE key = ?", (key,))


def _status_key(subject: str) -> str:
    return "us:" + subject


def _status_text(status: CachedStatus) -> str:
    """Return both facts as one value, so that they expire and are dropped together."""
    verified = "-" if status.email_verified is None else "1" if status.email_verified else "0"
    return verified + status.status


def _status(text: str) -> CachedStatus:
    return CachedStatus(text[1:], None if text[0] == "-" else text[0] == "1")
