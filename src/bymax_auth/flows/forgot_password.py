"""
Forgot password: mail a proof with which a forgotten password may be replaced.

    forgot, resend   cooldown free? ─no─▶ done
                       │ yes
                     account, not blocked? ─no─▶ done
                       │ yes
                     codes, and not guessed out today? ─no─▶ link, mailed in the background
                       │ yes
                     code, mailed in the background

Rule 1: a request for a proof gets the same response, after the same time, for every address.
Rule 2: wrong codes are limited over all codes of a day, so a stranger can use them up; from then on the
mail has a link, whose token nobody guesses, and the owner gets in.
Rule 3: both requests share one cooldown: a new code has a new count of attempts, so without the cooldown
a six-digit code would be guessable.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from bymax_auth.config.enums import PasswordResetMethod
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.one_time import PASSWORD_RESET, OtpPurpose
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.addresses import canonical_email
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.reset_codes import ResetCodes
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.services.uniform_response import uniform_response
from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import ForgotPasswordInput, ResendResetOtpInput

__all__ = ["ForgotPassword", "ResendResetOtp", "ResetRules", "SendResetProof"]


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
    reset_codes: ResetCodes
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
        async with uniform_response(self.clock, self.failures, origin):
            tenant = await self.tenants.resolve(tenant_id, context)
            await self._send(tenant, address, context)

    async def _send(self, tenant_id: str, email: str, context: RequestContext) -> None:
        if not await self.codes.claim_resend(OtpPurpose.PASSWORD_RESET, tenant_id, email):
            return
        user = await self.users.find_by_email(email, tenant_id=tenant_id)
        if user is None or self.status_gate.blocks(user.status):
            return
        recipient = Recipient(user, email, context)
        match self.rules.method:
            case PasswordResetMethod.OTP:
                if await self.reset_codes.are_guessed_out(tenant_id, email):
                    await self._send_link(user, recipient)
                else:
                    await self._send_code(user, recipient)
            case PasswordResetMethod.TOKEN:
                await self._send_link(user, recipient)
            case _:
                assert_never(self.rules.method)

    async def _send_code(self, user: AuthUser, recipient: Recipient) -> None:
        rules = self.rules
        code = await self.reset_codes.issue(user, recipient.email, length=rules.otp_length, ttl=rules.otp_ttl)
        self.mailer.reset_otp(recipient, code)

    async def _send_link(self, user: AuthUser, recipient: Recipient) -> None:
        token = await self.proofs.mint(PASSWORD_RESET, user, recipient.email, self.rules.token_ttl)

        async def delete_token() -> None:
            await self.proofs.forget(PASSWORD_RESET, token)

        self.mailer.reset_token(recipient, token, on_failure=delete_token)


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
