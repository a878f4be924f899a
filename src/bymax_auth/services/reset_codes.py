"""
Short codes that prove a password reset, each for one account and one password.

A code is looked up by its address alone, so what it was issued for is stored beside it, as for a reset
token.  Both are one proof: a code without its record comes from an implementation that keeps none.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.crypto.tokens import numeric_code
from bymax_auth.ports.one_time import RESET_CODE, OtpPurpose, ResetContext
from bymax_auth.services.one_time_codes import OneTimeCodes
from bymax_auth.services.reset_proofs import ResetProofs
from bymax_auth.services.waiting import together
from bymax_auth.types.account import AuthUser

__all__ = ["ResetCodes"]

# The record must not end before its code: the code would count as one of another implementation.
_RECORD_OUTLIVES_CODE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ResetCodes:
    """Issues and redeems reset codes."""

    codes: OneTimeCodes
    proofs: ResetProofs

    async def issue(self, user: AuthUser, email: str, *, length: int, ttl: timedelta) -> str:
        """
        Return a code with which the password that `user` has now may be replaced.

        Raises:
            StoreUnavailable: A store did not answer.
        """
        code = numeric_code(length)
        purpose, tenant_id = OtpPurpose.PASSWORD_RESET, user.tenant_id
        fingerprint = self.codes.fingerprint(purpose, tenant_id, email, code)
        await together(
            self.proofs.bind(RESET_CODE, fingerprint, user, email, ttl + _RECORD_OUTLIVES_CODE),
            self.codes.put(purpose, tenant_id, email, code, ttl),
        )
        return code

    async def redeem(self, tenant_id: str, email: str, code: str) -> ResetContext | None:
        """
        Consume the code, and return what it was issued for; ``None`` when that is not recorded.

        Raises:
            OtpInvalid: The code is wrong, expired or used up.
            StoreUnavailable: A store did not answer.
        """
        purpose = OtpPurpose.PASSWORD_RESET
        await self.codes.verify(purpose, tenant_id, email, code)
        return await self.proofs.take(RESET_CODE, self.codes.fingerprint(purpose, tenant_id, email, code))
