"""Opens a WebSocket as a server would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bymax_auth.http.asgi import ASGIApp, Message, Scope

__all__ = ["Handshake", "open_socket", "websocket_scope"]


@dataclass(frozen=True, slots=True)
class Handshake:
    """Everything that the application sent."""

    sent: tuple[Message, ...]

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]

    @property
    def accepted(self) -> bool:
        return self.types[:1] == ["websocket.accept"]

    @property
    def close_code(self) -> int:
        (message,) = [message for message in self.sent if message["type"] == "websocket.close"]
        code: int = message["code"]
        return code

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def code(self) -> str:
        code: str = json.loads(self.sent[1]["body"])["error"]["code"]
        return code


def websocket_scope(
    path: str,
    *,
    cookies: Mapping[str, str] | None = None,
    bearer: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: bytes = b"",
    can_deny: bool = True,
) -> Scope:
    """What a server hands to an application for a handshake."""
    lines = {"host": "auth.example.com", **(headers or {})}
    if cookies:
        lines["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if bearer is not None:
        lines["authorization"] = f"Bearer {bearer}"
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "client": ("203.0.113.9", 50_000),
        "server": ("testserver", 443),
        "subprotocols": [],
        "headers": [(name.encode(), value.encode()) for name, value in lines.items()],
        "extensions": {"websocket.http.response": {}} if can_deny else {},
    }


async def open_socket(app: ASGIApp, path: str, *, leaves: bool = False, **sent: Any) -> Handshake:
    """Open a socket as `websocket_scope` says; a client that leaves does so once it was let in."""
    events: list[Message] = [{"type": "websocket.connect"}]
    if leaves:
        events.append({"type": "websocket.disconnect", "code": 1001})
    answers: list[Message] = []

    async def receive() -> Message:
        return events.pop(0)

    async def send(message: Message) -> None:
        answers.append(message)

    await app(websocket_scope(path, **sent), receive, send)
    return Handshake(tuple(answers))
