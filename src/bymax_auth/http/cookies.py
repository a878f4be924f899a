"""
The session's cookies and their attributes.

    access_token=<jwt>; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax
    refresh_token=<64 hex>; Path=/auth; Max-Age=604800; HttpOnly; Secure; SameSite=Strict
    has_session=1; Path=/; Max-Age=604800; Secure; SameSite=Lax

Clearing repeats every attribute of the cookie that was set: a browser ignores an overwrite with weaker
attributes, and a cookie with another path or domain is a different cookie.  The refresh cookie's path is
where the browser sees the routes: `/auth` here, `/api/auth` in an application mounted at `/api`.

Source: RFC 6265 §4.1 (Set-Cookie).
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bymax_auth.config.constants import MFA_TEMP_TOKEN_TTL, OAUTH_STATE_TTL
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.config.resolvers import CookieDomainResolver
from bymax_auth.http.asgi import Header
from bymax_auth.http.request import RequestView

__all__ = [
    "MFA_TEMP_COOKIE",
    "OAUTH_STATE_COOKIE",
    "SESSION_SIGNAL_VALUE",
    "AllowlistDomainResolver",
    "CookieDomains",
    "MfaTempCookie",
    "OAuthStateCookie",
    "SessionCookies",
    "host_name",
]

_SET_COOKIE: Final = b"set-cookie"
_SECONDS_PER_DAY: Final = 86_400
MFA_TEMP_COOKIE: Final = "mfa_temp_token"
"""The cookie with which a sign-in that ended in a redirect hands over its temporary token."""

SESSION_SIGNAL_VALUE: Final = "1"
"""What the cookie that scripts can read says while a session exists."""

OAUTH_STATE_COOKIE: Final = "oauth_state"
"""The cookie that binds a browser to a sign-in with a provider."""

_EXPIRED: Final = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    """One cookie's name and attributes."""

    name: str
    path: str
    max_age: int
    flags: str

    def set(self, value: str, domain: str) -> Header:
        line = f"{self.name}={value}{domain}; Path={self.path}; Max-Age={self.max_age}{self.flags}"
        return _SET_COOKIE, line.encode()

    def clear(self, domain: str) -> Header:
        return _SET_COOKIE, f"{self.name}={domain}; Path={self.path}; {_EXPIRED}{self.flags}".encode()


class SessionCookies:
    """
    Sets and clears the three cookies of a session.

    The refresh cookie's path is the configured one, else the one `below` which the browser reached the
    routes, else the prefix.
    """

    __slots__ = ("_access", "_path_is_configured", "_refresh", "_signal")

    def __init__(self, config: ResolvedConfig) -> None:
        auth, cookies = config.auth, config.auth.cookies
        secure = "; Secure" if config.secure_cookies else ""
        configured = f"{secure}; SameSite={cookies.same_site.value.capitalize()}"
        lifetime = auth.jwt.refresh_expires_in_days * _SECONDS_PER_DAY
        self._access = _Cookie(
            name=config.access_cookie_name,
            path="/",
            max_age=int(auth.jwt.access_cookie_max_age.total_seconds()),
            flags=f"; HttpOnly{configured}",
        )
        self._path_is_configured = cookies.refresh_cookie_path is not None
        self._refresh = _Cookie(
            name=config.refresh_cookie_name,
            path=config.refresh_cookie_path,
            max_age=lifetime,
            flags=f"; HttpOnly{secure}; SameSite=Strict",
        )
        self._signal = _Cookie(name=config.signal_cookie_name, path="/", max_age=lifetime, flags=configured)

    def set(
        self, access_token: str, refresh_token: str, domain: str | None, below: str | None = None
    ) -> tuple[Header, ...]:
        """Return the ``Set-Cookie`` lines of a session; without a `domain` the cookies are host-only."""
        scope = _scope(domain)
        access, refresh, signal = self._cookies(below)
        return (
            access.set(access_token, scope),
            refresh.set(refresh_token, scope),
            signal.set(SESSION_SIGNAL_VALUE, scope),
        )

    def clear(self, domain: str | None, below: str | None = None) -> tuple[Header, ...]:
        """Return the lines that clear all cookies of a session, whether or not the request sent them."""
        return tuple(cookie.clear(_scope(domain)) for cookie in self._cookies(below))

    def clear_carried(
        self, view: RequestView, domain: str | None, below: str | None = None
    ) -> tuple[Header, ...]:
        """Return the lines that clear only the cookies that the request sent."""
        return tuple(
            cookie.clear(_scope(domain))
            for cookie in self._cookies(below)
            if view.cookie(cookie.name) is not None
        )

    def _cookies(self, below: str | None) -> tuple[_Cookie, _Cookie, _Cookie]:
        refresh = self._refresh
        if below is not None and below != refresh.path and not self._path_is_configured:
            refresh = replace(refresh, path=below)
        return self._access, refresh, self._signal


