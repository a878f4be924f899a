"""The domain of the session's cookies."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bymax_auth.config.resolvers import CookieDomainResolver
from bymax_auth.http.request import RequestView

__all__ = ["AllowlistDomainResolver", "CookieDomains", "host_name"]

_LOGGER: Final = logging.getLogger("bymax_auth")
_HOST: Final = re.compile(r"[a-z0-9.-]+", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class AllowlistDomainResolver:
    """Resolves a host name to the listed domain that equals it or is its parent; to none if none does."""

    domains: tuple[str, ...]

    def __call__(self, request_host: str) -> Sequence[str]:
        """Return the first listed domain that matches the host name."""
        host = request_host.lower()
        for domain in self.domains:
            name = domain.lower().removeprefix(".")
            if host == name or host.endswith(f".{name}"):
                return (name,)
        return ()


@dataclass(frozen=True, slots=True)
class CookieDomains:
    """Calls the configured resolver; the ``Host`` header itself is never used as a domain."""

    resolver: CookieDomainResolver | None

    def of(self, view: RequestView) -> str | None:
        """
        Return the domain of the cookies in the response to this request, ``None`` for host-only ones.

        A resolver that fails or returns an invalid domain is logged, and the cookies are host-only: the
        session already exists, so its cookies must still be sent.
        """
        if self.resolver is None:
            return None
        try:
            domain = _first_of(self.resolver(host_name(view.header(b"host"))))
        except Exception as error:  # noqa: BLE001 — the host's resolver may raise anything
            _ignored(type(error).__qualname__)
            return None
        if domain is None:
            return None
        if _HOST.fullmatch(domain) is None:
            _ignored("malformed")
            return None
        return domain


def host_name(header: str | None) -> str:
    """Return a ``Host`` header's name without its port, ``""`` unless it is a plain host name."""
    name = (header or "").partition(":")[0]
    return name if _HOST.fullmatch(name) else ""


def _first_of(resolved: object) -> str | None:
    if not resolved:
        return None
    # A string is a sequence of strings too, and its first letter would become the domain.
    if isinstance(resolved, Sequence) and not isinstance(resolved, str) and isinstance(resolved[0], str):
        return resolved[0].removeprefix(".")
    raise TypeError("A cookie domain resolver must return a sequence of domains.")


def _ignored(why: str) -> None:
    _LOGGER.warning("Cookie domain ignored", extra={"event": "cookies.domain_ignored", "why": why})
