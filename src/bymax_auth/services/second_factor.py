"""
What the flows of the second factor share: whose factor it is, how a code is checked, who is notified.

    begin ──Locked──▶ refuse (429)
      │
    code matches, and its first use? ──no──▶ count a failure, refuse
      │ yes
    the flow's own change

Rule 1: codes in flight are counted, so parallel guesses cannot exceed the limit.
Rule 2: a code is marked as used before anything that it permits, in one step of the store.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, NoReturn

from bymax_auth.crypto.aead import DecryptError
from bymax_auth.crypto.compare import ct_eq
from bymax_auth.errors import (
    AccountLocked,
    AuthError,
    MfaInvalidCode,
    MfaNotEnabled,
    MfaStateConflict,
    TokenInvalid,
    TooManyRequests,
)
from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.events import AuthEvent, EventSink, FactorCodeRefused, FactorLocked
from bymax_auth.ports.hooks import HookContext
from bymax_auth.ports.mfa import MfaStore
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.factor_changes import FactorChanges
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import FactorCounter, Identifiers
from bymax_auth.services.lockout import Attempt, Lockout
from bymax_auth.services.mail import Mailer
from bymax_auth.services.mfa_secrets import MfaSecrets, OpenedSecret
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.recovery_codes import RecoveryCodes
from bymax_auth.services.totp_codes import TotpCodes
from bymax_auth.types.account import Account, SafeAuthUser, UpdateMfaData
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Subject

__all__ = ["NO_FACTOR", "FactorHook", "SecondFactor", "refused_in"]

NO_FACTOR: Final = UpdateMfaData(mfa_enabled=False, mfa_secret=None, mfa_recovery_codes=None)
"""An account without a second factor."""

_RETRY_AFTER: Final = timedelta(seconds=1)

FactorHook = Callable[[SafeAuthUser, HookContext], Awaitable[None]]
"""A hook that is told of a user's second factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """The second factors of one realm."""

    policy: RealmPolicy
    accounts: Accounts
    identifiers: Identifiers
    status_gate: StatusGate
    revocation: RevocationStore
    sessions: SessionStore
    store: MfaStore
    secrets: MfaSecrets
    totp: TotpCodes
    recovery: RecoveryCodes
    changes: FactorChanges
    lockout: Lockout
    background: BackgroundTasks
    hooks: HookRunner
    mailer: Mailer
    events: EventSink
    failures: FailureReporter

    async def account_of(self, subject: Subject) -> Account:
        """
        Return the account, which exists and is not blocked.

        Raises:
            MfaNotEnabled: There is no such account.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            RepositoryBackendError: The repository failed.
        """
        account = await self.accounts.find(subject.user_id, tenant_id=subject.tenant_id)
        if account is None:
            raise MfaNotEnabled
        try:
            self.status_gate.check(account.status)
        except AuthError:
            if self.policy.caches_status:
                # A guard before this flow may have admitted the account by a status that is out of date.
                await self.revocation.forget_status(subject)
            raise
        return account

    def subject(self, user_id: str, tenant_id: str | None) -> Subject:
        """
        Return the account's identifier in stores.

        Raises:
            ValidationFailed: The tenant does not fit the realm.
        """
        return self.identifiers.subject(self.policy.realm, user_id, tenant_id)

    async def begin(self, counted: FactorCounter, subject: Subject, flow: str) -> Attempt:
        """
        Admit one attempt.

        Raises:
            AccountLocked: Too many have failed; `retry_after` says for how long.
            TooManyRequests: As many attempts as may still fail were in flight for five seconds.
            StoreUnavailable: The store did not answer.
        """
        try:
            return await self.lockout.begin(self.identifiers.factor_counter(counted, subject))
        except AccountLocked:
            self.emit(partial(FactorLocked, flow=flow), subject)
            raise

    def secret_of(self, subject: Subject, account: Account) -> OpenedSecret:
        """
        Return the account's TOTP secret.

        Raises:
            TokenInvalid: It has none, or no configured key opens it.
        """
        try:
            return self.secrets.open(subject, account.mfa_secret or "")
        except DecryptError:
            raise TokenInvalid from None

    async def use_totp(
        self, subject: Subject, secret: bytes, code: str, attempt: Attempt, refused: Callable[..., AuthEvent]
    ) -> None:
        """
        Use a code; `refused` is the event of one that is not accepted.

        Raises:
            MfaInvalidCode: The code is wrong, or was used.  The failure is counted.
            TooManyRequests: The attempt may no longer be counted as in flight; nothing is revealed.
            StoreUnavailable: The store did not answer.
        """
        self.require_current(attempt)
        is_first_use = self.totp.matches(secret, code) and await self.store.mark_totp_used(
            subject, self.identifiers.factor_code(subject, code), self.totp.usable_for
        )
        if not is_first_use:
            await self.refuse(subject, attempt, refused)

    def require_current(self, attempt: Attempt) -> None:
        """
        Raise when another attempt may have been admitted in this one's place.

        Raises:
            TooManyRequests: The attempt took too long.
        """
        if not attempt.is_current:
            raise TooManyRequests(retry_after=_RETRY_AFTER)

    async def refuse(self, subject: Subject, attempt: Attempt, refused: Callable[..., AuthEvent]) -> NoReturn:
        """
        Count a failure, and refuse the code.

        Raises:
            MfaInvalidCode: Always.
            StoreUnavailable: The store did not answer.
        """
        self.emit(refused, subject)
        await attempt.fail()
        raise MfaInvalidCode

    def require_same_secret(self, subject: Subject, current: Account, proven: bytes) -> None:
        """
        Raise unless the account still has the secret whose code was proven, encrypted again or not.

        Raises:
            MfaNotEnabled: It has no second factor any more.
            MfaStateConflict: It has another one.
        """
        if not current.mfa_enabled:
            raise MfaNotEnabled
        try:
            secret = self.secrets.open(subject, current.mfa_secret or "").raw
        except DecryptError:
            raise MfaStateConflict from None
        if not ct_eq(secret, proven):
            raise MfaStateConflict

    def emit(self, event: Callable[..., AuthEvent], subject: Subject) -> None:
        """Emit an event about the account."""
        self.events.emit(event(realm=subject.realm, user_id=subject.user_id, tenant_id=subject.tenant_id))

    def notify(self, name: str, hook: FactorHook, account: Account, context: RequestContext) -> None:
        """Call a hook about a user; there is none about administrators."""
        user = self.policy.safe(account)
        if isinstance(user, SafeAuthUser):
            about = hook_context(context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
            self.hooks.notify(name, partial(hook, user, about))


def refused_in(flow: str) -> Callable[..., AuthEvent]:
    """Return the event of a code that was refused in a flow."""
    return partial(FactorCodeRefused, flow=flow)
