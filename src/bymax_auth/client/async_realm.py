"""What the asynchronous clients of both realms have in common."""

from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from bymax_auth.client.delivery import Delivery
from bymax_auth.client.drivers import AsyncDriver
from bymax_auth.client.second_factor import SecondFactorCalls
from bymax_auth.client.sending import Origin, RouteAddress
from bymax_auth.client.session import Session
from bymax_auth.errors.extras import needs_extra
from bymax_auth.types.results import MfaSetupResult, RotatedTokens

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["AsyncRealmClient"]

CallsT = TypeVar("CallsT", bound=SecondFactorCalls)


class AsyncRealmClient(Generic[CallsT]):
    """A client of one realm, signed in or not.  Use it as an async context manager, or call `aclose`."""

    __slots__ = ("_calls", "_driver", "_origin")

    def __init__(self, calls: CallsT, address: RouteAddress, http: httpx2.AsyncClient | None) -> None:
        self._calls: Final = calls
        self._driver: Final = AsyncDriver(address, http)
        self._origin: Final = address.origin

    def __repr__(self) -> str:
        return f"{type(self).__name__}(signed_in={self.has_session})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, if the client was given none.  The session stays at the server."""
        await self._driver.aclose()

    @property
    def session(self) -> Session:
        """The tokens that the client holds."""
        return self._calls.session

    @property
    def has_session(self) -> bool:
        """Whether somebody is signed in."""
        return self.session.tokens is not None

    @property
    def delivery(self) -> Delivery:
        """How the tokens travel."""
        return self._calls.delivery

    @property
    def origin(self) -> Origin:
        """Scheme, host and port of the server."""
        return self._origin

    async def refresh(self) -> RotatedTokens:
        """
        Exchange the refresh token; calls that meet share one exchange.

        If it fails, the session stays.

        Raises:
            NoSession: Nobody is signed in, or somebody has signed in or out meanwhile.
        """
        return await self._driver.run(self._calls.refresh())

    async def renew(self, failed: RotatedTokens) -> RotatedTokens:
        """
        Return newer tokens than `failed`: those that the session holds by now, or those of a refresh.

        Raises:
            NoSession: Nobody is signed in, or `failed` are the tokens of another login.
        """
        return await self._driver.run(self._calls.renew(failed))

    async def logout(self) -> None:
        """
        End the session.  If that fails, the client keeps it, and the call can be repeated.

        Raises:
            NoSession: Nobody is signed in, or somebody has signed in or out meanwhile.
        """
        await self._driver.run(self._calls.logout())

    async def mfa_setup(self, password: str | None = None) -> MfaSetupResult:
        """
        Begin the enrolment of an authenticator app; `password` where the account has one.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.mfa_setup(password))

    async def mfa_verify_enable(self, code: str) -> None:
        """
        Confirm the enrolment by a code of the app.  Every session ends, and the client holds none then.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.mfa_verify_enable(code))

    async def mfa_disable(self, code: str) -> None:
        """
        Remove the second factor by a code of the app.  Every session ends, and the client holds none then.

        Raises:
            NoSession: Nobody is signed in.
        """
        await self._driver.run(self._calls.mfa_disable(code))

    async def mfa_recovery_codes(self, code: str) -> tuple[str, ...]:
        """
        Return new recovery codes, which replace the earlier ones; `code` is one of the app.

        Raises:
            NoSession: Nobody is signed in.
        """
        return await self._driver.run(self._calls.mfa_recovery_codes(code))
