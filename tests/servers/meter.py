"""A proxy that tells how often its clients wait for a Redis, and for which commands."""

import asyncio
from typing import Any

import hiredis

from tests.servers.proxy import Proxy
from tests.servers.scripts import product_scripts

__all__ = ["Meter"]

DELAY = 0.01
"""Seconds that every reply is late, so that what is sent together is seen to be under way together."""
FEED = "feed_read"
UNFINISHED = object()


class Meter(Proxy):
    """
    Counts waits: one lasts from the first command under way until none is.

    What the revocation feed reads on a connection of its own keeps nobody waiting, and is not counted.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.waits: list[list[str]] = []
        self._clients: dict[int, Any] = {}
        self._server_says: dict[int, Any] = {}
        self._under_way: list[int] = []
        self._feeds: set[int] = set()
        self._scripts = _names()

    def asked(self, number: int, data: bytes) -> None:
        for words in _messages(self._clients, number, data):
            name = self._name(words)
            if name == FEED:
                self._feeds.add(number)
            if number in self._feeds:
                continue
            if not self._under_way:
                self.waits.append([])
            self._under_way.append(number)
            self.waits[-1].append(name)

    async def answered(self, number: int, data: bytes) -> None:
        if number not in self._feeds:
            await asyncio.sleep(DELAY)
        for _ in _messages(self._server_says, number, data):
            if number in self._under_way:
                self._under_way.remove(number)

    def _name(self, words: list[bytes]) -> str:
        """What a command is called: a script by its file."""
        name = words[0].decode().upper()
        return self._scripts.get(words[1].decode(), name) if name.startswith("EVAL") else name


def _messages(readers: dict[int, Any], number: int, data: bytes) -> list[Any]:
    """The commands or replies that are complete with these bytes."""
    reader = readers.setdefault(number, hiredis.Reader(notEnoughData=UNFINISHED))
    reader.feed(data)
    found = []
    while (message := reader.gets()) is not UNFINISHED:
        found.append(message)
    return found


def _names() -> dict[str, str]:
    """The names of the product's scripts by what a client sends for each: its hash, or its text."""
    return {sent: name for name, script in product_scripts().items() for sent in (script.sha, script.source)}
