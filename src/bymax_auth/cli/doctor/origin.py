"""Which server is asked, and where a browser would go from one of its answers."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

import httpx2

__all__ = ["Destination", "Origin", "OriginRefused", "destination", "path_argument", "same_page"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LAST_PORT: Final = 65_535
_UNUSUAL: Final = re.compile(r"[\x00-\x20\x7f\\@]")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_C0_AND_SPACE: Final = "".join(map(chr, range(33)))
_REMOVED: Final = str.maketrans(dict.fromkeys("\t\n\r"))
_SLASHES: Final = "/\\"
_PATH: Final = "/%:@!$&'()*+,;=-._~"
_SUFFIX: Final = re.compile(r"(?:\.(?:rsc|txt|json|html)|/index(?:\.\w+)?)$")


class OriginRefused(Exception):
    """The text is not the origin of a web server; the message says why and never repeats it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a web server."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """
        Return the origin that a URL names.

        Raises:
            OriginRefused: It has another scheme, a user, a path or no host, or is no URL.
        """
        if _UNUSUAL.search(text):
            raise OriginRefused("a user, a backslash, a space or a control character is not accepted")
        try:
            url = httpx2.URL(text)
        except httpx2.InvalidURL:
            raise OriginRefused("it is not a URL") from None
        if url.scheme not in _DEFAULT_PORTS:
            raise OriginRefused("it does not start with https:// or http://")
        if not url.host:
            raise OriginRefused("it names no host")
        if url.raw_path != b"/" or url.query or url.fragment:
            raise OriginRefused("it has more than scheme, host and port; name pages with --protected")
        port = url.port if url.port is not None else _DEFAULT_PORTS[url.scheme]
        if not 0 < port <= _LAST_PORT:
            raise OriginRefused("there is no such port")
        return cls(url.scheme, url.raw_host.decode("ascii"), port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a browser goes; `target` is path and query."""

    origin: Origin
    target: str


def destination(location: str, origin: Origin, target: str) -> Destination | None:
    """
    Return where a browser goes from a page with this redirect; ``None`` if to no web server.

    Browsers read a backslash as a slash, drop tabs and line breaks, and take ``https:host`` for an absolute
    URL when the page has the other scheme.

    Source: WHATWG URL Standard, 4.4 "URL parsing".
    """
    text = location.strip(_C0_AND_SPACE).translate(_REMOVED)
    scheme = origin.scheme
    if named := _SCHEME.match(text):
        scheme, text = named[1].lower(), text[named.end() :]
        if scheme not in _DEFAULT_PORTS:
            return None
        if scheme != origin.scheme:
            return _absolute(scheme, text)
    if len(text) > 1 and text[0] in _SLASHES and text[1] in _SLASHES:
        return _absolute(scheme, text)
    return Destination(origin, _relative(text, target))


def same_page(one: str, other: str) -> bool:
    """Whether two targets are forms of one path: its encoding, slashes, dots, case or suffix differ."""
    return _plain(one) == _plain(other)


def path_argument(text: str) -> str:
    """
    Return a path as it is sent.

    Raises:
        ValueError: It does not start with one slash, or has a query, a backslash or a control character.
    """
    if not text.startswith("/") or text.startswith("//"):
        raise ValueError("a path starts with one slash")
    if re.search(r"[\x00-\x1f\x7f\\?#]", text):
        raise ValueError("a path has no query, no backslash and no control character")
    return quote(text, safe=_PATH)


def _absolute(scheme: str, text: str) -> Destination | None:
    authority, path = re.fullmatch(r"([^/\\?#]*)(.*)", text.lstrip(_SLASHES), re.DOTALL).groups()  # type: ignore[union-attr]  # it matches every text
    named = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?", authority.rpartition("@")[2])
    if named is None:
        return None
    host = unquote(named[1]).lower().strip("[]").rstrip(".")
    port = int(named[2]) if named[2] else _DEFAULT_PORTS[scheme]
    return Destination(Origin(scheme, host, port), _relative(path or "/", "/")) if host else None


def _relative(text: str, base: str) -> str:
    text = quote(text.partition("#")[0], safe=_PATH + _SLASHES + "?")
    path, mark, query = text.partition("?")
    path = path.replace("\\", "/")
    own = base.partition("?")[0]
    if not path:
        return own + mark + query
    if not path.startswith("/"):
        path = own[: own.rfind("/") + 1] + path
    return _without_dots(path) + mark + query


def _without_dots(path: str) -> str:
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        plain = part.lower().replace("%2e", ".")
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(part)
    # A path that ends in dots is that of a folder.
    if parts[-1].lower().replace("%2e", ".") in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _plain(target: str) -> str:
    path = unquote(unquote(target.partition("?")[0])).replace("\\", "/").lower()
    path = _without_dots("/" + re.sub("/+", "/", path).strip("/"))
    return _SUFFIX.sub("", path.rstrip("/. ").partition(";")[0])
