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

from collections.abc import Iterable
from typing import Final

from bymax_auth.http.asgi import Header
from bymax_auth.http.request import header_text

__all__ = ["SAFE_METHODS", "TrustedOrigins"]

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
