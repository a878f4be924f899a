"""
Reset password: replace a forgotten password.

    verify code      code right, account unchanged since, not blocked? ──▶ a verified token
    reset            one proof, no code where links are mailed? ─no─▶ refuse
                       │ yes
                     new password acceptable, hashing slot free? ─no─▶ refuse, nothing is consumed
                       │ yes
                     consume the proof ──▶ address, password unchanged since, not blocked? ─no─▶ refuse
                       │ yes
                     address not verified? remove the identities of providers
                       ▼
                     write, if that password is still stored ──▶ end every session ──▶ mail
                       ▼
                     address verified, lockouts lifted ──▶ call the hook

Rule 1: the password is written before sessions end: a crash in between leaves sessions, but not the
old password.
Rule 2: a proof that was mailed proves the mailbox too, so whoever sets a password with it has a verified
address, and is not kept out by wrong passwords that a stranger has tried.  A code that is only exchanged
settles neither: the password is still the one that somebody else may have chosen for this address.
Rule 3: what signed in to an account before its address was proved is not the owner's, an identity included.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from bymax_auth.config.constants import VERIFIED_TOKEN_TTL
from bymax_auth.config.enums import PasswordResetMethod
from bymax_auth.errors import PasswordResetTokenInvalid
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.events import EventSink, PasswordReset
from bymax_auth.ports.one_time import PASSWORD_RESET, VERIFIED_RESET, ProofKind, ResetContext
from bymax_auth.services.access_revocation import AccessRevocation
from bymax_auth.services.address_verification import AddressVerification
from bymax_auth.services.addresses import canonical_email, require_text
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.client_networks import queue_share
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.lockout import REAUTHENTICATING_FLOWS, Lockout
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.password_text import require_password
from bymax_auth.services.passwords import Passwords
from bymax_auth.services.reset_accounts import ResetAccounts
from bymax_auth.services.reset_codes import ResetCodes
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ResetPasswordInput, VerifyResetOtpInput

__all__ = ["ResetPassword", "VerifyResetOtp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResetOtp:
    """The exchange of a reset code for a verified token."""

    accounts: ResetAccounts
    tenants: TenantResolution
    codes: ResetCodes
    proofs: ResetProofs
    background: BackgroundTasks

    async def __call__(self, request: VerifyResetOtpInput, context: RequestContext) -> str:
        """
        Return a token, valid for five minutes, that `ResetPassword` accepts instead of the code.

        Raises:
            OtpInvalid: The code is wrong, expired or used up.
            PasswordResetTokenInvalid: The account is gone, blocked, or has changed since the mail.
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
        proven = await self.codes.redeem(tenant_id, email, otp)
        if proven is None:
            user = await self.accounts.of_address(tenant_id=tenant_id, email=email)
            return await self.proofs.mint(VERIFIED_RESET, user, email, VERIFIED_TOKEN_TTL)
        await self.accounts.of_proof(proven, tenant_id=tenant_id, email=email)
        return await self.proofs.renew(VERIFIED_RESET, proven, VERIFIED_TOKEN_TTL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword:
    """The replacement of a forgotten password."""

    users: UserRepository
    accounts: ResetAccounts
    tenants: TenantResolution
    identifiers: Identifiers
    lockout: Lockout
    passwords: Passwords
    codes: ResetCodes
    proofs: ResetProofs
    revoke_access: AccessRevocation
    verification: AddressVerification
    mailer: Mailer
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    method: PasswordResetMethod

    async def __call__(self, request: ResetPasswordInput, context: RequestContext) -> None:
        """
        Replace the password and end every session of the account.

        Raises:
            PasswordResetTokenInvalid: Not exactly one proof that is mailed here was given, or
                it is unknown, used, expired or of another account, or the account has changed since.
            OtpInvalid: The code is wrong, expired or used up.
            PasswordCompromised: The new password is a known one.  The proof stays usable.
            Overloaded: Password hashing is at its bound.  The proof stays usable.
            Forbidden: The tenant resolver refused.
            ValidationFailed: The input breaks a rule of form, or names no tenant.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        email = canonical_email(request.email)
        require_password(request.new_password, "newPassword", 8)
        tenant_id = await self.tenants.resolve(request.tenant_id, context)
        proof = _proof_of(request, self.method)
        await self.passwords.assert_acceptable(request.new_password, "newPassword")
        claim = _Claim(
            tenant_id=tenant_id, email=email, proof=proof, new_password=request.new_password, context=context
        )
        await self.background.shielded(self._replace(claim))

    async def _replace(self, claim: "_Claim") -> None:
        async with self.passwords.admission(queue_share(claim.context.ip)) as slot:
            user = await self._consume(claim)
            new_hash = await slot.hash(claim.new_password)
        subject = self.identifiers.subject(Realm.DASHBOARD, user.id, user.tenant_id)
        await self.revoke_access.before_write(subject)
        await self.accounts.remove_identities(user)
        # Of two proofs consumed at once, the second finds that its password was replaced.
        written = await self.users.update_password(
            user.id, new_hash, tenant_id=user.tenant_id, expected_hash=user.password_hash
        )
        if not written:
            raise PasswordResetTokenInvalid
        await self.revoke_access(subject)
        self.events.emit(PasswordReset(user_id=user.id, tenant_id=user.tenant_id))
        self.mailer.password_changed(Recipient(user, user.email, claim.context))
        if not user.email_verified:
            user = await self.verification.record(user, claim.context)
        await self.lockout.clear(
            self.identifiers.login_counter(Realm.DASHBOARD, claim.tenant_id, claim.email),
            *(self.identifiers.reauthentication_counter(flow, subject) for flow in REAUTHENTICATING_FLOWS),
        )
        about = hook_context(claim.context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        self.hooks.notify(
            "after_password_reset",
            partial(self.hooks.hooks.after_password_reset, SafeAuthUser.from_user(user), about),
        )

    async def _consume(self, claim: "_Claim") -> AuthUser:
        """Return the user, whose hash must still be stored when the new one is written."""
        tenant_id, email = claim.tenant_id, claim.email
        match claim.proof:
            case _Code(otp):
                proven = await self.codes.redeem(tenant_id, email, otp)
            case _Token(kind, token):
                proven = await self.proofs.redeem(kind, token)
            case _:
                assert_never(claim.proof)
        if proven is not None:
            return await self.accounts.of_proof(proven, tenant_id=tenant_id, email=email)
        if isinstance(claim.proof, _Token):
            raise PasswordResetTokenInvalid
        return await self.accounts.of_address(tenant_id=tenant_id, email=email)


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
        PasswordResetTokenInvalid: There is none, or several, or a code where links are mailed.
        ValidationFailed: It has the wrong length.
    """
    given = (request.token, request.otp, request.verified_token)
    if sum(proof is not None for proof in given) != 1:
        raise PasswordResetTokenInvalid
    match method, given:
        case _, (
            str(token),
            _,
            _,
        ):  # where codes are mailed, an address that is guessed at gets a link
            return _Token(PASSWORD_RESET, require_text(token, "token", 1, 2048))
        case PasswordResetMethod.OTP, (_, str(otp), _):
            return _Code(require_text(otp, "otp", 4, 8))
        case PasswordResetMethod.OTP, (_, _, str(verified_token)):
            return _Token(VERIFIED_RESET, require_text(verified_token, "verifiedToken", 64, 64))
        case _:
            raise PasswordResetTokenInvalid
