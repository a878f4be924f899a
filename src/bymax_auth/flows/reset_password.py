"""
Reset password: replace a forgotten password.

    forgot, resend   cooldown free? ─no─▶ done
                       │ yes
                     account, not blocked? ─yes─▶ link or code, mailed in the background
    verify code      code right? ──▶ a verified token
    reset            one proof of the configured kind? ─no─▶ refuse
                       │ yes
                     new password acceptable, hashing slot free? ─no─▶ refuse, nothing is consumed
                       │ yes
                     consume the proof ──▶ address, tenant, password unchanged since? ─no─▶ refuse
                       │ yes
                     write ──▶ end every session ──▶ mail, call the hook

Rule 1: a request for a proof gets the same response, after the same time, for every address.
Rule 2: both requests share one cooldown: a new code has a new count of attempts, so without the cooldown
a six-digit code would be guessable.
Rule 3: the password is written before sessions end: a crash in between leaves sessions, but not the
old password.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import assert_never

from bymax_auth.config.constants import ANTI_ENUMERATION_MINIMUM, PASSWORD_MAX_LENGTH, VERIFIED_TOKEN_TTL
from bymax_auth.config.enums import PasswordResetMethod
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import (
    AuthError,
    InternalError,
    PasswordResetTokenInvalid,
    ValidationFailed,
)
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import EventSink, PasswordReset, ResetProofStale
from bymax_auth.ports.one_time import PASSWORD_RESET, VERIFIED_RESET, OtpPurpose, ProofKind, ResetContext
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.addresses import canonical_email, require_text
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.client_networks import queue_share
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.mail import Mailer
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.reset_proofs import ResetProofs, fits
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.services.waiting import MinimumDuration
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    ForgotPasswordInput,
    ResendResetOtpInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)

__all__ = [
    "ForgotPassword",
    "ResendResetOtp",
    "ResetPassword",
    "ResetRules",
    "SendResetProof",
    "VerifyResetOtp",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetRules:
    """How a reset is proven, and how long a proof is valid."""

    method: PasswordResetMethod
    token_ttl: timedelta
    otp_ttl: timedelta
    otp_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResetProof:
    """The sending of a reset proof, shared by `ForgotPassword` and `ResendResetOtp`."""

    users: UserRepository
    tenants: TenantResolution
    status_gate: StatusGate
    codes: OneTimeCodes
    proofs: ResetProofs
    mailer: Mailer
    failures: FailureReporter
    clock: Clock
    rules: ResetRules

    async def __call__(self, origin: str, tenant_id: str | None, email: str, context: RequestContext) -> None:
        """
        Mail a proof when the address belongs to an account that is not blocked.

        The response is the same, and takes as long, in every other case.

        Raises:
            ValidationFailed: The input breaks a rule of form, or names no tenant.
        """
        address = canonical_email(email)
        async with MinimumDuration(self.clock, ANTI_ENUMERATION_MINIMUM.total_seconds()):
            try:
                tenant = await self.tenants.resolve(tenant_id, context)
                await self._send(tenant, address)
            except ValidationFailed:
                raise
            except AuthError:
                return
            except InternalError as error:
                self.failures.report(origin, error)

    async def _send(self, tenant_id: str, email: str) -> None:
        if not await self.codes.claim_resend(OtpPurpose.PASSWORD_RESET, tenant_id, email):
            return
        user = await self.users.find_by_email(email, tenant_id=tenant_id)
        if user is None or self.status_gate.blocks(user.status):
            return
        match self.rules.method:
            case PasswordResetMethod.OTP:
                code = await self.codes.issue(
                    OtpPurpose.PASSWORD_RESET,
                    tenant_id,
                    email,
                    length=self.rules.otp_length,
                    ttl=self.rules.otp_ttl,
                )
                self.mailer.reset_otp(tenant_id, email, code)
            case PasswordResetMethod.TOKEN:
                token = await self.proofs.mint(PASSWORD_RESET, user, email, self.rules.token_ttl)

                async def delete_token() -> None:
                    await self.proofs.forget(PASSWORD_RESET, token)

                self.mailer.reset_token(tenant_id, email, token, on_failure=delete_token)
            case _:
                assert_never(self.rules.method)


@dataclass(frozen=True, slots=True)
class ForgotPassword:
    """The request for a reset proof."""

    send: SendResetProof

    async def __call__(self, request: ForgotPasswordInput, context: RequestContext) -> None:
        """
        Mail a reset link or code when the address belongs to an account that is not blocked.

        Raises:
            ValidationFailed: The input breaks a rule of form, or names no tenant.
        """
        await self.send("forgot_password", request.tenant_id, request.email, context)


@dataclass(frozen=True, slots=True)
class ResendResetOtp:
    """The request for another reset proof."""

    send: SendResetProof

    async def __call__(self, request: ResendResetOtpInput, context: RequestContext) -> None:
        """
        Mail another reset link or code when the address belongs to an account that is not blocked.

        Raises:
            ValidationFailed: The input breaks a rule of form, or names no tenant.
        """
        await self.send("resend_reset_otp", request.tenant_id, request.email, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResetOtp:
    """The exchange of a reset code for a verified token."""

    users: UserRepository
    tenants: TenantResolution
    codes: OneTimeCodes
    proofs: ResetProofs
    background: BackgroundTasks

    async def __call__(self, request: VerifyResetOtpInput, context: RequestContext) -> str:
        """
        Return a token, valid for five minutes, that `ResetPassword` accepts instead of the code.

        Raises:
            OtpInvalid: The code is wrong, expired or used up.
            PasswordResetTokenInvalid: The account no longer exists.
            Forbidden: The tenant resolver refused.
            ValidationFailed: The input breaks a rule of form, or names no tenant.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        email = canonical_email(request.email)
        require_text(request.otp, "otp", 4, 8)
        tenant_id = await self.tenants.resolve(request.tenant_id, context)
        return await self.background.shielded(self._exchange(tenant_id, email, request.otp))

    async def _exchange(self, tenant_id: str, email: str, otp: str) -> str:
        await self.codes.verify(OtpPurpose.PASSWORD_RESET, tenant_id, email, otp)
        user = await self.users.find_by_email(email, tenant_id=tenant_id)
        if user is None:
            raise PasswordResetTokenInvalid
        return await self.proofs.mint(VERIFIED_RESET, user, email, VERIFIED_TOKEN_TTL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword:
    """The replacement of a forgotten password."""

    users: UserRepository
    tenants: TenantResolution
    identifiers: Identifiers
    status_gate: StatusGate
    passwords: Passwords
    codes: OneTimeCodes
    proofs: ResetProofs
    sessions: SessionStore
    mailer: Mailer
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    method: PasswordResetMethod

    async def __call__(self, request: ResetPasswordInput, context: RequestContext) -> None:
        """
        Replace the password and end every session of the account.

        Raises:
            PasswordResetTokenInvalid: Not exactly one proof of the configured kind was given, or
                it is unknown, used, expired, of another account or older than the password.
            OtpInvalid: The code is wrong, expired or used up.
            PasswordCompromised: The new password is a known one.  The proof stays usable.
            Overloaded: Password hashing is at its bound.  The proof stays usable.
            Forbidden: The tenant resolver refused.
            ValidationFailed: The input breaks a rule of form, or names no tenant.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        email = canonical_email(request.email)
        require_text(request.new_password, "newPassword", 8, PASSWORD_MAX_LENGTH)
        tenant_id = await self.tenants.resolve(request.tenant_id, context)
        proof = _proof_of(request, self.method)
        await self.passwords.assert_acceptable(request.new_password, "newPassword")
        claim = _Claim(
            tenant_id=tenant_id, email=email, proof=proof, new_password=request.new_password, context=context
        )
        await self.background.shielded(self._replace(claim))

    async def _replace(self, claim: "_Claim") -> None:
        async with self.passwords.admission(queue_share(claim.context.ip)) as slot:
            user, expected_hash = await self._consume(claim)
            new_hash = await slot.hash(claim.new_password)
        # Of two proofs consumed at once, the second finds that its password was replaced.
        written = await self.users.update_password(
            user.id, new_hash, tenant_id=user.tenant_id, expected_hash=expected_hash
        )
        if not written:
            raise PasswordResetTokenInvalid
        await self.sessions.revoke_all(self.identifiers.subject(Realm.DASHBOARD, user.id, user.tenant_id))
        self.events.emit(PasswordReset(user_id=user.id, tenant_id=user.tenant_id))
        self.mailer.password_changed(user.tenant_id, user.email)
        about = hook_context(claim.context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        self.hooks.notify(
            "after_password_reset",
            partial(self.hooks.hooks.after_password_reset, SafeAuthUser.from_user(user), about),
        )

    async def _consume(self, claim: "_Claim") -> tuple[AuthUser, str | None]:
        """Return the user whose password may be replaced, and the hash that must still be stored then."""
        match claim.proof:
            case _Code(otp):
                await self.codes.verify(OtpPurpose.PASSWORD_RESET, claim.tenant_id, claim.email, otp)
                user = await self.users.find_by_email(claim.email, tenant_id=claim.tenant_id)
                expected_hash = None
            case _Token(kind, token):
                user = await self._redeem(claim, kind, token)
                expected_hash = None if user is None else user.password_hash
            case _:
                assert_never(claim.proof)
        if user is None or self.status_gate.blocks(user.status):
            raise PasswordResetTokenInvalid
        return user, expected_hash

    async def _redeem(self, claim: "_Claim", kind: ProofKind[ResetContext], token: str) -> AuthUser | None:
        proven = await self.proofs.redeem(kind, token)
        if proven is None:
            return None
        same_address = ct_eq_text(proven.email, claim.email)
        same_tenant = ct_eq_text(proven.tenant_id, claim.tenant_id)
        if not (same_address and same_tenant):
            return None
        user = await self.users.find_by_id(proven.user_id, tenant_id=claim.tenant_id)
        if user is not None and not fits(proven, user):
            self.events.emit(ResetProofStale(user_id=user.id, tenant_id=user.tenant_id))
            return None
        return user


@dataclass(frozen=True, slots=True)
class _Code:
    """A proof that is a one-time code."""

    otp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Token:
    """A proof that is a random token."""

    kind: ProofKind[ResetContext]
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A request to replace a password, with the values in the form of keys and lookups."""

    tenant_id: str
    email: str
    proof: _Code | _Token
    new_password: str = field(repr=False)
    context: RequestContext


def _proof_of(request: ResetPasswordInput, method: PasswordResetMethod) -> _Code | _Token:
    """
    Return the one proof of the request.

    Raises:
        PasswordResetTokenInvalid: There is none, or several, or one of another method.
        ValidationFailed: It has the wrong length.
    """
    given = (request.token, request.otp, request.verified_token)
    if sum(proof is not None for proof in given) != 1:
        raise PasswordResetTokenInvalid
    match method, given:
        case PasswordResetMethod.TOKEN, (str(token), _, _):
            return _Token(PASSWORD_RESET, require_text(token, "token", 1, 2048))
        case PasswordResetMethod.OTP, (_, str(otp), _):
            return _Code(require_text(otp, "otp", 4, 8))
        case PasswordResetMethod.OTP, (_, _, str(verified_token)):
            return _Token(VERIFIED_RESET, require_text(verified_token, "verifiedToken", 64, 64))
        case _:
            raise PasswordResetTokenInvalid
