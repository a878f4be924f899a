"""One-time codes that prove an address: issued, verified, and sent again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from bymax_auth.config.constants import OTP_MAX_ATTEMPTS, OTP_VERIFY_MINIMUM, RESEND_COOLDOWN
from bymax_auth.crypto.tokens import numeric_code
from bymax_auth.errors import OtpExpired, OtpInvalid, OtpMaxAttempts
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.one_time import OtpPurpose, OtpStore, OtpVerdict
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.waiting import MinimumDuration

__all__ = ["OneTimeCodes"]


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """Codes by purpose, tenant and canonical address.  Stores see keyed fingerprints only."""

    otps: OtpStore
    identifiers: Identifiers
    clock: Clock

    async def issue(
        self, purpose: OtpPurpose, tenant_id: str, email: str, *, length: int, ttl: timedelta
    ) -> str:
        """
        Return a new code, which replaces an earlier one and its count of attempts.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        code = numeric_code(length)
        await self.put(purpose, tenant_id, email, code, ttl)
        return code

    async def put(self, purpose: OtpPurpose, tenant_id: str, email: str, code: str, ttl: timedelta) -> None:
        """Store a code that was generated before; as `issue`."""
        otp = self.identifiers.otp(purpose, tenant_id, email)
        await self.otps.put(otp, self.identifiers.otp_fingerprint(otp, code), ttl)

    def fingerprint(self, purpose: OtpPurpose, tenant_id: str, email: str, code: str) -> str:
        """Return the keyed digest that a store has of the code."""
        return self.identifiers.otp_fingerprint(self.identifiers.otp(purpose, tenant_id, email), code)

    async def verify(self, purpose: OtpPurpose, tenant_id: str, email: str, code: str) -> None:
        """
        Consume the code, in at least 100 ms whatever the result.

        Raises:
            OtpInvalid: The code is wrong.
            OtpExpired: There is no code for this address, or it has expired.
            OtpMaxAttempts: Too many wrong codes were given.
            StoreUnavailable: The store did not answer.
        """
        async with MinimumDuration(self.clock, OTP_VERIFY_MINIMUM.total_seconds()):
            otp = self.identifiers.otp(purpose, tenant_id, email)
            fingerprint = self.identifiers.otp_fingerprint(otp, code)
            verdict = await self.otps.verify(otp, fingerprint, OTP_MAX_ATTEMPTS)
            match verdict:
                case OtpVerdict.OK:
                    return
                case OtpVerdict.WRONG:
                    raise OtpInvalid
                case OtpVerdict.EXPIRED:
                    raise OtpExpired
                case OtpVerdict.MAX:
                    raise OtpMaxAttempts
                case _:
                    assert_never(verdict)

    async def claim_resend(self, purpose: OtpPurpose, tenant_id: str, email: str) -> bool:
        """
        Claim the right to send a code; ``False`` within a minute of the last claim.

        Every flow that issues a code claims it first: a new code has a new count of attempts, so a flow
        without the claim would make a short code guessable.
        """
        return await self.otps.try_begin_resend(
            self.identifiers.otp(purpose, tenant_id, email), RESEND_COOLDOWN
        )
