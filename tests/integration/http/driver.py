"""Calls an ASGI application as a server would, without sockets."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bymax_auth.http.asgi import ASGIApp, Message, Scope

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)

    @property
    def members(self) -> dict[str, object]:
        """The members of the JSON object that the body is."""
        value = self.json()
        assert isinstance(value, dict)
        return value

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that were set, by name; values only."""
        return dict(line.partition(";")[0].split("=", 1) for line in self.all("set-cookie"))

    @property
    def error(self) -> dict[str, object]:
        assert set(self.members) == {"error"}
        error = self.members["error"]
        assert isinstance(error, dict)
        assert set(error) == {"code", "message", "details"}
        return error

    @property
    def code(self) -> object:
        return self.error["code"]

    @property
    def fields(self) -> list[str]:
        details = self.error["details"]
        assert isinstance(details, list)
        return [entry["field"] for entry in details]


@dataclass(slots=True)
class Driver:
    """A client of one application.  Whatever is mounted where, `prefix` is where the routes are."""

    app: ASGIApp
    prefix: str = "/auth"
    root_path: str = ""
    client: tuple[str, int] | None = ("203.0.113.9", 50_000)
    default_headers: tuple[tuple[str, str], ...] = ()
    scopes: list[Scope] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json_body: object = None,
        raw: bytes | None = None,
        chunks: Iterable[bytes] | None = None,
        headers: Headers = (),
        content_type: str | None = "application/json",
        cookies: Mapping[str, str] | None = None,
        bearer: str | None = None,
        query: bytes = b"",
    ) -> Answer:
        body = raw if raw is not None else b"" if json_body is None else json.dumps(json_body).encode()
        lines = [*self.default_headers, *headers]
        if content_type is not None and (body or chunks is not None):
            lines.append(("content-type", content_type))
        if chunks is None and body:
            lines.append(("content-length", str(len(body))))
        if cookies:
            lines.append(("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
        if bearer is not None:
            lines.append(("authorization", f"Bearer {bearer}"))
        answer = await self.exchange(self.scope(method, path, lines, query), chunks or (body,))
        assert answer is not None, "the application sent nothing"
        return answer

    def scope(self, method: str, path: str, headers: Headers = (), query: bytes = b"") -> Scope:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": self.root_path + self.prefix + path,
            "raw_path": (self.root_path + self.prefix + path).encode(),
            "root_path": self.root_path,
            "query_string": query,
            "client": self.client,
            "server": ("testserver", 443),
            "headers": [(b"host", b"auth.example.com")]
            + [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }

    async def exchange(
        self, scope: Scope, chunks: Iterable[bytes], *, disconnect: bool = False
    ) -> Answer | None:
        """Send one request and collect the answer, ``None`` when there is none."""
        self.scopes.append(scope)
        parts = list(chunks)
        events: list[Message] = [
            {"type": "http.request", "body": part, "more_body": disconnect or index < len(parts) - 1}
            for index, part in enumerate(parts)
        ]
        if disconnect:
            events.append({"type": "http.disconnect"})
        queue = iter(events)
        sent: list[Message] = []

        async def receive() -> Message:
            return next(queue)

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return None
        start, *rest = sent
        assert start["type"] == "http.response.start"
        answer = Answer(
            start["status"],
            tuple((name.decode(), value.decode()) for name, value in start["headers"]),
            b"".join(message.get("body", b"") for message in rest),
        )
        if answer.all("set-cookie") and scope["path"].startswith(self.root_path + self.prefix):
            kept_by = (answer.header("cache-control"), answer.header("cdn-cache-control"))
            assert kept_by == ("no-store", "no-store"), f"a cache may keep the cookies of {scope['path']}"
        return answer
