"""Which domain the session's cookies belong to."""

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
    """Resolves a host to the listed domain that it is, or is below; to none when no entry fits."""

    domains: tuple[str, ...]

    def __call__(self, request_host: str) -> Sequence[str]:
        """Return the first listed domain that covers the host."""
        host = request_host.lower()
        for domain in self.domains:
            name = domain.lower().removeprefix(".")
            if host == name or host.endswith(f".{name}"):
                return (name,)
        return ()


@dataclass(frozen=True, slots=True)
class CookieDomains:
    """Asks the host's resolver; the ``Host`` header itself never becomes a domain."""

    resolver: CookieDomainResolver | None

    def of(self, view: RequestView) -> str | None:
        """
        Return the domain of the cookies that answer this request, ``None`` for host-only ones.

        A resolver that fails, or names what is no domain, is logged and leaves the cookies
        host-only: a session that exists must reach its browser.
        """
        if self.resolver is None:
            return None
        try:
            domain = _first_of(self.resolver(host_name(view.header(b"host"))))
        except Exception as error:  # noqa: BLE001 — the host's code may raise anything
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
    # A text is a sequence of texts too, and its first letter would become the domain.
    if isinstance(resolved, Sequence) and not isinstance(resolved, str) and isinstance(resolved[0], str):
        return resolved[0].removeprefix(".")
    raise TypeError("A cookie domain resolver answers with a sequence of domains.")


def _ignored(why: str) -> None:
    _LOGGER.warning("Cookie domain ignored", extra={"event": "cookies.domain_ignored", "why": why})
