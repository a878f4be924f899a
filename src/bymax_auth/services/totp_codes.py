"""Codes of an authenticator app, and for how long each must be refused once it was used."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.config.constants import TOTP_STEP
from bymax_auth.crypto import totp
from bymax_auth.ports.clock import Clock

__all__ = ["TotpCodes", "has_totp_form"]

_is_totp: Final = re.compile(r"[0-9]{6}").fullmatch


def has_totp_form(code: str) -> bool:
    """Return whether the text is six ASCII digits; every other text can be a recovery code only."""
    return _is_totp(code) is not None


@dataclass(frozen=True, slots=True)
class TotpCodes:
    """Verifies codes of the current time step and of `window` steps before and after it."""

    window: int
    clock: Clock

    @property
    def usable_for(self) -> timedelta:
        """
        How long one code is valid, and so how long a used one is remembered.

        Source: RFC 6238 §5.2, "The verifier MUST NOT accept the second attempt of the OTP".
        """
        return (2 * self.window + 1) * TOTP_STEP

    def matches(self, secret: bytes, code: str) -> bool:
        """Return whether the code is valid now, used or not."""
        return totp.verify(secret, code, self.clock.unix_seconds(), self.window)
