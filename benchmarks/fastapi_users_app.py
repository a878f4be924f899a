"""
FastAPI Users as an application: the JWT strategy over users in memory.

As documented, the strategy is a plain function, which FastAPI runs on a thread, and the database
and the manager are generators.  Tuned, every dependency is a coroutine function that returns.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, FastAPI, Response
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy, Strategy
from fastapi_users.authentication.strategy.redis import RedisStrategy
from fastapi_users.db import BaseUserDatabase
from fastapi_users.password import PasswordHelper
from redis.asyncio import Redis

from benchmarks.requests import Request, form
from bymax_auth.http.asgi import ASGIApp

__all__ = ["as_documented", "login", "on_redis_as_documented", "on_redis_tuned", "tuned"]

EMAIL: Final = "user0@example.com"
PASSWORD: Final = "lantern-orbit-velvet-92"
SECRET: Final = "an-example-secret-of-the-benchmarks-0123456789"


@dataclass(slots=True)
class User:
    """What FastAPI Users asks of a user."""

    id: UUID
    email: str
    hashed_password: str
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = True


class Users(BaseUserDatabase[User, UUID]):
    """Users in a dictionary."""

    def __init__(self) -> None:
        hashed = PasswordHelper().hash(PASSWORD)
        ada = User(UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7"), EMAIL, hashed)
        self._by_id = {ada.id: ada}
        self._by_email = {ada.email: ada}

    async def get(self, id: UUID) -> User | None:  # noqa: A002 - named by the class above
        """Return the user of this id."""
        return self._by_id.get(id)

    async def get_by_email(self, email: str) -> User | None:
        """Return the user of this address."""
        return self._by_email.get(email)


class Manager(UUIDIDMixin, BaseUserManager[User, UUID]):
    """The manager, with nothing added."""

    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


class UserRead(schemas.BaseUser[UUID]):
    """What ``/users/me`` answers."""


class UserUpdate(schemas.BaseUserUpdate):
    """Needed to build the users' routes."""


def login() -> Request:
    """Return a sign-in."""
    return form("/auth/jwt/login", f"username={EMAIL}&password={PASSWORD}")


@asynccontextmanager
async def as_documented() -> AsyncGenerator[ASGIApp, None]:
    """Serve it wired as its documentation shows."""
    database = Users()

    def get_strategy() -> JWTStrategy[User, UUID]:
        return JWTStrategy(secret=SECRET, lifetime_seconds=3600)

    async def get_database() -> AsyncIterator[Users]:
        yield database

    async def get_manager(users: Annotated[Users, Depends(get_database)]) -> AsyncIterator[Manager]:
        yield Manager(users)

    yield _app(get_strategy, get_manager)


@asynccontextmanager
async def tuned() -> AsyncGenerator[ASGIApp, None]:
    """Serve it wired as cheaply as its public parts allow."""
    strategy: JWTStrategy[User, UUID] = JWTStrategy(secret=SECRET, lifetime_seconds=3600)
    manager = Manager(Users())

    async def get_strategy() -> JWTStrategy[User, UUID]:
        return strategy

    async def get_manager() -> Manager:
        return manager

    yield _app(get_strategy, get_manager)


@asynccontextmanager
async def on_redis_as_documented() -> AsyncGenerator[ASGIApp, None]:
    """Serve its Redis strategy on the Redis of ``BENCHMARK_REDIS``, wired as its documentation shows."""
    database = Users()
    async with _redis() as client:

        def get_strategy() -> RedisStrategy[User, UUID]:
            return RedisStrategy(client, lifetime_seconds=3600)

        async def get_database() -> AsyncIterator[Users]:
            yield database

        async def get_manager(users: Annotated[Users, Depends(get_database)]) -> AsyncIterator[Manager]:
            yield Manager(users)

        yield _app(get_strategy, get_manager)


@asynccontextmanager
async def on_redis_tuned() -> AsyncGenerator[ASGIApp, None]:
    """Serve its Redis strategy on the same, wired as cheaply as its public parts allow."""
    manager = Manager(Users())
    async with _redis() as client:
        strategy: RedisStrategy[User, UUID] = RedisStrategy(client, lifetime_seconds=3600)

        async def get_strategy() -> RedisStrategy[User, UUID]:
            return strategy

        async def get_manager() -> Manager:
            return manager

        yield _app(get_strategy, get_manager)


def _redis() -> Any:
    redis: Any = Redis
    return redis.from_url(os.environ["BENCHMARK_REDIS"], decode_responses=True)


def _app(get_strategy: Callable[..., object], get_manager: Callable[..., object]) -> ASGIApp:
    backend = AuthenticationBackend[User, UUID](
        name="jwt",
        transport=BearerTransport(tokenUrl="auth/jwt/login"),
        get_strategy=get_strategy,  # type: ignore[arg-type]
    )
    parts = FastAPIUsers[User, UUID](get_manager, [backend])  # type: ignore[arg-type]
    app = FastAPI()
    app.include_router(parts.get_auth_router(backend), prefix="/auth/jwt")
    app.include_router(parts.get_users_router(UserRead, UserUpdate), prefix="/users")

    async def refresh(
        user: Annotated[User, Depends(parts.current_user(active=True))],
        strategy: Annotated[Strategy[User, UUID], Depends(get_strategy)],
    ) -> Response:
        return await backend.login(strategy, user)

    app.add_api_route("/auth/jwt/refresh", refresh, methods=["POST"])
    return app
