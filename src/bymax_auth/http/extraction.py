"""
Which token a request carries.

    token              cookie mode         bearer mode      both
    access             cookie              Authorization    cookie, else Authorization
    refresh            cookie, then body   body             cookie, then body
    platform access    Authorization, whatever the mode
    platform refresh   body, whatever the mode

The first channel that is not empty decides: after an invalid cookie the header is not tried.
No token is read from a query string, because query strings are logged.
"""

from typing import Final

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.http.request import RequestView

__all__ = ["TokenChannels", "bearer_token"]

_BEARER_PARTS: Final = 2


def bearer_token(view: RequestView) -> str | None:
    """
    Return the token of the ``Authorization`` header.

    Several headers count as none: it is unknown which of them an intermediary used.

    Source: RFC 6750 §2.1; the scheme is case-insensitive by RFC 9110 §11.1.
    """
    lines = view.lines(b"authorization")
    if len(lines) != 1:
        return None
    parts = lines[0].split()
    if len(parts) != _BEARER_PARTS or parts[0].lower() != b"bearer":
        return None
    return parts[1].decode("latin-1")


class TokenChannels:
    """Reads tokens from the channels of the configured delivery mode."""

    __slots__ = ("_access_cookie", "_reads_cookies", "_reads_header", "_refresh_cookie")

    def __init__(self, config: ResolvedConfig) -> None:
        delivery = config.auth.token_delivery
        self._reads_cookies = delivery is not TokenDelivery.BEARER
        self._reads_header = delivery is not TokenDelivery.COOKIE
        self._access_cookie = config.auth.cookies.access_token_name
        self._refresh_cookie = config.auth.cookies.refresh_token_name

    def access(self, view: RequestView) -> str | None:
        """Return the dashboard access token."""
        if self._reads_cookies and (token := view.cookie(self._access_cookie)):
            return token
        return bearer_token(view) if self._reads_header else None

    def access_cookie(self, view: RequestView) -> str | None:
        """Return the dashboard access token if a cookie carries it, which a browser attaches by itself."""
        return view.cookie(self._access_cookie) if self._reads_cookies else None

    def refresh(self, view: RequestView, in_body: str | None) -> str | None:
        """Return the dashboard refresh token."""
        if self._reads_cookies and (token := view.cookie(self._refresh_cookie)):
            return token
        return in_body or None
