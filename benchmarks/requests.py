"""
What a client says, and what it remembers of the answer.

    conversation.request() ─▶ server ─▶ conversation.heard(body) ─▶ conversation.request() …

A refresh names the token that the last refresh gave, so a conversation is its own session.
"""

import json
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Conversation", "Fixed", "Request", "asking", "form", "posting"]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def head(self) -> list[tuple[bytes, bytes]]:
        """Return every header line, ready for an ASGI scope or a socket."""
        lines = [(b"host", b"127.0.0.1"), (b"user-agent", b"benchmark/1"), (b"accept", b"*/*"), *self.headers]
        if self.body or self.method == "POST":
            lines.append((b"content-length", b"%d" % len(self.body)))
        return lines

    def on_the_wire(self) -> bytes:
        """Return the request as HTTP/1.1."""
        lines = [f"{self.method} {self.path} HTTP/1.1".encode()]
        lines += [b"%b: %b" % line for line in self.head()]
        return b"\r\n".join([*lines, b"", self.body])


class Conversation(Protocol):
    """Requests of one client, each knowing what the answer before it said."""

    def request(self) -> Request:
        """Return the next request."""
        ...

    def heard(self, body: bytes) -> None:
        """Take note of the body of a good answer."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A conversation of one request, asked again and again."""

    asked: Request

    def request(self) -> Request:
        """Return the request."""
        return self.asked

    def heard(self, body: bytes) -> None:
        """Every answer is like the one before."""


def asking(path: str, access_token: str, *, method: str = "GET") -> Request:
    """Return a request of somebody signed in."""
    return Request(method, path, ((b"authorization", f"Bearer {access_token}".encode()),))


def posting(path: str, members: dict[str, str]) -> Request:
    """Return a request whose body is a JSON object."""
    body = json.dumps(members, separators=(",", ":")).encode()
    return Request("POST", path, ((b"content-type", b"application/json"),), body)


def form(path: str, fields: str) -> Request:
    """Return a request whose body is an encoded form."""
    kind = b"application/x-www-form-urlencoded"
    return Request("POST", path, ((b"content-type", kind),), fields.encode())
