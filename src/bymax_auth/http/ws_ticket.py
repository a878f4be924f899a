"""
The ticket in the address of a WebSocket.

The only credential that is read from a query string, because a browser cannot put one anywhere else in a
handshake.  A log that keeps the address keeps nothing of use: a ticket works once, and for seconds.
"""

from typing import Final
from urllib.parse import parse_qsl

from bymax_auth.errors import TokenInvalid, TokenMissing
from bymax_auth.http.request import RequestView

__all__ = ["names_ticket", "ticket_of"]

_PARAMETER: Final = "ticket"
_MOST_PARAMETERS: Final = 64
"""An address of a host's own page has fewer; each one costs time before anybody is authenticated."""


def names_ticket(view: RequestView) -> bool:
    """
    Return whether the address has a ticket, or several.

    Raises:
        TokenInvalid: It has too many parameters to say.
    """
    return bool(_tickets(view))


def ticket_of(view: RequestView) -> str:
    """
    Return the one ticket in the address of a WebSocket.

    Raises:
        TokenMissing: It has none, or the connection is no WebSocket.
        TokenInvalid: It has several: an intermediary may have checked another one than this.
    """
    found = _tickets(view)
    if view.scope["type"] != "websocket" or found in ([], [""]):
        raise TokenMissing
    if len(found) > 1:
        raise TokenInvalid
    return found[0]


def _tickets(view: RequestView) -> list[str]:
    query: bytes = view.scope.get("query_string", b"")
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise TokenInvalid from None
    return [value for name, value in pairs if name == _PARAMETER]
