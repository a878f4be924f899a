"""
Sign the requests of any client of httpx2, and renew the tokens when a guard refuses them.

    request with the access token ──▶ 401 of a guard ──▶ renew the tokens ──▶ the request again, once
                                                     ──▶ another login by now ──▶ the 401
"""

from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import suppress
from typing import Final

from bymax_auth.client.async_client import AuthClient
from bymax_auth.client.async_platform import PlatformAuthClient
from bymax_auth.client.decoding import refusal_of
from bymax_auth.client.delivery import CookieDelivery
from bymax_auth.client.errors import NoSession
from bymax_auth.client.exchange import Reply
from bymax_auth.client.realm import GUARD_REFUSALS
from bymax_auth.client.sending import absolute_url, origin_of
from bymax_auth.client.sync_client import SyncAuthClient
from bymax_auth.client.sync_platform import SyncPlatformAuthClient
from bymax_auth.errors.extras import needs_extra

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["BymaxAuth"]

_UNAUTHORIZED: Final = 401


class BymaxAuth(httpx2.Auth):
    """
    Signs requests as the user of `client`: ``httpx2.AsyncClient(auth=BymaxAuth(client))``.

    An `AuthClient` serves `httpx2.AsyncClient`, a `SyncAuthClient` serves `httpx2.Client`.  A request whose
    body is a stream cannot be sent twice: its 401 is returned, and the next request has new tokens.

    Args:
        client: A client that is signed in by the time of the first request.
        origins: The only servers that get the token, each ``https://host[:port]``.  ``None`` means every
            server that is asked; with cookies, the client's own.

    Raises:
        ValueError: An origin is no absolute http address.
    """

    def __init__(
        self,
        client: AuthClient | SyncAuthClient | PlatformAuthClient | SyncPlatformAuthClient,
        *,
        origins: Iterable[str] | None = None,
    ) -> None:
        self._client: Final = client
        known = None if origins is None else {origin_of(absolute_url(origin)) for origin in origins}
        if known is None and isinstance(client.delivery, CookieDelivery):
            known = {client.origin}
        self._origins: Final = known

    def __repr__(self) -> str:
        return f"BymaxAuth({self._client!r})"

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Sign one request of an `httpx2.AsyncClient`."""
        client = self._client
        if isinstance(client, SyncAuthClient | SyncPlatformAuthClient):
            raise TypeError("A synchronous client serves httpx2.Client: give BymaxAuth an AuthClient.")
        if not self._serves(request):
            yield request
            return
        signing = _Signing(request)
        tokens = client.session.held
        response = yield signing.signed(*client.delivery.access(tokens))
        if response.status_code == _UNAUTHORIZED:
            await response.aread()
        if signing.is_refused_by(response):
            with suppress(NoSession):
                tokens = await client.renew(tokens)
                if signing.is_repeatable:
                    yield signing.signed(*client.delivery.access(tokens))

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response]:
        """Sign one request of an `httpx2.Client`."""
        client = self._client
        if isinstance(client, AuthClient | PlatformAuthClient):
            raise TypeError(
                "An asynchronous client serves httpx2.AsyncClient: give BymaxAuth a SyncAuthClient."
            )
        if not self._serves(request):
            yield request
            return
        signing = _Signing(request)
        tokens = client.session.held
        response = yield signing.signed(*client.delivery.access(tokens))
        if response.status_code == _UNAUTHORIZED:
            response.read()
        if signing.is_refused_by(response):
            with suppress(NoSession):
                tokens = client.renew(tokens)
                if signing.is_repeatable:
                    yield signing.signed(*client.delivery.access(tokens))

    def _serves(self, request: httpx2.Request) -> bool:
        return self._origins is None or origin_of(request.url) in self._origins


class _Signing:
    """One request, signed with these tokens or those."""

    def __init__(self, request: httpx2.Request) -> None:
        self._request: Final = request
        self._cookies: Final = request.headers.get("Cookie")

    def signed(self, name: str, value: str) -> httpx2.Request:
        """Return the request with a header that carries a token, beside the cookies it has anyway."""
        beside = self._cookies if name == "Cookie" else None
        self._request.headers[name] = f"{beside}; {value}" if beside else value
        return self._request

    def is_refused_by(self, response: httpx2.Response) -> bool:
        """Whether the server refused the token; one that it redirects to elsewhere has not seen it."""
        if response.status_code != _UNAUTHORIZED or origin_of(response.url) != origin_of(self._request.url):
            return False
        refusal = refusal_of(Reply(response.status_code, (), response.content))
        return refusal is not None and refusal.code in GUARD_REFUSALS

    @property
    def is_repeatable(self) -> bool:
        """Whether the body is held, and not a stream that is gone once it was sent."""
        try:
            self._request.content  # noqa: B018 - asks whether there is one
        except httpx2.RequestNotRead:
            return False
        return True
