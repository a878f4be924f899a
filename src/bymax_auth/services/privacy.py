"""Values that may be logged or shown: masked addresses, headers without credentials, device labels."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

__all__ = [
    "clip_ip",
    "device_label",
    "is_credential_header",
    "log_safe",
    "mask_email",
    "redact_headers",
    "sanitize_headers",
]

_MALFORMED: Final = "<malformed>"
_REDACTED: Final = "[REDACTED]"
_LOG_MAXIMUM: Final = 256
_AGENT_MAXIMUM: Final = 512
_AGENTS_KEPT: Final = 1024
_IP_MAXIMUM_BYTES: Final = 45

_CREDENTIAL_HEADERS: Final = frozenset(
    {
        "authorization",
        "cf-connecting-ip",
        "cookie",
        "cookie2",
        "forwarded",
        "proxy-authorization",
        "set-cookie",
        "true-client-ip",
        "www-authenticate",
        "x-api-key",
        "x-auth-token",
        "x-cluster-client-ip",
        "x-csrf-token",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-original-forwarded-for",
        "x-real-ip",
        "x-session-id",
    }
)
_CREDENTIAL_NAME: Final = re.compile(
    r"x-.*-(?:token|secret|key|password|credential|auth|bearer|signature|hmac)", re.DOTALL
)

_BROWSERS: Final = (
    ("Edge", ("Edg",)),
    ("Opera", ("OPR", "Opera")),
    ("Chrome", ("Chrome",)),
    ("Firefox", ("Firefox",)),
)
_SYSTEMS: Final = (
    ("Android", ("Android",)),
    ("iOS", ("iPhone", "iPad", "iOS")),
    ("Windows", ("Windows",)),
    ("macOS", ("Mac OS X", "Macintosh")),
    ("Linux", ("Linux",)),
)


def mask_email(email: str) -> str:
    """Return the address with its first character and its domain only, fit for a log."""
    at = email.find("@")
    return "***" if at <= 0 else log_safe(f"{email[0]}***{email[at:]}")


def log_safe(text: str) -> str:
    """Return `text` cut to 256 characters, or ``<malformed>`` when it could forge or split a log record."""
    kept = text[:_LOG_MAXIMUM]
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in kept):
        return _MALFORMED
    return kept


def device_label(user_agent: str) -> str:
    """Return a readable name of the device: ``Chrome on macOS``."""
    return _label(user_agent[:_AGENT_MAXIMUM])


def clip_ip(ip: str) -> str:
    """Return at most 45 bytes of `ip`, the longest IP address, without splitting a character."""
    return ip.encode("utf-8", "ignore")[:_IP_MAXIMUM_BYTES].decode("utf-8", "ignore")


def is_credential_header(name: str) -> bool:
    """Say whether the lower-case header `name` carries a credential or identifies the client."""
    return name in _CREDENTIAL_HEADERS or _CREDENTIAL_NAME.fullmatch(name) is not None


def sanitize_headers(pairs: Iterable[tuple[str | bytes, str | bytes]]) -> dict[str, str]:
    """
    Return the headers that hooks and resolvers may see, under lower-case names.

    A value that is not valid text is dropped; of repeated headers the last one counts.
    """
    kept: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name = _text(raw_name)
        value = _text(raw_value)
        if name is not None and value is not None and not is_credential_header(name.lower()):
            kept[name.lower()] = value
    return kept


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return every header for a log, with ``[REDACTED]`` in place of what `sanitize_headers` drops."""
    return {
        name: _REDACTED if is_credential_header(name.lower()) else log_safe(value)
        for name, value in headers.items()
    }


@lru_cache(maxsize=_AGENTS_KEPT)
def _label(agent: str) -> str:
    return f"{_browser(agent)} on {_first(_SYSTEMS, agent) or 'Unknown OS'}"


def _browser(agent: str) -> str:
    named = _first(_BROWSERS, agent)
    if named is not None:
        return named
    # Every browser built on WebKit says Safari; only Safari also says which version it is.
    return "Safari" if "Safari" in agent and "Version/" in agent else "Unknown Browser"


def _first(labels: tuple[tuple[str, tuple[str, ...]], ...], agent: str) -> str | None:
    for label, marks in labels:
        if any(mark in agent for mark in marks):
            return label
    return None


def _text(raw: str | bytes) -> str | None:
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
