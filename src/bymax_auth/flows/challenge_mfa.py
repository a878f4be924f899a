"""
The second step of a sign-in: a code of the app, or a recovery code.

    temporary token ─invalid─▶ refuse; nothing is counted
      │
    begin ─Locked─▶ refuse (429)
      │
    account, second factor? ─no─▶ refuse
      │ yes
    six digits? ─yes─▶ code matches? ─no─▶ count a failure, refuse; the token stays
      │                  │ yes
      │                use code and token in one step ─used─▶ count a failure, refuse
      │                  │
      │                clear failures ‖ session, unless the epoch has been raised
      │ no
    recovery code matches, and is claimed? ─no─▶ count a failure, refuse; the token stays
      │ yes
    use the token ─used─▶ refuse
      │
    clear failures ‖ lock ──▶ remove the code from the account ──▶ session, unless the epoch has been raised

Rule 1: the epoch is read with the token, before the account is read.  Whatever ends the account's sessions
meanwhile ends this sign-in too.
Rule 2: a wrong code never uses the token, and a right one never passes twice.
"""

from dataclasses import dataclass
from typing import Final

from bymax_auth.config.constants import BACKGROUND_TASK_TIMEOUT, RECOVERY_CODE_CLAIM_TTL
from bymax_auth.crypto.aead import DecryptError
from bymax_auth.crypto.compare import ct_eq, ct_eq_text
from bymax_auth.errors import MfaInvalidCode, MfaNotEnabled, MfaStateConflict, MfaTempTokenInvalid
from bymax_auth.ports.events import BackgroundTaskFailed, FactorChallengePassed
from bymax_auth.ports.sessions import Stale
from bymax_auth.services.challenge_tokens import Challenge, ChallengeTokens
from bymax_auth.services.failures import class_name
from bymax_auth.services.identifiers import FactorCounter
from bymax_auth.services.lockout import Attempt
from bymax_auth.services.mfa_secrets import OpenedSecret
from bymax_auth.services.recovery_codes import canonical_recovery_code
from bymax_auth.services.second_factor import SecondFactor, refused_in
from bymax_auth.services.session_issuer import SessionIssuer
from bymax_auth.services.totp_codes import has_totp_form
from bymax_auth.services.waiting import together
from bymax_auth.types.account import Account, UpdateMfaData
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Subject
from bymax_auth.types.results import SessionResult

__all__ = ["ChallengeMfa"]

