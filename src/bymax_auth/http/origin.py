"""
Whether a state-changing request comes from a trusted origin.

    Sec-Fetch-Site        Origin       admitted
    same-origin, none     anything     yes
    anything else, absent listed       yes
    absent                absent       yes: no browser sent it
    absent                not listed   yes only while no origin is listed
    anything else         otherwise    no

The check does not depend on cookies: a cross-site sign-in carries none and still sets session cookies.
"""

import logging
import threading
from collections.abc import Iterable
from typing import Final

from bymax_auth.http.asgi import Header
from bymax_auth.http.request import RequestView, header_text
from bymax_auth.ports.clock import Clock
from bymax_auth.services.privacy import log_safe

__all__ = ["SAFE_METHODS", "RefusedOrigins", "TrustedOrigins"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""
Methods that do not change state, and are not checked.

Source: RFC 9110 §9.2.1.
"""

_OWN_SITE: Final = frozenset({"same-origin", "none"})


class TrustedOrigins:
    """The listed origins, compared without regard to ASCII case."""

    __slots__ = ("_listed",)

    def __init__(self, origins: Iterable[str]) -> None:
        self._listed = frozenset(origin.encode().lower() for origin in origins)

    def admit(self, headers: Iterable[Header]) -> bool:
        """Return whether a state-changing request with these headers is admitted."""
        site: str | None = None
        origin: str | None = None
        seen_site = seen_origin = False
        for name, value in headers:
            if name == b"sec-fetch-site" and not seen_site:
                site, seen_site = header_text(value), True
            elif name == b"origin" and not seen_origin:
                origin, seen_origin = header_text(value), True
        if site in _OWN_SITE:
            return True
        if origin is None:
            return site is None
        # `bytes.lower` folds ASCII alone; `str.lower` would also fold the Kelvin sign into a "k".
        if origin.encode().lower() in self._listed:
            return True
        return site is None and not self._listed


_LOGGER: Final = logging.getLogger("bymax_auth")
_INTERVAL_SECONDS: Final = 60.0
_MOST_ORIGINS: Final = 8


class RefusedOrigins:
    """
    The warning that requests of an origin are refused: an unlisted sibling subdomain is a common mistake.

        first refusal               one warning
        more within a minute        counted; the next warning says how many, and which origins

    These requests spend no rate limit, so that each of them must not be a line in the log.  Thread-safe.
    """

    __slots__ = ("_clock", "_lock", "_origins", "_suppressed", "_warned_at")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._warned_at: float | None = None
        self._suppressed = 0
        self._origins: dict[str, None] = {}

    def warn(self, route: str, view: RequestView) -> None:
        """Log that a request of `route` was refused, or count it."""
        origin = log_safe(view.header(b"origin") or "")
        with self._lock:
            if len(self._origins) < _MOST_ORIGINS:
                self._origins[origin] = None
            now = self._clock.monotonic()
            if self._warned_at is not None and now - self._warned_at < _INTERVAL_SECONDS:
                self._suppressed += 1
                return
            self._warned_at = now
            suppressed, self._suppressed = self._suppressed, 0
            origins, self._origins = tuple(self._origins), {}
        _LOGGER.warning(
            "Request origin refused: list it in cookies.trusted_origins if it is yours",
            extra={
                "event": "origin.refused",
                "route": route,
                "origin": origin,
                "origins": origins,
                "suppressed": suppressed,
            },
        )