class MfaTempCookie:
    """
    The cookie of a temporary token, host-only and sent to the routes of the second factor alone.

    Its path is the configured one, else ``/mfa`` `below` which the browser reached the routes, else below
    the prefix.
    """

    __slots__ = ("_cookie", "_path_is_configured")

    def __init__(self, config: ResolvedConfig) -> None:
        self._path_is_configured = config.auth.cookies.mfa_temp_cookie_path is not None
        secure = "; Secure" if config.secure_cookies else ""
        self._cookie = _Cookie(
            name=MFA_TEMP_COOKIE,
            path=config.mfa_temp_cookie_path,
            max_age=int(MFA_TEMP_TOKEN_TTL.total_seconds()),
            flags=f"; HttpOnly{secure}; SameSite=Strict",
        )

    def set(self, token: str, below: str | None = None) -> Header:
        """Return the ``Set-Cookie`` line of a temporary token."""
        return self._located(below).set(token, "")

    def clear_carried(self, view: RequestView, below: str | None = None) -> tuple[Header, ...]:
        """Return the line that clears the cookie, if the request sent it."""
        if view.cookie(MFA_TEMP_COOKIE) is None:
            return ()
        return (self._located(below).clear(""),)

    def _located(self, below: str | None) -> _Cookie:
        if below is None or self._path_is_configured:
            return self._cookie
        return replace(self._cookie, path=f"{below.rstrip('/')}/mfa")


class OAuthStateCookie:
    """
    The cookie of a state, host-only, with the prefix ``__Host-`` where prefixes are wanted.

    Whoever can set it decides whose sign-in the browser finishes.  It is Lax whatever is configured: a
    provider sends the browser back by a navigation from another site, with which Strict cookies are not sent.
    """

    __slots__ = ("_cookie",)

    def __init__(self, config: ResolvedConfig) -> None:
        secure = "; Secure" if config.secure_cookies else ""
        is_prefixed = config.secure_cookies and config.auth.cookies.prefixed_names
        self._cookie = _Cookie(
            name=f"__Host-{OAUTH_STATE_COOKIE}" if is_prefixed else OAUTH_STATE_COOKIE,
            path="/",
            max_age=int(OAUTH_STATE_TTL.total_seconds()),
            flags=f"; HttpOnly{secure}; SameSite=Lax",
        )

    def set(self, state: str) -> Header:
        """Return the ``Set-Cookie`` line of a state."""
        return self._cookie.set(state, "")

    def clear(self) -> Header:
        """Return the line that clears the cookie, whether or not the request sent it."""
        return self._cookie.clear("")

    def read(self, view: RequestView) -> str | None:
        """Return the state of the browser; ``None`` if there are several: another host has set one."""
        values = view.cookie_values(self._cookie.name)
        return values[0] if len(values) == 1 else None


def _scope(domain: str | None) -> str:
    return "" if domain is None else f"; Domain={domain}"


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
