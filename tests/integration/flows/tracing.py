"""Stores and repositories that say what was asked of them, and let a test step in between."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

STEPS_PER_CALL = 12
"""Turns of the loop that a call takes, so that calls issued together are seen to overlap."""

Interruption = Callable[[int, str], Awaitable[None]]


class Trace:
    """
    Every call, in order, and the round trips that they made.

    `before` and `after` run around each call with its number and name: raising there is a
    failure of the store, and anything else that a test does there happens in between.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.round_trips: list[list[str]] = []
        self.before: Interruption | None = None
        self.after: Interruption | None = None
        self._open = 0

    def clear(self) -> None:
        self.calls.clear()
        self.round_trips.clear()

    def count(self, *names: str) -> int:
        return sum(self.calls.count(name) for name in names)

    async def around(self, name: str, call: Callable[[], Awaitable[Any]], *, stored: bool) -> Any:
        number = len(self.calls)
        self.calls.append(name)
        if self.before is not None:
            await self.before(number, name)
        if stored:
            await self._travel(name)
        result = await call()
        if self.after is not None:
            await self.after(number, name)
        return result

    async def _travel(self, name: str) -> None:
        if self._open == 0:
            self.round_trips.append([])
        self.round_trips[-1].append(name)
        self._open += 1
        try:
            for _ in range(STEPS_PER_CALL):
                await asyncio.sleep(0)
        finally:
            self._open -= 1
        # What was issued together is answered together, so that a follow-up is a trip of its own.
        while self._open:  # noqa: ASYNC110 - turns of the loop are counted here
            await asyncio.sleep(0)


class Traced:
    """Any port, with each call traced as ``name.method``."""

    def __init__(self, inner: Any, name: str, trace: Trace, *, stored: bool) -> None:
        self._inner = inner
        self._name = name
        self._trace = trace
        self._stored = stored

    def __getattr__(self, method: str) -> Any:
        inner = getattr(self._inner, method)
        if method == "listen":
            return inner

        async def traced(*arguments: Any, **named: Any) -> Any:
            return await self._trace.around(
                f"{self._name}.{method}", lambda: inner(*arguments, **named), stored=self._stored
            )

        return traced


class TracedStores:
    """Implements `AuthStores` over another bundle."""

    PORTS = (
        "sessions",
        "revocation",
        "attempts",
        "rate_limits",
        "otps",
        "proofs",
        "invitations",
        "mfa",
        "ws_tickets",
    )

    def __init__(self, inner: Any, trace: Trace) -> None:
        self.layout = inner.layout
        self.volatile = inner.volatile
        self.allow_in_production = inner.allow_in_production
        self.longest_access_ttl = inner.longest_access_ttl
        self._inner = inner
        for port in self.PORTS:
            setattr(self, port, Traced(getattr(inner, port), port, trace, stored=True))

    async def start(self) -> None:
        await self._inner.start()

    async def aclose(self) -> None:
        await self._inner.aclose()


def failing_at(number: int, failure: type[Exception]) -> Interruption:
    """Fail the call with this number."""

    async def interrupt(at: int, _name: str) -> None:
        if at == number:
            raise failure

    return interrupt


def once(number: int, act: Callable[[], Awaitable[Any]]) -> Interruption:
    """Do something at the call with this number; what it calls itself is not interrupted."""
    done = False

    async def interrupt(at: int, _name: str) -> None:
        nonlocal done
        if at == number and not done:
            done = True
            await act()

    return interrupt
