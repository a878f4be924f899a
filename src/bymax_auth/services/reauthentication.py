"""
The current password of a signed-in account, proven once more: a stolen session must not be enough.

    begin ─Locked─▶ refuse (429)
      │
    current password ─wrong─▶ count a failure, refuse
      │ right
    failures forgotten
"""

from dataclasses import dataclass

from bymax_auth.errors import AccountLocked, InvalidCredentials
from bymax_auth.ports.events import EventSink, ReauthenticationLocked, ReauthenticationRefused
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.lockout import Attempt, Lockout
from bymax_auth.services.passwords import Passwords
from bymax_auth.types.identity import Subject

__all__ = ["Reauthentication"]


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
