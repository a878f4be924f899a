"""A lazily parsed view of a request's ASGI scope: headers, cookies, path parameters."""

from collections.abc import Iterable, Mapping
from typing import Final

from bymax_auth.http.asgi import Header, Scope

__all__ = ["RequestView", "first_value", "header_text", "route_path"]

_MOST_COOKIE_BYTES: Final = 16_384
"""A longer ``Cookie`` header is ignored: reading it would cost more than the rest of the request."""

_NO_PARAMETERS: Final[Mapping[str, str]] = {}


def header_text(value: bytes) -> str | None:
    """Return a header value as text; ``None`` if it contains anything but visible ASCII, space and tab."""
    try:
        text = value.decode("ascii")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or text.replace("\t", " ").isprintable() else None


def first_value(headers: Iterable[Header], name: bytes) -> str | None:
    """Return a header's first value, `name` in lower case; ``None`` if it is absent or not valid text."""
    for key, value in headers:
        if key == name:
            return header_text(value)
    return None


def route_path(scope: Scope) -> str:
    """
    Return the path below the point where the app is mounted.

    A framework either leaves the whole path in the scope or strips the mount point from it; in both
    cases ``root_path`` holds the mount point.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in {"", "/"}:
        return path[len(root) :]
    return path


class RequestView:
    """
    One HTTP request or WebSocket upgrade.  Headers and cookies are parsed on first use.

    `template` is the path of the auth route that was matched, ``None`` for any other request.
    """

    __slots__ = ("_cookies", "_repeated", "parameters", "scope", "template")

    def __init__(
        self, scope: Scope, parameters: Mapping[str, str] = _NO_PARAMETERS, template: str | None = None
    ) -> None:
        self.scope = scope
        self.parameters = parameters
        self.template = template
        self._cookies: dict[str, str] | None = None
        self._repeated: dict[str, list[str]] = {}

    def lines(self, name: bytes) -> list[bytes]:
        """Return every value of the header `name` (lower case), in order."""
        return [value for key, value in self.scope["headers"] if key == name]

    def header(self, name: bytes) -> str | None:
        """Return the first value of a header; ``None`` when it is absent or not valid text."""
        return first_value(self.scope["headers"], name)

    def cookie(self, name: str) -> str | None:
        """Return a cookie's value; ``None`` when it is absent or empty.  The last of duplicates is used."""
        if self._cookies is None:
            self._cookies = _parse_cookies(self.scope["headers"], self._repeated)
        return self._cookies.get(name) or None

    def cookie_values(self, name: str) -> tuple[str, ...]:
        """Return every different value of a cookie that is not empty, in order."""
        last = self.cookie(name)
        values = self._repeated.get(name)
        if values is None:
            return () if last is None else (last,)
        return tuple(value for value in dict.fromkeys(values) if value)


def _parse_cookies(headers: list[Header], repeated: dict[str, list[str]]) -> dict[str, str]:
    """
    Parse ``Cookie`` lines, and collect the values of names with several in `repeated`.

    Our own values are hexadecimal or base64url, so nothing is decoded.

    Source: RFC 9113 §8.2.3, HTTP/2 may split the field into several lines.
    """
    jar: dict[str, str] = {}
    length = 0
    for key, line in headers:
        if key == b"cookie":
            length += len(line)
            if length > _MOST_COOKIE_BYTES:
                repeated.clear()
                return {}
            for pair in line.decode("latin-1").split(";"):
                name, equals, value = pair.partition("=")
                if equals:
                    name, value = name.strip(" \t"), value.strip(" \t")
                    if name in jar and jar[name] != value:
                        repeated.setdefault(name, [jar[name]]).append(value)
                    jar[name] = value
    return jar
