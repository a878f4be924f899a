"""Requests to other services through httpx2 (extras ``breach`` and ``oauth``)."""

import asyncio
from datetime import timedelta
from typing import Final

from bymax_auth.errors.extras import needs_extra
from bymax_auth.ports.http import (
    HttpConnectError,
    HttpRequest,
    HttpResponse,
    HttpTimeout,
    HttpTransportError,
)

with needs_extra("breach", ("httpx2",)):
    import httpx2

__all__ = ["HttpxHttpClient"]

_MAX_CONNECTIONS: Final = 20
_LAST_PORT: Final = 65_535


class HttpxHttpClient:
    """
    Implements `HttpClient`: one connection for each request, verified TLS, no redirects and no cookies.

    It uses a transport and not a client of httpx2, because a client logs the address of every request.

    Args:
        transport: For a proxy or a certificate authority of the host's own; ``None`` ignores the
            environment and trusts the system's authorities.
        timeout: For the whole exchange.
        max_response_bytes: A longer body is refused, as soon as its length is announced or reached.

    Raises:
        ValueError: The timeout or the limit is not positive.
    """

    def __init__(
        self,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        timeout: timedelta = timedelta(seconds=10),
        max_response_bytes: int = 1_048_576,
    ) -> None:
        if timeout <= timedelta(0):
            raise ValueError("The timeout of HTTP requests is not positive.")
        if max_response_bytes < 1:
            raise ValueError("The limit of a response's size is not positive.")
        # Nothing is kept open between requests, so there is nothing to close with the engine.
        limits = httpx2.Limits(max_connections=_MAX_CONNECTIONS, max_keepalive_connections=0)
        self._transport: Final = transport or httpx2.AsyncHTTPTransport(limits=limits, trust_env=False)
        self._seconds: Final = timeout.total_seconds()
        self._max_response_bytes: Final = max_response_bytes

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Implements `HttpClient`."""
        # Errors of httpx2 hold the request and its address, so none of them is kept as a cause.
        try:
            async with asyncio.timeout(self._seconds):
                return await self._exchange(request)
        except (TimeoutError, httpx2.TimeoutException):
            raise HttpTimeout("the exchange took too long") from None
        except httpx2.ConnectError:
            raise HttpConnectError("no connection") from None
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL):
            raise HttpTransportError("the exchange failed") from None

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        # A compressed body could be a thousand times as long as the bytes that are counted.
        headers = [*request.headers, ("Accept-Encoding", "identity")]
        outgoing = httpx2.Request(request.method, request.url, headers=headers, content=request.body)
        # Opening a connection to another number is a TypeError or an OverflowError.
        if outgoing.url.port is not None and not 0 < outgoing.url.port <= _LAST_PORT:
            raise HttpConnectError("no connection: there is no such port")
        response = await self._transport.handle_async_request(outgoing)
        try:
            body = await self._bounded(response)
        finally:
            await response.aclose()
        return HttpResponse(
            status=response.status_code, headers=tuple(response.headers.multi_items()), body=body
        )

    async def _bounded(self, response: httpx2.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise HttpTransportError("the answer is compressed")
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._max_response_bytes:
            raise HttpTransportError("the answer is too large")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_response_bytes:
                raise HttpTransportError("the answer is too large")
        return bytes(body)
