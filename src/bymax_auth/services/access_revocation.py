"""
Ends what a replaced password has given to whoever had it.

    end a pending enrolment ──▶ write the password ──▶ end sessions ‖ an enrolment that was stored meanwhile

The secret and the recovery codes of a pending enrolment were shown, and would be shown again to the owner
who enrols next.  It ends before the write as well, so that nobody confirms it while sessions end or if that
fails.
"""

from dataclasses import dataclass

from bymax_auth.ports.mfa import MfaStore
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.services.waiting import together
from bymax_auth.types.identity import Subject, TokenRef

__all__ = ["AccessRevocation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRevocation:
    """Ends the sessions and the pending enrolment of an account; `mfa` is ``None`` where nobody can enrol."""

    sessions: SessionStore
    mfa: MfaStore | None

    async def __call__(self, subject: Subject, *, kept: TokenRef | None = None) -> None:
        """
        End them, after the write; the session of `kept`, live or just exchanged, stays.

        Raises:
            StoreUnavailable: A store did not answer.
        """
        if self.mfa is None:
            await self._end_sessions(subject, kept)
        else:
            await together(self._end_sessions(subject, kept), self.mfa.take_setup(subject))

    async def before_write(self, subject: Subject) -> None:
        """
        End a pending enrolment.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        if self.mfa is not None:
            await self.mfa.take_setup(subject)

    async def _end_sessions(self, subject: Subject, kept: TokenRef | None) -> None:
        if kept is None:
            await self.sessions.revoke_all(subject)
        else:
            await self.sessions.revoke_all_except(subject, kept.hash, must_exist=False)