_FLOW: Final = "mfa_challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeMfa:
    """The answer to the challenge of a sign-in."""

    factor: SecondFactor
    tokens: ChallengeTokens
    issuer: SessionIssuer

    async def __call__(self, mfa_temp_token: str, code: str, context: RequestContext) -> SessionResult:
        """
        Return a new session that has passed the second factor.

        Raises:
            MfaTempTokenInvalid: The token is unknown, used, expired or of the other realm, or the account's
                sessions were ended after it was issued.
            MfaInvalidCode: The code is wrong, or was used.  The token stays usable.
            MfaNotEnabled: The account has no second factor or is gone, or mfa is not configured.
            TokenInvalid: No configured key opens the stored secret.
            AccountLocked: Too many wrong codes; `retry_after` says for how long.
            TooManyRequests: Too many codes of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            MfaStateConflict: A recovery code was right, and another change is in progress.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        challenge = await self.tokens.verify(mfa_temp_token)
        return await self.factor.background.shielded(self._answer(challenge, code, context))

    async def _answer(self, challenge: Challenge, code: str, context: RequestContext) -> SessionResult:
        factor, subject = self.factor, challenge.subject
        async with await factor.begin(FactorCounter.CHALLENGE, subject, _FLOW) as attempt:
            account = await factor.account_of(subject)
            if not account.mfa_enabled or account.mfa_secret is None:
                raise MfaNotEnabled
            secret = factor.secret_of(subject, account)
            factor.require_current(attempt)
            if has_totp_form(code):
                await self._use_totp(challenge, secret, code, attempt)
                session = self._open_session(challenge, account, context)
                _, result = await together(self._clear_failures(attempt), session)
            else:
                spent = await self._use_recovery_code(challenge, account, code, attempt)
                await self._remove(subject, spent, secret, attempt)
                result = await self._open_session(challenge, account, context)
        self._passed(subject, account, context)
        return result

    async def _use_totp(
        self, challenge: Challenge, secret: OpenedSecret, code: str, attempt: Attempt
    ) -> None:
        factor, subject = self.factor, challenge.subject
        is_first_use = factor.totp.matches(secret.raw, code) and await factor.store.consume_challenge(
            subject, factor.identifiers.factor_code(subject, code), challenge.jti_hash, factor.totp.usable_for
        )
        if not is_first_use:
            await factor.refuse(subject, attempt, refused_in(_FLOW))
        if secret.is_stale:
            work = self._encrypt_again(subject, secret.raw)
            factor.background.spawn("mfa.encrypt_again", work, BACKGROUND_TASK_TIMEOUT)

    async def _clear_failures(self, attempt: Attempt) -> None:
        """The session is stored in the same round trip, and must not be lost to a counter."""
        try:
            await attempt.ok()
        except Exception as error:  # noqa: BLE001 - the window of the counter ends by itself
            event = BackgroundTaskFailed(origin="mfa.clear_failures", exception=class_name(error))
            self.factor.failures.note(event, error)

    async def _use_recovery_code(
        self, challenge: Challenge, account: Account, typed: str, attempt: Attempt
    ) -> str:
        """Return the stored digest of the code, which the account must lose."""
        factor, subject = self.factor, challenge.subject
        code = canonical_recovery_code(typed)
        stored = account.mfa_recovery_codes or ()
        matched = None if code is None else factor.recovery.match(code, stored)
        if (
            code is None
            or matched is None
            or not await factor.store.claim_recovery_code(
                subject, factor.identifiers.factor_code(subject, code), RECOVERY_CODE_CLAIM_TTL
            )
        ):
            await factor.refuse(subject, attempt, refused_in(_FLOW))
        if not await factor.store.delete_temp(subject, challenge.jti_hash):
            raise MfaTempTokenInvalid
        return matched

    async def _remove(self, subject: Subject, spent: str, secret: OpenedSecret, attempt: Attempt) -> None:
        """Remove a recovery code from the account, by its value: its place may have changed."""
        factor = self.factor

        def without(current: Account | None) -> UpdateMfaData | None:
            if current is None or not current.mfa_enabled:
                return None
            stored = current.mfa_recovery_codes or ()
            codes = tuple(digest for digest in stored if not ct_eq_text(digest, spent))
            if len(codes) == len(stored):  # replaced while this code was checked
                raise MfaInvalidCode
            sealed = self._sealed_again(subject, current, secret.raw) if secret.is_stale else None
            return UpdateMfaData(
                mfa_enabled=True,
                mfa_secret=sealed or current.mfa_secret,
                mfa_recovery_codes=codes,
            )

        await factor.changes.apply(subject, without, alongside=attempt.ok())

    async def _encrypt_again(self, subject: Subject, secret: bytes) -> None:
        """Replace a secret under a retired key; the next sign-in tries again when this does not."""

        def sealed_again(current: Account | None) -> UpdateMfaData | None:
            sealed = None if current is None else self._sealed_again(subject, current, secret)
            if current is None or sealed is None:
                return None
            return UpdateMfaData(
                mfa_enabled=True, mfa_secret=sealed, mfa_recovery_codes=current.mfa_recovery_codes
            )

        try:
            await self.factor.changes.apply(subject, sealed_again)
        except MfaStateConflict:
            return

    def _sealed_again(self, subject: Subject, current: Account, proven: bytes) -> str | None:
        """Return the secret under the current key, ``None`` when the account has another or none by now."""
        try:
            stored = self.factor.secrets.open(subject, current.mfa_secret or "")
        except DecryptError:
            return None
        is_wanted = current.mfa_enabled and stored.is_stale and ct_eq(stored.raw, proven)
        return self.factor.secrets.seal(subject, proven) if is_wanted else None

    async def _open_session(
        self, challenge: Challenge, account: Account, context: RequestContext
    ) -> SessionResult:
        outcome = await self.issuer.issue(account, context, mfa_verified=True, expected_epoch=challenge.epoch)
        if isinstance(outcome, Stale):
            raise MfaTempTokenInvalid
        return outcome

    def _passed(self, subject: Subject, account: Account, context: RequestContext) -> None:
        factor = self.factor
        factor.emit(FactorChallengePassed, subject)
        record_login = factor.accounts.update_last_login(account.id, tenant_id=subject.tenant_id)
        factor.background.spawn("update_last_login", record_login, BACKGROUND_TASK_TIMEOUT)
        factor.notify("after_login", factor.hooks.hooks.after_login, account, context)
