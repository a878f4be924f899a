"""
Checks new passwords against Have I Been Pwned, by the range of their hash.

    GET https://api.pwnedpasswords.com/range/5BAA6   →   1E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004

Only the first 5 of the 40 hex digits of a password's SHA-1 are sent.  About a thousand known passwords share
them, and the padding of the answer keeps its size from telling which range it is of.

**It fails open.**  A service that is down, slow or answers something else cannot keep people from
registering: the password is accepted, and the event ``breach_check.unavailable`` says why it was not
checked.
"""

import hashlib
import re
from datetime import timedelta
from typing import Final

from bymax_auth.config.urls import host_of, is_secure_url
from bymax_auth.ports.breach import BreachCheckUnavailable, BreachServiceFault
from bymax_auth.ports.http import HttpClient, HttpConnectError, HttpError, HttpRequest, HttpTimeout

__all__ = ["HIBP_RANGE_URL", "HibpBreachChecker"]

HIBP_RANGE_URL: Final = "https://api.pwnedpasswords.com/range/"
"""Where ranges are read.  Source: https://haveibeenpwned.com/API/v3#PwnedPasswords."""

_PREFIX_LENGTH: Final = 5
_OK: Final = 200
_TIMEOUT: Final = timedelta(seconds=3)
_MAX_RANGE_BYTES: Final = 262_144
"""Several times the longest range with its padding."""
_HEADERS: Final = (("Add-Padding", "true"), ("User-Agent", "bymax-auth"))
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
_ROW: Final = re.compile(r"(?P<suffix>[0-9A-Fa-f]{35})[ \t]*:[ \t]*(?P<count>[0-9]{1,18})")


class HibpBreachChecker:
    """
    Implements `PasswordBreachChecker` with the range API of Have I Been Pwned, or a mirror of it.

    Args:
        http_client: ``None`` for `HttpxHttpClient` (extra ``breach``), which waits three seconds at most.
        url: The address that the prefix is appended to: https, or http on the loopback interface.

    Raises:
        ValueError: The address is neither https nor on the loopback interface, does not end in ``/``, or
            has a user, a query or a fragment.
        ModuleNotFoundError: There is no `http_client`, and the extra is not installed.
    """

    def __init__(self, http_client: HttpClient | None = None, *, url: str = HIBP_RANGE_URL) -> None:
        if not _is_acceptable(url):
            raise ValueError("The address of the range check must be https, and end in a slash.")
        self._client: Final = _bundled_client() if http_client is None else http_client
        self._url: Final = url

    async def is_breached(self, password: str) -> bool:
        # The service's key is SHA-1; what is kept secret is the password, by sending an eighth of the digest.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        prefix, suffix = digest[:_PREFIX_LENGTH], digest[_PREFIX_LENGTH:]
        return _is_listed(suffix, await self._range(prefix))

    async def _range(self, prefix: str) -> str:
        request = HttpRequest(method="GET", url=self._url + prefix, headers=_HEADERS)
        # The causes are dropped: they hold the request, whose address ends in a part of the hash.
        try:
            response = await self._client.send(request)
        except HttpTimeout:
            raise BreachCheckUnavailable(BreachServiceFault.TIMEOUT) from None
        except HttpConnectError:
            raise BreachCheckUnavailable(BreachServiceFault.CONNECT) from None
        except HttpError:
            raise BreachCheckUnavailable(BreachServiceFault.TRANSPORT) from None
        if response.status != _OK:
            raise BreachCheckUnavailable(BreachServiceFault.STATUS)
        try:
            return response.body.decode()
        except UnicodeDecodeError:
            raise BreachCheckUnavailable(BreachServiceFault.UNREADABLE) from None


def _is_listed(suffix: str, text: str) -> bool:
    """Return whether a row has the suffix; a row whose count is zero is padding."""
    rows = [_ROW.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
    if any(row and row["suffix"].upper() == suffix and int(row["count"]) > 0 for row in rows):
        return True
    if not rows or None in rows:
        raise BreachCheckUnavailable(BreachServiceFault.UNREADABLE)
    return False


def _is_acceptable(url: str) -> bool:
    """Return whether a prefix may be sent to `url`, and stays the last part of its path."""
    host = host_of(url)
    secure = is_secure_url(url) or (url.startswith("http://") and host in _LOOPBACK)
    plain = url.isascii() and url.isprintable() and not re.search(r"[?#@\\ ]", url)
    return secure and plain and bool(host) and url.endswith("/")


def _bundled_client() -> HttpClient:
    from bymax_auth.providers.http import HttpxHttpClient

    return HttpxHttpClient(timeout=_TIMEOUT, max_response_bytes=_MAX_RANGE_BYTES)
