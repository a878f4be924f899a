"""The calls of the routes for platform administrators.  Their tokens never travel in cookies."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import TypeAdapter

from bymax_auth.client.dashboard import challenged
from bymax_auth.client.decoding import ABSENT_AS_NULL, decoded
from bymax_auth.client.exchange import Exchange, Reply
from bymax_auth.client.results import PlatformAuthenticated, PlatformAuthOutcome
from bymax_auth.client.second_factor import SecondFactorCalls
from bymax_auth.types.account import SafeAuthPlatformUser
from bymax_auth.types.results import PlatformAuthResult
from bymax_auth.types.wire import WireModel

__all__ = ["PlatformCalls"]


class _AdminBody(WireModel):
    admin: Annotated[SafeAuthPlatformUser, ABSENT_AS_NULL]


_ADMIN: Final = TypeAdapter(_AdminBody)
_OWN_ADMIN: Final[TypeAdapter[SafeAuthPlatformUser]] = TypeAdapter(
    Annotated[SafeAuthPlatformUser, ABSENT_AS_NULL]
)


@dataclass(frozen=True, slots=True)
class PlatformCalls(SecondFactorCalls):
    """What a platform administrator can do."""

    path: str = "/platform"

    def login(self, email: str, password: str) -> Exchange[PlatformAuthOutcome]:
        """Sign in with a password."""
        reply = yield from self.post("/login", {"email": email, "password": password})
        return challenged(reply) or PlatformAuthenticated(self._signed_in(reply))

    def mfa_challenge(self, mfa_temp_token: str, code: str) -> Exchange[PlatformAuthResult]:
        """Complete a sign-in with a code."""
        body = {"mfaTempToken": mfa_temp_token, "code": code}
        return self._signed_in((yield from self.post("/mfa/challenge", body)))

    def me(self) -> Exchange[SafeAuthPlatformUser]:
        """Read the signed-in administrator."""
        return decoded(_OWN_ADMIN, (yield from self.guarded("GET", "/me", renew_on_any_401=True)))

    def revoke_all_sessions(self) -> Exchange[None]:
        """End every login, this one included."""
        yield from self.ending("DELETE", "/sessions")

    def _signed_in(self, reply: Reply) -> PlatformAuthResult:
        admin = decoded(_ADMIN, reply).admin
        tokens = self.signed_in(reply)
        return PlatformAuthResult(
            admin=admin, access_token=tokens.access_token, refresh_token=tokens.refresh_token
        )
