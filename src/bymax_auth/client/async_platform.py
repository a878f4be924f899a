"""The asynchronous client of platform administrators."""

from bymax_auth.client.async_realm import AsyncRealmClient
from bymax_auth.client.delivery import BearerDelivery
from bymax_auth.client.platform import PlatformCalls
from bymax_auth.client.results import PlatformAuthOutcome
from bymax_auth.client.sending import RouteAddress
from bymax_auth.client.session import Session
from bymax_auth.errors.extras import needs_extra
from bymax_auth.types.account import SafeAuthPlatformUser
from bymax_auth.types.results import PlatformAuthResult

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["PlatformAuthClient"]


class PlatformAuthClient(AsyncRealmClient[PlatformCalls]):
    """
    As `AuthClient`, for platform administrators, whose tokens never travel in cookies.

    Raises:
        ValueError: `base_url` is no absolute http address, or has more than a host and a path; or
            `route_prefix` is no plain path.
    """

    __slots__ = ()

    def __init__(
        self,
        base_url: str,
        *,
        http: httpx2.AsyncClient | None = None,
        route_prefix: str = "auth",
        session: Session | None = None,
    ) -> None:
        calls = PlatformCalls(session or Session(), BearerDelivery())
        super().__init__(calls, RouteAddress(base_url, route_prefix), http)

    async def login(self, *, email: str, password: str) -> PlatformAuthOutcome:
        """Sign in with a password."""
        return await self._driver.run(self._calls.login(email, password))

    async def mfa_challenge(self, mfa_temp_token: str, code: str) -> PlatformAuthResult:
        """Complete a sign-in with the token of its `MfaRequired` and a code of the app or a recovery code."""
        return await self._driver.run(self._calls.mfa_challenge(mfa_temp_token, code))

    async def me(self) -> SafeAuthPlatformUser:
        """
        Return the signed-in administrator.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.me())

    async def revoke_all_sessions(self) -> None:
        """
        End every login of the administrator, this one included: the client holds none any more.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.revoke_all_sessions())
