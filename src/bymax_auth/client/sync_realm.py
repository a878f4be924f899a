"""What the synchronous clients of both realms have in common."""

from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from bymax_auth.client.delivery import Delivery
from bymax_auth.client.drivers import SyncDriver
from bymax_auth.client.second_factor import SecondFactorCalls
from bymax_auth.client.sending import Origin, RouteAddress
from bymax_auth.client.session import Session
from bymax_auth.errors.extras import needs_extra
from bymax_auth.types.results import MfaSetupResult, RotatedTokens

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["SyncRealmClient"]

CallsT = TypeVar("CallsT", bound=SecondFactorCalls)


class SyncRealmClient(Generic[CallsT]):
    """A client of one realm, signed in or not.  Use it as a context manager, or call `close`."""

    __slots__ = ("_calls", "_driver", "_origin")

    def __init__(self, calls: CallsT, address: RouteAddress, http: httpx2.Client | None) -> None:
        self._calls: Final = calls
        self._driver: Final = SyncDriver(address, http)
        self._origin: Final = address.origin

    def __repr__(self) -> str:
        return f"{type(self).__name__}(signed_in={self.has_session})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, if the client was given none.  The session stays at the server."""
        self._driver.close()

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

    def refresh(self) -> RotatedTokens:
        """As `AsyncRealmClient.refresh`."""
        return self._driver.run(self._calls.refresh())

    def renew(self, failed: RotatedTokens) -> RotatedTokens:
        """As `AsyncRealmClient.renew`."""
        return self._driver.run(self._calls.renew(failed))

    def logout(self) -> None:
        """As `AsyncRealmClient.logout`."""
        self._driver.run(self._calls.logout())

    def mfa_setup(self, password: str | None = None) -> MfaSetupResult:
        """As `AsyncRealmClient.mfa_setup`."""
        return self._driver.run(self._calls.mfa_setup(password))

    def mfa_verify_enable(self, code: str) -> None:
        """As `AsyncRealmClient.mfa_verify_enable`."""
        self._driver.run(self._calls.mfa_verify_enable(code))

    def mfa_disable(self, code: str) -> None:
        """As `AsyncRealmClient.mfa_disable`."""
        self._driver.run(self._calls.mfa_disable(code))

    def mfa_recovery_codes(self, code: str) -> tuple[str, ...]:
        """As `AsyncRealmClient.mfa_recovery_codes`."""
        return self._driver.run(self._calls.mfa_recovery_codes(code))
