"""Opens and closes the engine with the application."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from bymax_auth.engine import AuthEngine

__all__ = ["engine_lifespan"]


def engine_lifespan(engine: AuthEngine) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """
    Return a lifespan that opens `engine` before the first request and closes it after the last.

    An application with other resources writes its own lifespan and uses ``async with engine`` in it.
    """

    @asynccontextmanager
    async def opened(_app: FastAPI) -> AsyncGenerator[None]:
        async with engine:
            yield

    return opened
