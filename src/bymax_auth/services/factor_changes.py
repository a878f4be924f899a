"""
The change of an account's second factor: one at a time, on the account as it is now.

    lock ──held by another──▶ refuse, to be retried
      │
    read the account again ──▶ compute ──nothing to change──▶ leave
      │
    8 of 10 seconds over? ──yes──▶ refuse, nothing was written
      │ no
    write ──▶ withdraw, where the account has changed ──▶ release the lock, if it is still this change's

Rule 1: every write of a second factor goes through here, so no change restores what another one replaced.
Rule 2: the lock expires by itself; a change that was slow must not write, because another may have begun.
Rule 3: a failing release changes no outcome, because what was written is written.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.config.constants import MFA_LOCK_NONCE_BYTES, MFA_LOCK_TTL
from bymax_auth.errors import InternalError, MfaStateConflict
from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import BackgroundTaskFailed, FactorLockLost
from bymax_auth.ports.mfa import MfaStore
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.services.waiting import together
from bymax_auth.types.account import Account, UpdateMfaData
from bymax_auth.types.identity import Subject

__all__ = ["FactorChanges"]

_WRITE_UNTIL: Final = MFA_LOCK_TTL - timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChanges:
    """Applies changes to the second factors of one realm's accounts."""

    accounts: Accounts
    store: MfaStore
    clock: Clock
    failures: FailureReporter

    async def apply(
        self,
        subject: Subject,
        change: Callable[[Account | None], UpdateMfaData | None],
        *,
        alongside: Awaitable[object] | None = None,
        withdraw: Callable[[Account | None], UpdateMfaData | None] | None = None,
    ) -> None:
        """
        Lock the account, and write what `change` returns for it, if it returns anything.

        Call it in a shielded task: a change that was begun must end.  `change` may raise, to refuse;
        `alongside` is awaited together with the lock.  `withdraw` is given the account as it is after the
        write, and what it returns is written instead.

        Raises:
            MfaStateConflict: Another change holds the lock, this one took too long, or it was withdrawn.
            StoreUnavailable: The store did not answer.
            RepositoryBackendError: The repository failed.
        """
        nonce = secrets.token_hex(MFA_LOCK_NONCE_BYTES)
        write_until = self.clock.monotonic() + _WRITE_UNTIL.total_seconds()
        locking = self.store.acquire_lock(subject, nonce, MFA_LOCK_TTL)
        held = await locking if alongside is None else (await together(alongside, locking))[1]
        if not held:
            raise MfaStateConflict
        try:
            data = change(await self._read(subject))
            if data is None:
                return
            if self.clock.monotonic() >= write_until:
                raise MfaStateConflict
            await self._write(subject, data)
            if withdraw is not None:
                await self._withdraw(subject, withdraw, write_until)
        finally:
            await self._release(subject, nonce)

    async def _withdraw(
        self,
        subject: Subject,
        withdraw: Callable[[Account | None], UpdateMfaData | None],
        write_until: float,
    ) -> None:
        try:
            instead = withdraw(await self._read(subject))
        except InternalError:
            return  # what was written is valid, and the account can hardly have changed at this moment
        # Once the lock may have expired, another change may have begun.
        if instead is not None and self.clock.monotonic() < write_until:
            await self._write(subject, instead)
            raise MfaStateConflict

    async def _read(self, subject: Subject) -> Account | None:
        return await self.accounts.find(subject.user_id, tenant_id=subject.tenant_id)

    async def _write(self, subject: Subject, data: UpdateMfaData) -> None:
        await self.accounts.update_mfa(subject.user_id, data, tenant_id=subject.tenant_id)

    async def _release(self, subject: Subject, nonce: str) -> None:
        try:
            still_held = await self.store.release_lock(subject, nonce)
        except Exception as error:  # noqa: BLE001 - the lock expires by itself
            event = BackgroundTaskFailed(origin="mfa.release_lock", exception=class_name(error))
            self.failures.note(event, error)
            return
        if not still_held:
            self.failures.events.emit(
                FactorLockLost(realm=subject.realm, user_id=subject.user_id, tenant_id=subject.tenant_id)
            )
