"""Run exchanges: by an asynchronous or by a synchronous client of httpx2."""

import asyncio
from concurrent.futures import wait
from contextlib import suppress
from typing import Final, TypeVar

from bymax_auth.client.errors import TransportError
from bymax_auth.client.exchange import Call, Exchange, Reply
from bymax_auth.client.flight import LOOK_EVERY, Flight, FlightOutcome
from bymax_auth.client.sending import (
    LOST,
    TIMEOUT,
    BoundedBody,
    RouteAddress,
    cause_of,
    forget_cookies,
    no_cookies,
    request_for,
)
from bymax_auth.errors.extras import needs_extra

with needs_extra("client", ("httpx2",)):
    import httpx2

__all__ = ["AsyncDriver", "SyncDriver"]

ResultT = TypeVar("ResultT")


class AsyncDriver:
    """Sends requests and waits in the running event loop.  Without `http` it has a client of its own."""

    __slots__ = ("_address", "_http", "_is_own")

    def __init__(self, address: RouteAddress, http: httpx2.AsyncClient | None) -> None:
        self._address: Final = address
        self._is_own: Final = http is None
        self._http: Final = http or httpx2.AsyncClient(timeout=TIMEOUT, cookies=no_cookies())

    async def run(self, exchange: Exchange[ResultT]) -> ResultT:
        """Return what an exchange ends with."""
        try:
            step = next(exchange)
            while True:
                try:
                    answer = await self._answer(step)
                except BaseException as error:  # noqa: BLE001 - the exchange decides, and raises it again
                    step = exchange.throw(error)
                else:
                    step = exchange.send(answer)
        except StopIteration as end:
            result: ResultT = end.value
            return result

    async def aclose(self) -> None:
        """Close the client, if it is the driver's own."""
        if self._is_own:
            await self._http.aclose()

    async def _answer(self, step: Call | Flight) -> Reply | FlightOutcome:
        if isinstance(step, Flight):
            return await self._outcome(step)
        try:
            return await self._send(step)
        except LOST as error:
            cause = cause_of(error)
        # Raised outside, or the error of httpx2 and the tokens in its request would be its context.
        raise TransportError(cause)

    async def _outcome(self, flight: Flight) -> FlightOutcome:
        waiter = asyncio.wrap_future(flight.waiter())
        try:
            while not waiter.done() and not flight.is_abandoned:
                await asyncio.wait({waiter}, timeout=LOOK_EVERY)
            return waiter.result() if waiter.done() else None
        finally:
            waiter.cancel()

    async def _send(self, call: Call) -> Reply:
        request = request_for(self._http, self._address, call)
        response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            body = BoundedBody(response)
            with suppress(*body.ignored):
                async for piece in response.aiter_bytes():
                    if not body.add(piece):
                        break
        finally:
            forget_cookies(self._http, response)
            await response.aclose()
        return body.reply()


class SyncDriver:
    """Sends requests and waits in the calling thread.  Without `http` it has a client of its own."""

    __slots__ = ("_address", "_http", "_is_own")

    def __init__(self, address: RouteAddress, http: httpx2.Client | None) -> None:
        self._address: Final = address
        self._is_own: Final = http is None
        self._http: Final = http or httpx2.Client(timeout=TIMEOUT, cookies=no_cookies())

    def run(self, exchange: Exchange[ResultT]) -> ResultT:
        """Return what an exchange ends with."""
        try:
            step = next(exchange)
            while True:
                try:
                    answer = self._answer(step)
                except BaseException as error:  # noqa: BLE001 - the exchange decides, and raises it again
                    step = exchange.throw(error)
                else:
                    step = exchange.send(answer)
        except StopIteration as end:
            result: ResultT = end.value
            return result

    def close(self) -> None:
        """Close the client, if it is the driver's own."""
        if self._is_own:
            self._http.close()

    def _answer(self, step: Call | Flight) -> Reply | FlightOutcome:
        if isinstance(step, Flight):
            return self._outcome(step)
        try:
            return self._send(step)
        except LOST as error:
            cause = cause_of(error)
        # Raised outside, or the error of httpx2 and the tokens in its request would be its context.
        raise TransportError(cause)

    def _outcome(self, flight: Flight) -> FlightOutcome:
        if flight.is_of_this_thread:
            raise RuntimeError(
                "A task of this thread renews the session, and cannot while the thread waits for it. "
                "Call the synchronous client in another thread than the event loop's."
            )
        waiter = flight.waiter()
        while not waiter.done() and not flight.is_abandoned:
            wait({waiter}, timeout=LOOK_EVERY)
        return waiter.result() if waiter.done() else None

    def _send(self, call: Call) -> Reply:
        request = request_for(self._http, self._address, call)
        response = self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            body = BoundedBody(response)
            with suppress(*body.ignored):
                for piece in response.iter_bytes():
                    if not body.add(piece):
                        break
        finally:
            forget_cookies(self._http, response)
            response.close()
        return body.reply()
