"""
Whether a state-changing request comes from a trusted origin.

    Sec-Fetch-Site        Origin       admitted
    same-origin, none     anything     yes
    anything else, absent listed       yes
    absent                absent       yes: no browser sent it
    absent                not listed   yes only while no origin is listed
    anything else         otherwise    no

The check does not depend on cookies: a cross-site sign-in carries none and still sets session cookies.

On a host's own routes the third and fourth lines differ: an unlisted `Origin` without `Sec-Fetch-Site` is
admitted when it names the host that was called, and only then.  Browsers send no `Sec-Fetch-Site` with
WebSockets nor to hosts without TLS, and there it must neither let another site in nor keep the own one out.
"""

import logging
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Final, NoReturn

from bymax_auth.config.urls import origin_pattern
from bymax_auth.errors import UntrustedOrigin
from bymax_auth.http.asgi import Header, Scope
from bymax_auth.http.request import RequestView, first_value
from bymax_auth.ports.clock import Clock
from bymax_auth.services.privacy import log_safe
from bymax_auth.services.report_interval import ReportInterval

__all__ = ["SAFE_METHODS", "RefusedOrigins", "TrustedOrigins"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""
Methods that do not change state, and are not checked.

Source: RFC 9110 §9.2.1.
"""

_OWN_SITE: Final = frozenset({"same-origin", "none"})
_SITE: Final = b"sec-fetch-site"
_ORIGIN: Final = b"origin"
_HOST: Final = b"host"
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_SECURE_SCHEMES: Final = frozenset({"https", "wss"})
_LOGGER: Final = logging.getLogger("bymax_auth")
_INTERVAL_SECONDS: Final = 60.0
_MOST_ORIGINS: Final = 8


class TrustedOrigins:
    """
    The trusted origins, compared without regard to ASCII case.

    `listed` are the whole origins; `pattern` is a regular expression of the others, ``None`` without any.
    """

    __slots__ = ("_listed", "_pattern", "listed", "pattern")

    def __init__(self, origins: Iterable[str]) -> None:
        # `bytes.lower` folds ASCII alone; `str.lower` would also fold the Kelvin sign into a "k".
        entries = [origin.encode().lower().decode() for origin in origins]
        patterns = {entry: expression for entry in entries if (expression := origin_pattern(entry))}
        self.listed: Final = tuple(entry for entry in entries if entry not in patterns)
        self.pattern: Final = "|".join(patterns.values()) or None
        self._listed: Final = frozenset(self.listed)
        self._pattern: Final = None if self.pattern is None else re.compile(self.pattern)

    def __bool__(self) -> bool:
        return bool(self.listed) or self.pattern is not None

    def admit(self, headers: Iterable[Header]) -> bool:
        """Return whether a state-changing request with these headers is admitted."""
        decided = self._decide(tuple(headers))
        return not self if decided is None else decided

    def admit_credentials(self, scope: Scope) -> bool:
        """Return whether a host's own route may act for whoever the request's cookies name."""
        headers = tuple(scope["headers"])
        decided = self._decide(headers)
        return _names_host(headers, scope.get("scheme")) if decided is None else decided

    def _decide(self, headers: Sequence[Header]) -> bool | None:
        """Return the answer, ``None`` for an unlisted origin of a browser that sends no `Sec-Fetch-Site`."""
        site = first_value(headers, _SITE)
        if site in _OWN_SITE:
            return True
        origin = first_value(headers, _ORIGIN)
        if origin is None:
            return site is None
        if self._lists(origin):
            return True
        return None if site is None else False

    def _lists(self, origin: str) -> bool:
        folded = origin.lower()
        return folded in self._listed or (
            self._pattern is not None and self._pattern.fullmatch(folded) is not None
        )


class RefusedOrigins:
    """
    Refuses requests of an origin, and warns of it: an unlisted sibling subdomain is a common mistake.

        first refusal               one warning
        more within a minute        counted; the next warning says how many, and which origins

    These requests spend no rate limit, so that each of them must not be a line in the log.  Thread-safe.
    """

    __slots__ = ("_lock", "_origins", "_warnings")

    def __init__(self, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._warnings = ReportInterval(clock.monotonic, _INTERVAL_SECONDS)
        self._origins: dict[str, None] = {}

    def refuse(self, route: str, view: RequestView) -> NoReturn:
        """
        Refuse a request of `route`, and log or count it.

        Raises:
            UntrustedOrigin: Always.
        """
        self._record(route, view)
        raise UntrustedOrigin

    def _record(self, route: str, view: RequestView) -> None:
        origin = log_safe(view.header(b"origin") or "")
        with self._lock:
            if len(self._origins) < _MOST_ORIGINS:
                self._origins[origin] = None
            suppressed = self._warnings.admit()
            if suppressed is None:
                return
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


def _names_host(headers: Sequence[Header], scheme: str | None) -> bool:
    """Return whether the origin is the host that was called; behind a proxy the scheme is not known."""
    origin, called = first_value(headers, _ORIGIN), first_value(headers, _HOST)
    if origin is None or called is None:
        return False
    own, _, host = origin.partition("://")
    if not host or (scheme in _SECURE_SCHEMES and own.lower() != "https"):
        return False
    # Some proxies name the port even where it is the scheme's default; an Origin never does.
    return host.lower() == called.lower().removesuffix(_DEFAULT_PORTS.get(own.lower(), ""))
