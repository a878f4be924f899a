"""
The path under which browsers reach the auth routes.

    https://app.example.com/id/api/auth/login
                           └─┬┘└─┬┘└─┬─┘└─┬──┘
         forwarded prefix ───┘   │   │    └─── the route's own path
         root_path (mount) ──────┘   └──────── the prefix of the routes

A cookie's path is compared with the path that the browser requested, so it must contain every part that
a proxy removed or a framework consumed.
"""

import re
from typing import Final
from urllib.parse import quote

from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.request import RequestView

__all__ = ["forwarded_prefix", "full_path", "root_of", "routes_path"]

_HEADER: Final = b"x-forwarded-prefix"
_PREFIX: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~!$&'()*+=:@-]+){1,16}/?", re.ASCII)
_MAX_LENGTH: Final = 256
_UNQUOTED: Final = "/!$&'()*+,:=@~"
"""The characters of a path that browsers send as they are; a semicolon would end the cookie's attribute."""


def routes_path(view: RequestView, source: PeerAddress | TrustedForwardedFor) -> str | None:
    """Return the path below which a browser reaches the auth routes, ``None`` if it cannot be told."""
    if view.template is None:
        return None
    path, own = full_path(view), view.template.format_map(view.parameters)
    if not path.endswith(own):
        return None
    # The request's own parameters are at the end; whatever is before them may be of a mount with parameters.
    below = forwarded_prefix(view, source) + path.removesuffix(own)
    return quote(below, safe=_UNQUOTED) or "/"


def root_of(view: RequestView) -> str:
    """
    Return ``root_path`` without the slash at the end of what was configured.

    Starlette appends the path of a mounted app to it, and keeps what was configured as ``app_root_path``.
    """
    root: str = view.scope.get("root_path", "")
    configured: str = view.scope.get("app_root_path", root)
    outer = configured.rstrip("/")
    if outer != configured and root.startswith(f"{configured}/"):
        return outer + root.removeprefix(configured)
    return root.rstrip("/")


def full_path(view: RequestView) -> str:
    """
    Return the request's path with ``root_path``, which some servers and frameworks leave out of it.

    uvicorn puts ``root_path`` before the path as it was configured: with a slash at its end, two slashes
    stand where the browser sent one.
    """
    path: str = view.scope["path"]
    placed: str = view.scope.get("root_path", "")
    root = root_of(view)
    if root != placed and path.startswith(f"{placed}/"):
        path = root + path.removeprefix(placed)
    return path if not root or path == root or path.startswith(f"{root}/") else root + path


def forwarded_prefix(view: RequestView, source: PeerAddress | TrustedForwardedFor) -> str:
    """
    Return the prefix that a trusted proxy removed from the path, ``""`` without one.

    The proxies are those whose ``X-Forwarded-For`` is trusted.  A prefix with which ``root_path`` begins
    is in it already: the application was told of it by both.
    """
    if not isinstance(source, TrustedForwardedFor):
        return ""
    lines = view.lines(_HEADER)
    if len(lines) != 1 or len(lines[0]) > _MAX_LENGTH:
        return ""
    text = lines[0].decode("latin-1")
    if _PREFIX.fullmatch(text) is None or not source.trusts_peer(view):
        return ""
    prefix = text.rstrip("/")
    root: str = view.scope.get("root_path", "")
    return "" if root == prefix or root.startswith(f"{prefix}/") else prefix
