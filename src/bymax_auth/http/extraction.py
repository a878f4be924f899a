"""
Which token a request carries.

    token              cookie mode         bearer mode      both
    access             cookie              Authorization    cookie, else Authorization
    refresh            cookie, then body   body             cookie, then body
    platform access    Authorization, whatever the mode
    platform refresh   body, whatever the mode
    MFA temporary      body, then cookie, whatever the mode

The first channel that is not empty decides: after an invalid cookie the header is not tried.  With
`cookies.refuse_conflicts`, two different values of a cookie are an invalid token: one of them was set by a
page of another subdomain, and which one cannot be known.
No token is read from a query string, because query strings are logged.
"""

from itertools import zip_longest
from typing import Final

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.errors import TokenInvalid
from bymax_auth.http.cookies import MFA_TEMP_COOKIE
from bymax_auth.http.request import RequestView

__all__ = ["TokenChannels", "bearer_token"]

_BEARER_PARTS: Final = 2
_MOST_ENDED: Final = 4


def bearer_token(view: RequestView) -> str | None:
    """
    Return the token of the ``Authorization`` header.

    Several headers count as none: it is unknown which of them an intermediary used.

    Source: RFC 6750 §2.1; the scheme is case-insensitive by RFC 9110 §11.1.
    """
    line: bytes | None = None
    for name, value in view.scope["headers"]:
        if name == b"authorization":
            if line is not None:
                return None
            line = value
    if line is None:
        return None
    parts = line.split(None, _BEARER_PARTS)
    if len(parts) != _BEARER_PARTS or parts[0].lower() != b"bearer":
        return None
    return parts[1].decode("latin-1")


class TokenChannels:
    """
    Reads tokens from the channels of the configured delivery mode.

    Raises (every method that returns one token):
        TokenInvalid: The request has different values of the cookie, and conflicts are refused.
    """

    __slots__ = (
        "_access_cookie",
        "_reads_cookies",
        "_reads_header",
        "_refresh_cookie",
        "_refuses_conflicts",
    )

    def __init__(self, config: ResolvedConfig) -> None:
        delivery = config.auth.token_delivery
        self._reads_cookies = delivery is not TokenDelivery.BEARER
        self._reads_header = delivery is not TokenDelivery.COOKIE
        self._access_cookie = config.access_cookie_name
        self._refresh_cookie = config.refresh_cookie_name
        self._refuses_conflicts = config.auth.cookies.refuse_conflicts

    def access(self, view: RequestView) -> str | None:
        """Return the dashboard access token."""
        if self._reads_cookies and (token := self._cookie(view, self._access_cookie)):
            return token
        return bearer_token(view) if self._reads_header else None

    def access_cookie(self, view: RequestView) -> str | None:
        """Return the dashboard access token if a cookie carries it, which a browser attaches by itself."""
        return self._cookie(view, self._access_cookie) if self._reads_cookies else None

    def refresh(self, view: RequestView, in_body: str | None) -> str | None:
        """Return the dashboard refresh token."""
        if self._reads_cookies and (token := self._cookie(view, self._refresh_cookie)):
            return token
        return in_body or None

    def mfa_temp(self, view: RequestView, in_body: str | None) -> str | None:
        """Return the temporary token of a sign-in; a browser cannot carry a body across a redirect."""
        return in_body or self._cookie(view, MFA_TEMP_COOKIE)

    def to_end(self, view: RequestView, in_body: str | None) -> tuple[tuple[str | None, str | None], ...]:
        """
        Return the pairs of access and refresh token that signing out ends.

        It is one pair, but where conflicts are refused: whichever value is the caller's own, its session
        ends, and the number of others is limited.
        """
        if not self._refuses_conflicts or not self._reads_cookies:
            return ((self.access(view), self.refresh(view, in_body)),)
        header = bearer_token(view) if self._reads_header else None
        access = view.cookie_values(self._access_cookie) or (header,)
        refresh = view.cookie_values(self._refresh_cookie) or (in_body or None,)
        return tuple(zip_longest(access[-_MOST_ENDED:], refresh[-_MOST_ENDED:]))

    def carries_access(self, view: RequestView) -> bool:
        """Return whether the request has anything in the place of an access token."""
        if self._reads_cookies and view.cookie_values(self._access_cookie):
            return True
        return self._reads_header and bearer_token(view) is not None

    def _cookie(self, view: RequestView, name: str) -> str | None:
        token = view.cookie(name)
        if not self._refuses_conflicts:
            return token
        values = view.cookie_values(name)
        if len(values) > 1:
            raise TokenInvalid
        return values[0] if values else None
