"""
Which tokens a client sends to a route, in each delivery mode.

A requirement is a list of alternatives, each the names of schemes that are required together; the
empty alternative means no credentials.

Source: OpenAPI 3.1 §4.8.30, Security Requirement Object.
"""

from dataclasses import dataclass
from typing import Final, assert_never

from bymax_auth.config.enums import TokenDelivery

__all__ = [
    "ACCESS_BEARER",
    "ACCESS_COOKIE",
    "ACCESS_TOKEN",
    "KEEPS_SESSION",
    "NAMES_SESSION",
    "NO_CREDENTIALS",
    "REFRESH_COOKIE",
    "REFRESH_TOKEN",
    "SIGN_OUT",
    "Credentials",
    "Requirement",
]

Requirement = tuple[tuple[str, ...], ...]
"""Alternatives, each the names of schemes that are required together."""

ACCESS_COOKIE: Final = "bymaxAuthAccessCookie"
ACCESS_BEARER: Final = "bymaxAuthAccessBearer"
REFRESH_COOKIE: Final = "bymaxAuthRefreshCookie"

_AC: Final = (ACCESS_COOKIE,)
_AB: Final = (ACCESS_BEARER,)
_RC: Final = (REFRESH_COOKIE,)
_NONE: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """
    The documented credentials of a route, by delivery mode.

    `needs_refresh_token` means that the route requires a refresh token: if no cookie carries it, the
    body must.
    """

    cookie: Requirement
    bearer: Requirement
    both: Requirement
    needs_refresh_token: bool = False

    def by(self, delivery: TokenDelivery) -> Requirement:
        """Return the alternatives in one delivery mode."""
        match delivery:
            case TokenDelivery.COOKIE:
                return self.cookie
            case TokenDelivery.BEARER:
                return self.bearer
            case TokenDelivery.BOTH:
                return self.both
            case _:
                assert_never(delivery)


NO_CREDENTIALS: Final = Credentials(cookie=(), bearer=(), both=())
"""A public route."""

ACCESS_TOKEN: Final = Credentials(cookie=(_AC,), bearer=(_AB,), both=(_AC, _AB))
"""Signed in."""

REFRESH_TOKEN: Final = Credentials(cookie=(_RC,), bearer=(), both=(_RC, _NONE), needs_refresh_token=True)
"""The refresh token alone."""

SIGN_OUT: Final = Credentials(
    cookie=(_AC + _RC, _AC, _RC, _NONE),
    bearer=(_AB, _NONE),
    both=(_AC + _RC, _AC, _AB + _RC, _AB, _RC, _NONE),
)
"""Any of the session's tokens, or none."""

NAMES_SESSION: Final = Credentials(
    cookie=(_AC + _RC, _AC), bearer=(_AB,), both=(_AC + _RC, _AC, _AB + _RC, _AB)
)
"""Signed in; a refresh token identifies the caller's own session."""

KEEPS_SESSION: Final = Credentials(
    cookie=(_AC + _RC,),
    bearer=(_AB,),
    both=(_AC + _RC, _AC, _AB + _RC, _AB),
    needs_refresh_token=True,
)
"""Signed in, with the refresh token of the session to keep."""
