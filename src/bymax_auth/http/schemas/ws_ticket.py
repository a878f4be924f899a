"""The response body of the route that issues a WebSocket ticket."""

from typing import Annotated

from pydantic import Field

from bymax_auth.types.wire import WireModel

__all__ = ["IssuedWsTicket"]


class IssuedWsTicket(WireModel):
    """A ticket that opens one WebSocket, and the seconds for which it does."""

    ticket: Annotated[str, Field(min_length=64, max_length=64, repr=False)]
    expires_in: int
