"""
Changes of an enabled second factor: removed or given new recovery codes by its owner, or reset by the host.

    disable, new recovery codes

        enabled? ─no─▶ refuse
          │ yes
        begin ─Locked─▶ refuse (429)
          │
        code of the app ─wrong or used─▶ count a failure, refuse
          │ right
        clear failures ‖ lock ──▶ still the same secret? ─no─▶ refuse
          │ yes
        write ──▶ disabled: end every session, mail ──▶ hook

    reset    enabled? ─no─▶ nothing to do
               │ yes
             clear under the lock ──▶ end every session ──▶ mail, hook

A recovery code does not change a second factor: whoever found the printed list must not be able to remove it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bymax_auth.errors import MfaNotEnabled
from bymax_auth.ports.events import FactorDisabled, FactorReset, RecoveryCodesRegenerated
from bymax_auth.services.identifiers import FactorCounter
from bymax_auth.services.mail import Recipient
from bymax_auth.services.second_factor import NO_FACTOR, SecondFactor, refused_in
from bymax_auth.types.account import Account, UpdateMfaData
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Subject

__all__ = ["DisableMfa", "RegenerateRecoveryCodes", "ResetMfa"]

_DISABLE: Final = "mfa_disable"
_REGENERATE: Final = "mfa_recovery_codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableMfa:
    """The removal of a second factor by its owner."""

    factor: SecondFactor

    async def __call__(
        self, user_id: str, code: str, *, tenant_id: str | None = None, context: RequestContext
    ) -> None:
        """
        Remove the second factor and end every session, the caller's too.

        Raises:
            MfaNotEnabled: The account has no second factor or is gone, or mfa is not configured.
            MfaInvalidCode: The code is wrong or was used, or is a recovery code.
            TokenInvalid: No configured key opens the stored secret.
            AccountLocked: Too many wrong codes; `retry_after` says for how long.
            TooManyRequests: Too many codes of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            MfaStateConflict: Another change of the account's second factor is in progress.
            ValidationFailed: The tenant does not fit the realm.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        subject = self.factor.subject(user_id, tenant_id)
        account = await _enabled(self.factor, subject)
        await self.factor.background.shielded(self._disable(subject, account, code, context))

    async def _disable(self, subject: Subject, account: Account, code: str, context: RequestContext) -> None:
        await _change(self.factor, subject, account, code, _DISABLE, lambda _current: NO_FACTOR)
        await _removed(self.factor, subject, account, context)
        self.factor.emit(FactorDisabled, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateRecoveryCodes:
    """The replacement of every recovery code, used or not."""

    factor: SecondFactor

    async def __call__(
        self, user_id: str, code: str, *, tenant_id: str | None = None, context: RequestContext
    ) -> tuple[str, ...]:
        """
        Return new recovery codes, which are shown this once; sessions go on.

        Raises:
            MfaNotEnabled: The account has no second factor or is gone, or mfa is not configured.
            MfaInvalidCode: The code is wrong or was used, or is a recovery code.
            TokenInvalid: No configured key opens the stored secret.
            AccountLocked: Too many wrong codes; `retry_after` says for how long.
            TooManyRequests: Too many codes of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            MfaStateConflict: Another change of the account's second factor is in progress.
            ValidationFailed: The tenant does not fit the realm.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        subject = self.factor.subject(user_id, tenant_id)
        account = await _enabled(self.factor, subject)
        return await self.factor.background.shielded(self._regenerate(subject, account, code, context))

    async def _regenerate(
        self, subject: Subject, account: Account, code: str, context: RequestContext
    ) -> tuple[str, ...]:
        factor, codes = self.factor, self.factor.recovery.issue()
        stored = factor.recovery.stored(codes)

        def replaced(current: Account) -> UpdateMfaData:
            # The secret as it is now: it may have been encrypted again since it was read.
            return UpdateMfaData(mfa_enabled=True, mfa_secret=current.mfa_secret, mfa_recovery_codes=stored)

        await _change(factor, subject, account, code, _REGENERATE, replaced)
        factor.emit(RecoveryCodesRegenerated, subject)
        hook = factor.hooks.hooks.after_mfa_recovery_codes_regenerated
        factor.notify("after_mfa_recovery_codes_regenerated", hook, account, context)
        return codes


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetMfa:
    """The removal of a second factor by the host, for an owner who lost it and the recovery codes."""

    factor: SecondFactor

    async def __call__(self, user_id: str, *, tenant_id: str | None = None) -> None:
        """
        Remove the second factor and end every session; without one, do nothing.

        Whether the caller may do this is the host's to decide.

        Raises:
            MfaNotEnabled: The account is gone, or mfa is not configured.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            MfaStateConflict: Another change of the account's second factor is in progress.
            ValidationFailed: The tenant does not fit the realm.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        subject = self.factor.subject(user_id, tenant_id)
        account = await self.factor.account_of(subject)
        if account.mfa_enabled:
            await self.factor.background.shielded(self._reset(subject, account))

    async def _reset(self, subject: Subject, account: Account) -> None:
        await self.factor.changes.apply(subject, lambda current: None if current is None else NO_FACTOR)
        await _removed(self.factor, subject, account, RequestContext())
        self.factor.emit(FactorReset, subject)


async def _enabled(factor: SecondFactor, subject: Subject) -> Account:
    account = await factor.account_of(subject)
    if not account.mfa_enabled:
        raise MfaNotEnabled
    return account


async def _change(
    factor: SecondFactor,
    subject: Subject,
    account: Account,
    code: str,
    flow: str,
    change: Callable[[Account], UpdateMfaData],
) -> None:
    """Write `change`, once a code of the account's secret has proven that its owner wants it."""
    async with await factor.begin(FactorCounter.CHANGE, subject, flow) as attempt:
        secret = factor.secret_of(subject, account).raw
        await factor.use_totp(subject, secret, code, attempt, refused_in(flow))

        def changed(current: Account | None) -> UpdateMfaData:
            if current is None:
                raise MfaNotEnabled
            factor.require_same_secret(subject, current, secret)
            return change(current)

        await factor.changes.apply(subject, changed, alongside=attempt.ok())


async def _removed(factor: SecondFactor, subject: Subject, account: Account, context: RequestContext) -> None:
    """End every session, and by the epoch every access token: none may say that it passed the factor."""
    await factor.sessions.revoke_all(subject)
    factor.mailer.mfa_disabled(Recipient(account, account.email, context))
    without = replace(account, mfa_enabled=False)
    factor.notify("after_mfa_disabled", factor.hooks.hooks.after_mfa_disabled, without, context)
