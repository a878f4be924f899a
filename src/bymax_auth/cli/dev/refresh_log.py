"""
The refresh tokens that the server has issued, so that the demo page can show and replay them.

A browser hides the refresh cookie from scripts, and a thief would copy it from the machine.  The page
plays both sides, so the development server keeps the tokens of the latest logins in memory.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.http.asgi import Header
from bymax_auth.http.request import RequestView

__all__ = ["LOGIN_COOKIE", "ObserveRefresh", "RefreshLog", "RefreshTokenEntry"]

LOGIN_COOKIE: Final = "demo_login"
"""The cookie that names a login of `RefreshLog`; it is sent to the demo routes, and is no credential."""

_AUTH: Final = "/auth/"
_REFRESH: Final = "/auth/refresh"
_LOGINS_KEPT: Final = 100
_TOKENS_KEPT: Final = 20


@dataclass(slots=True)
class RefreshTokenEntry:
    """A refresh token, and when it was exchanged for its successor."""

    token: str = field(repr=False)
    exchanged_at: float | None = None

    @property
    def fingerprint(self) -> str:
        """Eight digits that identify the token on the page."""
        return sha256(self.token.encode()).hexdigest()[:8]

    def grace_left(self, window: timedelta) -> timedelta:
        """Return how long the token may still be presented again after its exchange."""
        if self.exchanged_at is None:
            return timedelta()
        return max(window - timedelta(seconds=time.monotonic() - self.exchanged_at), timedelta())


class RefreshLog:
    """The latest logins, each with its latest refresh tokens, oldest first."""

    def __init__(self) -> None:
        self._logins: OrderedDict[str, list[RefreshTokenEntry]] = OrderedDict()

    def login(self, name: str | None) -> tuple[RefreshTokenEntry, ...]:
        """Return the tokens of a login, none for an unknown one."""
        return tuple(self._logins.get(name or "", ()))

    def record(self, presented: str | None, issued: str) -> str:
        """Add a token that was issued for `presented`, or to a new login; return the name of the login."""
        name, entry = self._find(presented)
        tokens = self._logins.setdefault(name, [])
        if entry is not None and entry.exchanged_at is None:
            entry.exchanged_at = time.monotonic()
        if not any(ct_eq_text(known.token, issued) for known in tokens):
            tokens.append(RefreshTokenEntry(issued))
        del tokens[:-_TOKENS_KEPT]
        self._logins.move_to_end(name)
        if len(self._logins) > _LOGINS_KEPT:
            self._logins.popitem(last=False)
        return name

    def _find(self, token: str | None) -> tuple[str, RefreshTokenEntry | None]:
        for name, tokens in self._logins.items():
            for entry in tokens:
                if token is not None and ct_eq_text(entry.token, token):
                    return name, entry
        return secrets.token_urlsafe(9), None


class ObserveRefresh:
    """ASGI middleware that records the refresh cookie of each response of an auth route."""

    def __init__(self, app: ASGIApp, *, log: RefreshLog, cookie: str) -> None:
        self._app = app
        self._log = log
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Implements an ASGI application."""
        if scope["type"] != "http" or not scope["path"].startswith(_AUTH):
            await self._app(scope, receive, send)
            return
        refreshes = scope["path"] == _REFRESH
        presented = RequestView(scope).cookie(self._cookie) if refreshes else None

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                issued = self._issued(message.get("headers", ()))
                if issued:
                    name = self._log.record(presented, issued)
                    cookie = f"{LOGIN_COOKIE}={name}; Path=/dev; HttpOnly; SameSite=Strict"
                    message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        await self._app(scope, receive, observe)

    def _issued(self, headers: Iterable[Header]) -> str | None:
        for key, value in headers:
            name, _, rest = value.decode("latin-1").partition("=")
            if key.lower() == b"set-cookie" and name == self._cookie:
                return rest.partition(";")[0]
        return None
