"""Addresses with parameters, encoded so that every provider reads them alike."""

from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["encoded", "with_query"]


def encoded(fields: Iterable[tuple[str, str]]) -> str:
    """
    Return the fields in their order; everything but ``A-Za-z0-9-_.~`` is percent-encoded.

    Source: RFC 3986 §2.3.
    """
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in fields)


def with_query(url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return `url` with the fields after those that it has.  Source: RFC 6749 §3.1."""
    return f"{url}{'&' if '?' in url else '?'}{encoded(fields)}"
