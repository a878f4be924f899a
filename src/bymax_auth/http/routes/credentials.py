"""
Which tokens a client sends to a route, in each delivery mode.

A requirement is a list of alternatives, each the names of schemes that are required together; the
empty alternative means no credentials.

Source: OpenAPI 3.1 §4.8.30, Security Requirement Object.
"""

from dataclasses import dataclass
from typing import Final, Self, assert_never

from bymax_auth.config.enums import TokenDelivery

__all__ = [
    "ACCESS_BEARER",
    "ACCESS_COOKIE",
    "ACCESS_TOKEN",
    "KEEPS_SESSION",
    "NAMES_SESSION",
    "NO_CREDENTIALS",
    "PLATFORM_ACCESS_BEARER",
    "PLATFORM_ACCESS_TOKEN",
    "PLATFORM_REFRESH_TOKEN",
    "PLATFORM_SIGN_OUT",
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
PLATFORM_ACCESS_BEARER: Final = "bymaxPlatformAccessBearer"

_AC: Final = (ACCESS_COOKIE,)
_AB: Final = (ACCESS_BEARER,)
_RC: Final = (REFRESH_COOKIE,)
_PB: Final = (PLATFORM_ACCESS_BEARER,)
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

    @classmethod
    def in_every_mode(cls, requirement: Requirement, *, needs_refresh_token: bool = False) -> Self:
        """Return credentials that do not depend on the delivery mode."""
        return cls(
            cookie=requirement,
            bearer=requirement,
            both=requirement,
            needs_refresh_token=needs_refresh_token,
        )

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


NO_CREDENTIALS: Final = Credentials.in_every_mode(())
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

PLATFORM_ACCESS_TOKEN: Final = Credentials.in_every_mode((_PB,))
"""Signed in as a platform administrator."""

PLATFORM_REFRESH_TOKEN: Final = Credentials.in_every_mode((), needs_refresh_token=True)
"""An administrator's refresh token, which the body carries."""

PLATFORM_SIGN_OUT: Final = Credentials.in_every_mode((_PB, _NONE))
"""Any of an administrator's tokens, or none."""
