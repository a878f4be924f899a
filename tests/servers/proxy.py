"""A loopback proxy in front of a server, whose connections a test cuts, refuses or leaves unanswered."""

import asyncio
import itertools
from contextlib import suppress
from types import TracebackType
from typing import Self

__all__ = ["Proxy"]

CHUNK = 65_536


class Proxy:
    """Passes bytes both ways to the server at `port`; an async context manager."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._numbers = itertools.count()
        self._refusing = False
        self._losing = 0
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self.cut()
        await self._server.wait_closed()

    async def cut(self) -> None:
        """End every connection; later ones are let in."""
        # The client's side is ended and not the task cancelled, which may be tidying up already.
        for writer in self._conversations.values():
            writer.transport.abort()
        await asyncio.gather(*self._conversations)

    def refuse(self) -> None:
        """Close each new connection as it comes."""
        self._refusing = True

    def admit(self) -> None:
        """Let new connections in again."""
        self._refusing = False

    def stall(self) -> None:
        """Keep every connection open and pass no reply on."""
        self._flowing.clear()

    def flow(self) -> None:
        """Pass on what was held back, and what comes."""
        self._flowing.set()

    def lose_replies(self, count: int) -> None:
        """Cut the connection instead of passing on each of the next `count` replies."""
        self._losing = count

    def asked(self, number: int, data: bytes) -> None:
        """Called with what a client sends on the connection of this number."""

    async def answered(self, number: int, data: bytes) -> None:
        """Awaited before what the server answers on the connection of this number is passed on."""

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        conversation = asyncio.create_task(self._converse(reader, writer))
        self._conversations[conversation] = writer
        conversation.add_done_callback(self._conversations.pop)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes until either side ends, then end both."""
        upstream: asyncio.StreamWriter | None = None
        number = next(self._numbers)
        passing: set[asyncio.Task[None]] = set()
        try:
            answers, upstream = await asyncio.open_connection("127.0.0.1", self._target)
            passing = {
                asyncio.create_task(self._ask(number, reader, upstream)),
                asyncio.create_task(self._answer(number, answers, writer)),
            }
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            # The client sees what it would see of an absent server: its connection ends.
            return
        finally:
            for half in passing:
                half.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
            await ended(writer)
            if upstream is not None:
                await ended(upstream)

    async def _ask(self, number: int, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            self.asked(number, data)
            upstream.write(data)
            await upstream.drain()

    async def _answer(self, number: int, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await answers.read(CHUNK):
            await self.answered(number, data)
            await self._flowing.wait()
            if self._losing:
                self._losing -= 1
                return
            writer.write(data)
            await writer.drain()


async def ended(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, and return when nothing of it is left."""
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
