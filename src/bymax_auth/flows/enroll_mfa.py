"""
Enrolment of a second factor: begun with the password, confirmed with the first code.

    set up   already enabled? ─yes─▶ refuse
               │ no
             password, or a recent sign-in where there is none ─wrong─▶ count a failure, refuse
               │ right
             pending enrolment? ─yes─▶ show it again
               │ no
             new secret and recovery codes, unless another call was first
               │
             password replaced meanwhile? ─yes─▶ end the enrolment, refuse

    enable   already enabled? ─yes─▶ refuse
               │ no
             begin ─Locked─▶ refuse (429)
               │
             pending enrolment? ─no─▶ refuse
               │ yes
             code ─wrong or used─▶ count a failure, refuse; the enrolment stays
               │ right
             take the enrolment ‖ clear failures ─taken by another─▶ refuse
               │
             write under the lock, unless the password was replaced ──▶ end every session ──▶ mail, hook

Whoever knew a replaced password, or had a removed identity, may have seen the secret: such a change that
comes before or during the write leaves the account without a factor.  The code that confirms is marked as
used, so that it does not also pass the next sign-in.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bymax_auth.config.constants import MFA_SETUP_TTL
from bymax_auth.crypto import totp
from bymax_auth.crypto.aead import DecryptError
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import (
    InvalidCredentials,
    MfaAlreadyEnabled,
    MfaNotEnabled,
    MfaSetupRequired,
    MfaStateConflict,
    ReauthenticationRequired,
    StoreCorrupt,
)
from bymax_auth.ports.events import (
    FactorEnabled,
    FactorNotRecent,
    FactorSetupCodeRefused,
    FactorSetupStarted,
    ReauthenticationRefused,
)
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.services.identifiers import FactorCounter
from bymax_auth.services.mail import Recipient
from bymax_auth.services.mfa_secrets import OpenedSecret
from bymax_auth.services.password_text import require_password
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.second_factor import NO_FACTOR, SecondFactor
from bymax_auth.services.waiting import together
from bymax_auth.types.account import Account, AuthUser, UpdateMfaData
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Subject
from bymax_auth.types.results import MfaSetupResult

__all__ = ["EnableMfa", "SetUpMfa"]

_SETUP: Final = "mfa_setup"
_ENABLE: Final = "mfa_verify_enable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpMfa:
    """The begin of an enrolment; `issuer` is the name that authenticator apps show."""

    factor: SecondFactor
    passwords: Passwords
    issuer: str

    async def __call__(
        self, user_id: str, *, tenant_id: str | None = None, password: str | None = None
    ) -> MfaSetupResult:
        """
        Return a secret and recovery codes, the same ones again until a code confirms them.

        Raises:
            MfaAlreadyEnabled: The account has a second factor.
            MfaNotEnabled: The account is gone, or mfa is not configured.
            InvalidCredentials: The password is missing or wrong.
            ReauthenticationRequired: The account has no password, and its sign-in is not recent.
            AccountLocked: Too many wrong passwords; `retry_after` says for how long.
            TooManyRequests: Too many passwords of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            MfaStateConflict: Another enrolment of the account began and ended at this moment, or its
                password was replaced.
            Overloaded: Password hashing is at its bound.
            ValidationFailed: The input breaks a rule of form, or the tenant does not fit the realm.
            StoreCorrupt: No configured key opens the pending enrolment.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        if password is not None:
            require_password(password, "password", 1)
        subject = self.factor.subject(user_id, tenant_id)
        account = await self.factor.account_of(subject)
        if account.mfa_enabled:
            raise MfaAlreadyEnabled
        await self._reauthenticate(subject, account, password or "")

        record = await self.factor.store.read_setup(subject)
        if record is None:
            record = await self._begin(subject)
        # Verifying takes long enough for a reset, which has then ended no enrolment that is stored only now.
        if not _has_credentials_of(account, await self.factor.account_of(subject)):
            await self.factor.store.take_setup(subject)
            raise MfaStateConflict
        return self._shown(subject, account, record)

    async def _reauthenticate(self, subject: Subject, account: Account, password: str) -> None:
        """Without this, whoever finds an unlocked browser could lock its owner out."""
        factor = self.factor
        if account.password_hash is None:
            if not await factor.sessions.has_recent_auth(subject):
                factor.emit(partial(FactorNotRecent, flow=_SETUP), subject)
                raise ReauthenticationRequired
            return
        async with await factor.begin(FactorCounter.SETUP, subject, _SETUP) as attempt:
            # A missing password is verified like a wrong one, and takes as long.
            verdict = await self.passwords.verify(
                password, account.password_hash, client=subject.hash, attempt=attempt
            )
            if not verdict.matched:
                factor.emit(partial(ReauthenticationRefused, flow=_SETUP), subject)
                await attempt.fail()
                raise InvalidCredentials
            await attempt.ok()

    async def _begin(self, subject: Subject) -> MfaSetupRecord:
        """Store a new enrolment, or return the one of a call that was faster."""
        factor, codes = self.factor, self.factor.recovery.issue()
        record = MfaSetupRecord(
            encrypted_secret=factor.secrets.seal(subject, totp.new_secret()),
            recovery_codes=factor.recovery.stored(codes),
            encrypted_codes=factor.secrets.seal_codes(subject, codes),
        )
        if await factor.store.put_setup(subject, record, MFA_SETUP_TTL):
            factor.emit(FactorSetupStarted, subject)
            return record
        winner = await factor.store.read_setup(subject)
        if winner is None:
            raise MfaStateConflict
        return winner

    def _shown(self, subject: Subject, account: Account, record: MfaSetupRecord) -> MfaSetupResult:
        secrets = self.factor.secrets
        try:
            secret = secrets.open(subject, record.encrypted_secret).raw
            codes = secrets.open_codes(subject, record.encrypted_codes)
        except DecryptError:
            raise StoreCorrupt from None
        return MfaSetupResult(
            secret=totp.base32_encode(secret),
            qr_code_uri=totp.provisioning_uri(secret, self.issuer, account.email),
            recovery_codes=codes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableMfa:
    """The confirmation of an enrolment."""

    factor: SecondFactor

    async def __call__(
        self, user_id: str, code: str, *, tenant_id: str | None = None, context: RequestContext
    ) -> None:
        """
        Enable the pending second factor and end every session, the caller's too.

        Raises:
            MfaAlreadyEnabled: The account has a second factor.
            MfaNotEnabled: The account is gone, or mfa is not configured.
            MfaSetupRequired: No enrolment is pending, or no configured key opens it.
            MfaInvalidCode: The code is wrong, or was used.
            AccountLocked: Too many wrong codes; `retry_after` says for how long.
            TooManyRequests: Too many codes of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            MfaStateConflict: Another change of the account's second factor is in progress.
            ValidationFailed: The tenant does not fit the realm.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        subject = self.factor.subject(user_id, tenant_id)
        account = await self.factor.account_of(subject)
        if account.mfa_enabled:
            raise MfaAlreadyEnabled
        await self.factor.background.shielded(self._confirm(subject, account, code, context))

    async def _confirm(self, subject: Subject, account: Account, code: str, context: RequestContext) -> None:
        factor = self.factor
        async with await factor.begin(FactorCounter.CHANGE, subject, _ENABLE) as attempt:
            record = await factor.store.read_setup(subject)
            secret = self._secret_of(subject, record)
            refused = partial(FactorSetupCodeRefused, flow=_ENABLE)
            await factor.use_totp(subject, secret.raw, code, attempt, refused)
            _, taken = await together(attempt.ok(), factor.store.take_setup(subject))
        # The code was of the enrolment that was read; another one may have replaced it.
        if taken is None or taken != record:
            raise MfaSetupRequired
        await self._enable(subject, account, taken, secret, context)

    def _secret_of(self, subject: Subject, record: MfaSetupRecord | None) -> OpenedSecret:
        try:
            return self.factor.secrets.open(subject, "" if record is None else record.encrypted_secret)
        except DecryptError:
            raise MfaSetupRequired from None

    async def _enable(
        self,
        subject: Subject,
        account: Account,
        record: MfaSetupRecord,
        secret: OpenedSecret,
        context: RequestContext,
    ) -> None:
        factor = self.factor
        sealed = factor.secrets.seal(subject, secret.raw) if secret.is_stale else record.encrypted_secret
        data = UpdateMfaData(mfa_enabled=True, mfa_secret=sealed, mfa_recovery_codes=record.recovery_codes)

        def enabled(current: Account | None) -> UpdateMfaData:
            if current is None:
                raise MfaNotEnabled
            if current.mfa_enabled:
                raise MfaAlreadyEnabled
            if not _has_credentials_of(account, current):
                raise MfaSetupRequired
            return data

        def withdrawn(current: Account | None) -> UpdateMfaData | None:
            if current is None or _has_credentials_of(account, current):
                return None
            return NO_FACTOR if ct_eq_text(current.mfa_secret or "", sealed) else None

        await factor.changes.apply(subject, enabled, withdraw=withdrawn)
        await factor.sessions.revoke_all(subject)
        factor.emit(FactorEnabled, subject)
        factor.mailer.mfa_enabled(Recipient(account, account.email, context))
        enrolled = replace(account, mfa_enabled=True)
        factor.notify("after_mfa_enabled", factor.hooks.hooks.after_mfa_enabled, enrolled, context)


def _has_credentials_of(before: Account, now: Account) -> bool:
    """Say whether whoever could use the account before can do so now, by the same password or identity."""
    same_password = ct_eq_text(before.password_hash or "", now.password_hash or "")
    return same_password and _identity_of(before) in {None, _identity_of(now)}


def _identity_of(account: Account) -> tuple[str, str | None] | None:
    if not isinstance(account, AuthUser) or account.oauth_provider is None:
        return None
    return account.oauth_provider, account.oauth_provider_id
