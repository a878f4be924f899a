"""An HTTP server on the loopback interface that answers with given bytes, however wrong they are."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["AnsweringServer", "answer", "answering"]

TURNS_TO_ACCEPT = 5
"""More turns of the event loop than asyncio takes from an accepted connection to its handler.

On a busy machine a client gives up in that time, and the connection would outlive the loop."""


@dataclass(slots=True)
class AnsweringServer:
    """
    Sends `raw` to each client, and then closes the connection.

    With `held`, it keeps the connection open instead, so that the client waits for the rest.
    """

    url: str = ""
    raw: bytes = b""
    held: bool = False
    requests: list[str] = field(default_factory=list[str])

    @property
    def targets(self) -> list[str]:
        """The path of each request."""
        return [request.split(" ")[1] for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that found enough wrong with the answer leaves before its end.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(self.raw)
            await writer.drain()
            if self.held:
                await reader.read()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """The bytes of an answer with this body."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@asynccontextmanager
async def answering(raw: bytes, *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[AnsweringServer]:
    """A running server."""
    server = AnsweringServer(raw=raw)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}/range/"
    try:
        yield server
    finally:
        for _ in range(TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        listening.close()
        await asyncio.gather(*tasks)
        await listening.wait_closed()
