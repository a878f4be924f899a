"""URL checks for the start-up rules, deliberately stricter than browsers."""

import re
import string
from typing import Final
from urllib.parse import quote

__all__ = [
    "host_of",
    "is_acceptable_address",
    "is_bare_origin",
    "is_location",
    "is_same_origin_path",
    "is_secure_url",
    "origin_pattern",
    "port_of",
    "shown_url",
    "with_error",
]

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
"""
One label of a host name, as browsers write it: lower case, and in the ASCII form of an international name.

Source: RFC 1035 §2.3.4 (at most 63 octets).
"""
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
_LAST_PORT: Final = 65_535
_LOCATION_MAXIMUM: Final = 4096
"""What proxies read of all headers of an answer is often 4 or 8 KiB."""
_SCHEME_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + "+-.")


def host_of(url: str) -> str | None:
    r"""
    Return the host that a browser would connect to, or ``None``.

    A backslash ends the authority as a slash does, and the part before the last ``@`` is not the host:
    ``https://evil.example\@ok.example`` goes to ``evil.example``.
    """
    authority = _authority(url)
    if authority is None:
        return None
    authority = authority.rpartition("@")[2]
    if authority.startswith("["):
        inside, bracket, _ = authority.partition("]")
        return inside + bracket
    return authority.partition(":")[0] or None


def port_of(origin: str) -> str | None:
    """Return the text after the host's colon in a bare origin, or ``None`` when there is no colon."""
    host, authority = host_of(origin), _authority(origin)
    if host is None or authority is None or authority == host:
        return None
    return authority.removeprefix(host).removeprefix(":")


def is_same_origin_path(url: str) -> bool:
    r"""Return whether `url` is a path on the same origin; ``//host`` and ``/\host`` are not."""
    return url.startswith("/") and url[1:2] not in {"/", "\\"}


def is_bare_origin(text: str) -> bool:
    """
    Return whether `text` is exactly ``scheme://host[:port]``, of visible ASCII characters.

    Browsers send an international name in its ASCII form.  Source: RFC 6454 §6.2.
    """
    if not text.isascii() or not text.isprintable():
        return False
    scheme, separator, rest = text.partition("://")
    if not separator or not scheme or not _SCHEME_CHARACTERS.issuperset(scheme):
        return False
    return bool(rest) and not re.search(r"[/?#\\@ ,]", rest) and host_of(text) is not None


def origin_pattern(text: str) -> str | None:
    """
    Return the regular expression of ``scheme://*.host[:port]``, ``None`` for any other text.

    The asterisk is exactly one label, the first.  The rest must be a registrable name, so two labels or
    more, or ``localhost``: ``https://*.com`` would trust the world.
    """
    scheme, separator, rest = text.partition("://*.")
    host = rest.partition(":")[0]
    labels = host.split(".")
    named = len(labels) > 1 or host.lower() == "localhost"
    if not separator or not named or "*" in rest or not all(labels) or labels[-1].isdecimal():
        return None
    return rf"{re.escape(scheme)}://{_LABEL}\.{re.escape(rest)}"


def is_location(url: str) -> bool:
    """Return whether a header can carry `url`: at most 4096 visible ASCII characters."""
    return 0 < len(url) <= _LOCATION_MAXIMUM and url.isascii() and url.isprintable() and " " not in url


def is_secure_url(url: str) -> bool:
    """Return whether `url` is https and has a host."""
    return url.startswith("https://") and host_of(url) is not None


def is_acceptable_address(url: str, *, loopback: bool) -> bool:
    """
    Return whether `url` is https, or with `loopback` http on this machine, without a user or a fragment.

    A redirect URI must have no fragment.  Source: RFC 6749 §3.1.2.
    """
    secure = is_secure_url(url) or (loopback and url.startswith("http://") and host_of(url) in _LOOPBACK)
    return secure and is_location(url) and not re.search(r"[#@\\]", url) and _has_usable_port(url)


def _has_usable_port(url: str) -> bool:
    port = port_of(url)
    return not port or (re.fullmatch(r"[0-9]{1,5}", port) is not None and 0 < int(port) <= _LAST_PORT)


def shown_url(url: str) -> str:
    """Return `url` without the parts that may hold a credential: userinfo, query and fragment."""
    shown = re.split(r"[?#]", url, maxsplit=1)[0]
    before, _, after = shown.rpartition("@")
    scheme, separator, _ = before.partition("://")
    return f"{scheme}{separator}{after}" if separator else after


def with_error(url: str, short_code: str) -> str:
    """Return `url` with the parameter ``error`` at the end of its query, before a fragment."""
    before, mark, fragment = url.partition("#")
    joint = "&" if "?" in before else "?"
    return f"{before}{joint}error={quote(short_code, safe='')}{mark}{fragment}"


def _authority(url: str) -> str | None:
    _, separator, rest = url.partition("://")
    if not separator:
        if not url.startswith("//"):
            return None
        rest = url[2:]
    return re.split(r"[/?#\\]", rest, maxsplit=1)[0]
