"""
Verify email: prove that an address belongs to the account's owner.

    code ─wrong, used, expired─▶ refuse
      │ right
    account of the address? ─no─▶ refuse with the same error
      │ yes
    mark verified ──▶ delete the cached status ──▶ call the hook

    resend: cooldown free? ─no─▶ done
              │ yes
            account unverified? ─yes─▶ new code, mailed in the background

Tenant and address identify the account, so the caller need not be signed in.  A resend gets the same
response, after the same time, whatever it did.
"""

from dataclasses import dataclass
from datetime import timedelta

from bymax_auth.config.constants import VERIFICATION_OTP_LENGTH
from bymax_auth.errors import OtpInvalid
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.one_time import OtpPurpose
from bymax_auth.services.address_verification import AddressVerification
from bymax_auth.services.addresses import canonical_email, require_text
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.services.uniform_response import uniform_response
from bymax_auth.types.context import RequestContext

__all__ = ["ResendVerification", "VerifyEmail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail:
    """The proof of an address."""

    users: UserRepository
    tenants: TenantResolution
    codes: OneTimeCodes
    verification: AddressVerification
    background: BackgroundTasks

    async def __call__(self, *, tenant_id: str | None, email: str, otp: str, context: RequestContext) -> None:
        """
        Mark the account of the address as verified.

        Raises:
            OtpInvalid: The code is wrong, expired or used up, or there is no such account.
            Forbidden: The tenant resolver refused.
            ValidationFailed: The input breaks a rule of form, or names no tenant.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        address = canonical_email(email)
        require_text(otp, "otp", VERIFICATION_OTP_LENGTH, VERIFICATION_OTP_LENGTH)
        tenant = await self.tenants.resolve(tenant_id, context)
        await self.background.shielded(self._verify(tenant, address, otp, context))

    async def _verify(self, tenant_id: str, email: str, otp: str, context: RequestContext) -> None:
        await self.codes.verify(OtpPurpose.EMAIL_VERIFICATION, tenant_id, email, otp)
        user = await self.users.find_by_email(email, tenant_id=tenant_id)
        if user is None:
            raise OtpInvalid
        await self.verification.record(user, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendVerification:
    """The request for another code."""

    users: UserRepository
    tenants: TenantResolution
    codes: OneTimeCodes
    mailer: Mailer
    failures: FailureReporter
    clock: Clock
    code_ttl: timedelta

    async def __call__(self, *, tenant_id: str | None, email: str, context: RequestContext) -> None:
        """
        Mail a new code when the address belongs to an unverified account.

        The response is the same, and takes as long, when it does not, when a code was sent within
        the last minute, and when something failed.

        Raises:
            ValidationFailed: The input breaks a rule of form, or names no tenant.
        """
        address = canonical_email(email)
        async with uniform_response(self.clock, self.failures, "resend_verification"):
            tenant = await self.tenants.resolve(tenant_id, context)
            await self._send(tenant, address, context)

    async def _send(self, tenant_id: str, email: str, context: RequestContext) -> None:
        if not await self.codes.claim_resend(OtpPurpose.EMAIL_VERIFICATION, tenant_id, email):
            return
        user = await self.users.find_by_email(email, tenant_id=tenant_id)
        if user is None or user.email_verified:
            return
        code = await self.codes.issue(
            OtpPurpose.EMAIL_VERIFICATION,
            tenant_id,
            email,
            length=VERIFICATION_OTP_LENGTH,
            ttl=self.code_ttl,
        )
        self.mailer.verification_otp(Recipient(user, email, context), code)
