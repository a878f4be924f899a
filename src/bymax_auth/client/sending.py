"""What both kinds of client of httpx2 need to send a call: addresses, requests, bounded answers, faults."""

import json
import re
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

from bymax_auth.client.errors import DecodeError
from bymax_auth.client.exchange import Call, Reply
from bymax_auth.errors.extras import needs_extra

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = [
    "LOST",
    "TIMEOUT",
    "BoundedBody",
    "Origin",
    "RouteAddress",
    "absolute_url",
    "cause_of",
    "forget_cookies",
    "no_cookies",
    "origin_of",
    "request_for",
]

LOST: Final = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
"""What httpx2 raises when there is no whole answer."""

TIMEOUT: Final = httpx2.Timeout(30.0)
"""For a client of our own: a sign-in may wait for its turn in the server's password queue."""

_MAX_RESPONSE_BYTES: Final = 1_048_576
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65_535
_MORE_THAN_A_PATH: Final = re.compile(r"[?#@\\\s\x00-\x20\x7f]")
"""Characters that end a path or stand for something else; also where nothing follows them."""

_SEGMENT: Final = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]+")
"""A path segment as the server's `route_prefix` may have it."""

Origin = tuple[str, str, int | None]
"""Scheme, host and port of an address."""


def origin_of(url: httpx2.URL) -> Origin:
    """Return the origin of an address.  Source: RFC 6454 §4."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)


def absolute_url(text: str) -> httpx2.URL:
    """
    Return an address of a server, which may have a path.

    Raises:
        ValueError: It is no absolute http address, or has credentials, a query or a fragment.
    """
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    # No connection can be made to a higher port, and the attempt is no error of httpx2.
    is_server = url.scheme in _DEFAULT_PORTS and bool(url.host) and (url.port or 0) <= _MAX_PORT
    if not is_server or _MORE_THAN_A_PATH.search(text):
        # The text is not quoted: it may have a password.
        raise ValueError(
            "An address is no absolute http address, or has more than a host and a path: "
            "write it like https://auth.example.com, without user, query and fragment."
        )
    return url


class RouteAddress:
    """
    Where the routes are.

    Raises:
        ValueError: As `absolute_url`; or `route_prefix` is no plain path.
    """

    __slots__ = ("_base", "origin")

    def __init__(self, base_url: str, route_prefix: str) -> None:
        url = absolute_url(base_url)
        prefix = route_prefix.strip("/")
        if prefix and not all(map(_SEGMENT.fullmatch, prefix.split("/"))):
            raise ValueError(
                "A route prefix is a path of letters, digits and . _ ~ -, such as auth or api/auth."
            )
        self._base: Final = f"{base_url.rstrip('/')}/{prefix}".rstrip("/")
        self.origin: Final = origin_of(url)

    def of(self, path: str) -> str:
        """Return the address of a route."""
        return self._base + path


def no_cookies() -> CookieJar:
    """Return a jar that takes no cookie."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def request_for(
    http: httpx2.Client | httpx2.AsyncClient, address: RouteAddress, call: Call
) -> httpx2.Request:
    """Return the request of a call; it has no cookie but the call's own."""
    headers = dict(call.headers)
    if call.method == "POST":
        headers["Content-Type"] = "application/json"
    content = None if call.body is None else json.dumps(call.body).encode()
    request = http.build_request(call.method, address.of(call.path), headers=headers, content=content)
    if "Cookie" not in call.headers:
        request.headers.pop("cookie", None)
    return request


def forget_cookies(http: httpx2.Client | httpx2.AsyncClient, response: httpx2.Response) -> None:
    """Remove from the client's jar what an answer has put there: a jar would send it with other calls."""
    names = {line.partition("=")[0].strip() for line in response.headers.get_list("set-cookie")}
    for cookie in [one for one in http.cookies.jar if one.name in names]:
        if response.request.url.host.endswith(cookie.domain.removesuffix(".local").lstrip(".")):
            # Another thread may have removed it, when several calls share the client.
            with suppress(KeyError):
                http.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)


def cause_of(error: Exception) -> str:
    """
    Return what an error may say of itself.

    The text of a failed connection comes from the system or from TLS.  Others may quote the request.
    """
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, httpx2.ConnectError) and str(error) else name


class BoundedBody:
    """
    An answer that is read piece by piece, up to a limit.

    Of an answer that is no success the status counts, and what can be read of the body.
    """

    __slots__ = ("_body", "_response", "ignored")

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self._body = bytearray()
        self.ignored: Final = () if response.is_success else (httpx2.DecodingError,)
        """Errors of reading after which the answer is whole."""

    def add(self, piece: bytes) -> bool:
        """
        Add a piece; say whether there may be more.

        Raises:
            DecodeError: The body of a success is larger than 1 MiB.
        """
        self._body += piece
        is_full = len(self._body) > _MAX_RESPONSE_BYTES
        if is_full and self._response.is_success:
            raise DecodeError("the answer is too large")
        return not is_full

    def reply(self) -> Reply:
        """Return the whole answer."""
        headers = tuple((name.lower(), value) for name, value in self._response.headers.multi_items())
        return Reply(self._response.status_code, headers, bytes(self._body))
