"""ASGI scopes as a server would hand them over."""

from collections.abc import Iterable

from bymax_auth.http.asgi import Message, Receive, Scope
from bymax_auth.http.request import RequestView

HeaderPairs = Iterable[tuple[str, str | bytes]]


def http_scope(headers: HeaderPairs = (), **overrides: object) -> Scope:
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/auth/login",
        "root_path": "",
        "query_string": b"",
        "client": ("203.0.113.9", 50_000),
        "headers": [
            (name.encode(), value if isinstance(value, bytes) else value.encode("latin-1"))
            for name, value in headers
        ],
    }
    scope.update(overrides)
    return scope


def view_of(headers: HeaderPairs = (), **overrides: object) -> RequestView:
    return RequestView(http_scope(headers, **overrides))


def receiving(*chunks: bytes, disconnect: bool = False) -> Receive:
    """Deliver `chunks` as a streamed body, then the end of it or the client's disappearance."""
    last = len(chunks) - 1
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": disconnect or index < last}
        for index, chunk in enumerate(chunks)
    ]
    if disconnect:
        messages.append({"type": "http.disconnect"})
    queue = iter(messages)

    async def receive() -> Message:
        return next(queue)

    return receive
