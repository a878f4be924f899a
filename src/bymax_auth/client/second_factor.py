"""The calls that manage a second factor, in either realm."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from bymax_auth.client.decoding import decoded
from bymax_auth.client.exchange import Exchange
from bymax_auth.client.realm import RealmCalls
from bymax_auth.client.results import RecoveryCodes
from bymax_auth.types.results import MfaSetupResult

__all__ = ["SecondFactorCalls"]

_SETUP: Final = TypeAdapter(MfaSetupResult)
_CODES: Final = TypeAdapter(RecoveryCodes)


@dataclass(frozen=True, slots=True)
class SecondFactorCalls(RealmCalls):
    """A realm with its routes for the second factor."""

    def mfa_setup(self, password: str | None) -> Exchange[MfaSetupResult]:
        """Begin an enrolment."""
        body = None if password is None else {"password": password}
        return decoded(_SETUP, (yield from self.guarded("POST", "/mfa/setup", body)))

    def mfa_verify_enable(self, code: str) -> Exchange[None]:
        """Confirm the enrolment."""
        yield from self.ending("POST", "/mfa/verify-enable", {"code": code})

    def mfa_disable(self, code: str) -> Exchange[None]:
        """Remove the factor."""
        yield from self.ending("POST", "/mfa/disable", {"code": code})

    def mfa_recovery_codes(self, code: str) -> Exchange[tuple[str, ...]]:
        """Replace the recovery codes."""
        reply = yield from self.guarded("POST", "/mfa/recovery-codes", {"code": code})
        return decoded(_CODES, reply).recovery_codes
