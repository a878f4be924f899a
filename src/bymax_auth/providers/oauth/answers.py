"""
Requests to a provider, and answers that are JSON.

Whatever goes wrong is an `OAuthProviderError` with a fixed label.  No cause is kept: it could hold the
request, and with it a code, a token or the client's secret.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from bymax_auth.errors.extras import needs_extra
from bymax_auth.jwt.strict_json import read_array, read_object
from bymax_auth.ports.http import HttpClient, HttpError, HttpRequest
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure

__all__ = ["ProviderApi", "bearer"]

ValueT = TypeVar("ValueT")

_OK: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"


class ProviderApi:
    """
    Sends requests to a provider.

    Args:
        client: ``None`` for `HttpxHttpClient`.

    Raises:
        ModuleNotFoundError: There is no `client`, and httpx2 is not installed.
    """

    def __init__(self, client: HttpClient | None) -> None:
        self._client: Final = _bundled_client() if client is None else client

    async def get_object(self, url: str, *headers: tuple[str, str], what: str) -> dict[str, object]:
        """
        Return the JSON object at `url`.

        Raises:
            OAuthProviderError: There is no answer, its status is not 200, or it is no JSON object.
        """
        return await self._exchange(HttpRequest(method="GET", url=url, headers=headers), read_object, what)

    async def get_array(self, url: str, *headers: tuple[str, str], what: str) -> list[object]:
        """
        Return the JSON array at `url`.

        Raises:
            OAuthProviderError: There is no answer, its status is not 200, or it is no JSON array.
        """
        return await self._exchange(HttpRequest(method="GET", url=url, headers=headers), read_array, what)

    async def post_form(self, url: str, body: str, *headers: tuple[str, str], what: str) -> dict[str, object]:
        """
        Return the JSON object that answers a form.

        Raises:
            OAuthProviderError: There is no answer, its status is not 200, or it is no JSON object.
        """
        sent = (("content-type", _FORM), ("accept", "application/json"), *headers)
        request = HttpRequest(method="POST", url=url, headers=sent, body=body.encode("ascii"))
        return await self._exchange(request, read_object, what)

    async def _exchange(self, request: HttpRequest, read: Callable[[str], ValueT], what: str) -> ValueT:
        try:
            response = await self._client.send(request)
        except HttpError:
            raise OAuthProviderError(ProviderFailure.TRANSPORT, f"{what}: no answer") from None
        # A redirect is refused with every other status: it could carry the credentials to another host.
        if response.status != _OK:
            label = f"{what}: another status than 200"
            raise OAuthProviderError(ProviderFailure.HTTP, label, status=response.status)
        try:
            return read(response.body.decode("utf-8"))
        except ValueError:
            raise OAuthProviderError(ProviderFailure.DECODE, f"{what}: not readable") from None


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a request in the person's name."""
    return (("authorization", f"Bearer {token}"), ("accept", "application/json"))


def _bundled_client() -> HttpClient:
    with needs_extra("oauth", ("httpx2",)):
        from bymax_auth.providers.http import HttpxHttpClient
    return HttpxHttpClient()
