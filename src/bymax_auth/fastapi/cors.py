"""
Cross-origin requests of the trusted origins to the auth routes.

The list that admits a page's requests also lets the page read the responses, so a front end on an origin of
its own needs one setting.  Other routes are the host's.
"""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from bymax_auth.fastapi.router import AuthRouter
from bymax_auth.http.origin import TrustedOrigins
from bymax_auth.http.request import route_path

__all__ = ["AuthRouteCors"]

_PREFLIGHT_SECONDS: Final = 600
_METHODS: Final = ("DELETE", "GET", "POST")


class AuthRouteCors:
    """
    Answers preflight requests for the auth routes, and lets trusted origins read their responses.

    Source: the Fetch standard, "CORS protocol and credentials".
    """

    def __init__(self, app: ASGIApp, auth: AuthRouter, origins: TrustedOrigins) -> None:
        self._app: Final = app
        self._auth: Final = auth
        self._cors: Final = CORSMiddleware(
            app,
            allow_origins=origins.listed,
            allow_origin_regex=origins.pattern,
            allow_credentials=True,
            allow_methods=_METHODS,
            # A page may send any header, such as the one that names its tenant: it is trusted.
            allow_headers=("*",),
            expose_headers=("Retry-After",),
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        app = self._cors if scope["type"] == "http" and self._serves(route_path(scope)) else self._app
        await app(scope, receive, send)

    def _serves(self, path: str) -> bool:
        prefix = self._auth.prefix
        return path.startswith(prefix) and bool(self._auth.table.methods(path[len(prefix) :]))
