"""What a trusted proxy removed from the path, put back for everything that builds links from it."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from bymax_auth.http.client_ip import TrustedForwardedFor
from bymax_auth.http.public_path import forwarded_prefix, full_path, root_of
from bymax_auth.http.request import RequestView

__all__ = ["ForwardedPrefix"]


class ForwardedPrefix:
    """
    Adds the prefix of a trusted ``X-Forwarded-Prefix`` to ``root_path``.

    FastAPI's document, its documentation pages and ``request.url_for`` derive their links from it.

    Source: the ASGI specification's HTTP scope, in which ``path`` contains ``root_path``.
    """

    def __init__(self, app: ASGIApp, source: TrustedForwardedFor) -> None:
        self._app: Final = app
        self._source: Final = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] in {"http", "websocket"}:
            view = RequestView(scope)
            prefix = forwarded_prefix(view, self._source)
            if prefix:
                scope["path"] = prefix + full_path(view)
                scope["root_path"] = prefix + root_of(view)
                if "app_root_path" in scope:
                    # The root of the outermost app, from which Starlette builds the URLs of a mounted one.
                    scope["app_root_path"] = prefix + scope["app_root_path"].rstrip("/")
        await self._app(scope, receive, send)
