"""The synchronous client of platform administrators."""

from bymax_auth.client.delivery import BearerDelivery
from bymax_auth.client.platform import PlatformCalls
from bymax_auth.client.results import PlatformAuthOutcome
from bymax_auth.client.sending import RouteAddress
from bymax_auth.client.session import Session
from bymax_auth.client.sync_realm import SyncRealmClient
from bymax_auth.errors.extras import needs_extra
from bymax_auth.types.account import SafeAuthPlatformUser
from bymax_auth.types.results import PlatformAuthResult

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["SyncPlatformAuthClient"]


class SyncPlatformAuthClient(SyncRealmClient[PlatformCalls]):
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
        http: httpx2.Client | None = None,
        route_prefix: str = "auth",
        session: Session | None = None,
    ) -> None:
        calls = PlatformCalls(session or Session(), BearerDelivery())
        super().__init__(calls, RouteAddress(base_url, route_prefix), http)

    def login(self, *, email: str, password: str) -> PlatformAuthOutcome:
        """As `PlatformAuthClient.login`."""
        return self._driver.run(self._calls.login(email, password))

    def mfa_challenge(self, mfa_temp_token: str, code: str) -> PlatformAuthResult:
        """As `PlatformAuthClient.mfa_challenge`."""
        return self._driver.run(self._calls.mfa_challenge(mfa_temp_token, code))

    def me(self) -> SafeAuthPlatformUser:
        """As `PlatformAuthClient.me`."""
        return self._driver.run(self._calls.me())

    def revoke_all_sessions(self) -> None:
        """As `PlatformAuthClient.revoke_all_sessions`."""
        self._driver.run(self._calls.revoke_all_sessions())
