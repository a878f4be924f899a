"""
The current password of a signed-in account, proven once more: a stolen session must not be enough.

    begin ─Locked─▶ refuse (429)
      │
    current password ─wrong─▶ count a failure, refuse
      │ right
    failures forgotten

An account without a password must have signed in recently instead, where the flow allows that.
"""

from dataclasses import dataclass

from bymax_auth.errors import AccountLocked, InvalidCredentials, ReauthenticationRequired
from bymax_auth.ports.events import AccountEvent, EventSink, ReauthenticationLocked, ReauthenticationRefused
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.lockout import Attempt, Lockout
from bymax_auth.services.passwords import Passwords
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Subject

__all__ = ["Reauthentication", "RecentAuthentication"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reauthentication:
    """The check of one flow, which has a counter of its own; `refused` and `locked` are its events."""

    flow: str
    refused: type[ReauthenticationRefused]
    locked: type[ReauthenticationLocked]
    identifiers: Identifiers
    lockout: Lockout
    passwords: Passwords
    events: EventSink

    async def prove(self, subject: Subject, password: str, stored: str) -> None:
        """
        Return if `password` is the one of the hash `stored`.

        Raises:
            InvalidCredentials: It is not.
            AccountLocked: Too many were not; `retry_after` says for how long.
            TooManyRequests: Too many checks of this account are in flight.
            Overloaded: Password hashing is at its bound.
            StoreUnavailable: A store did not answer.
        """
        async with await self._begin(subject) as attempt:
            verdict = await self.passwords.verify(password, stored, client=subject.hash, attempt=attempt)
            if verdict.matched:
                await attempt.ok()
                return
            self.events.emit(
                self.refused(user_id=subject.user_id, tenant_id=subject.tenant_id, flow=self.flow)
            )
            await attempt.fail()
            raise InvalidCredentials

    async def _begin(self, subject: Subject) -> Attempt:
        try:
            return await self.lockout.begin(self.identifiers.reauthentication_counter(self.flow, subject))
        except AccountLocked:
            self.events.emit(
                self.locked(user_id=subject.user_id, tenant_id=subject.tenant_id, flow=self.flow)
            )
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentAuthentication:
    """The check of flows that accounts without a password may use, too; `not_recent` is its event."""

    reauthentication: Reauthentication
    sessions: SessionStore
    not_recent: type[AccountEvent]

    async def prove(self, subject: Subject, user: AuthUser, password: str | None) -> None:
        """
        Return if `password` is the user's, or the user has none and has signed in recently.

        Raises:
            InvalidCredentials: The password is missing or wrong.
            ReauthenticationRequired: The user has no password, and the sign-in is not recent.
            AccountLocked, TooManyRequests, Overloaded, StoreUnavailable: As `Reauthentication.prove`.
        """
        if user.password_hash is not None:
            # A missing password is verified like a wrong one, and takes as long.
            await self.reauthentication.prove(subject, password or "", user.password_hash)
        elif not await self.sessions.has_recent_auth(subject):
            event = self.not_recent(user_id=subject.user_id, tenant_id=subject.tenant_id)
            self.reauthentication.events.emit(event)
            raise ReauthenticationRequired
