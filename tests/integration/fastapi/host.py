"""A host's own app around the installed routes, guarded in every way."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from fastapi import Depends, FastAPI, WebSocket

from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import InstalledAuth, install
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository
from bymax_auth.types.account import AuthPlatformUser
from tests.integration.fastapi.sockets import Handshake, open_socket
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.world import EMAIL, World, a_world, password_hash, settings

__all__ = ["Dependency", "Host", "a_host", "a_platform"]

Dependency = Callable[..., Any]


@dataclass(slots=True)
class Host:
    """A host's app with a route and a socket of its own."""

    world: World
    app: FastAPI
    auth: InstalledAuth
    driver: Driver

    @classmethod
    def of(cls, world: World) -> "Host":
        app = FastAPI()
        auth = install(app, world.engine, world.http)
        return cls(world, app, auth, replace(world.driver, app=app, prefix="", scopes=[]))

    def guarded_by(self, *guards: Dependency, method: str = "GET") -> None:
        """Serve /guarded/{user_id} and its socket behind these guards."""
        depends = [Depends(guard) for guard in guards]

        async def page(user_id: str) -> str:
            return user_id

        async def socket(websocket: WebSocket, user_id: str) -> None:
            await websocket.accept()
            await websocket.close(1000)

        self.app.add_api_route("/guarded/{user_id}", page, methods=[method], dependencies=depends)
        self.app.add_api_websocket_route("/guarded/{user_id}", socket, dependencies=depends)

    async def get(self, user_id: str = "u1", **sent: Any) -> Answer:
        return await self.driver.call("GET", f"/guarded/{user_id}", **sent)

    async def open(self, user_id: str = "u1", **sent: Any) -> Handshake:
        return await open_socket(self.app, f"/guarded/{user_id}", **sent)

    async def refuses(self, status: int, code: str, user_id: str = "u1", **sent: Any) -> None:
        """Check one refusal in each form of connection."""
        answer = await self.get(user_id, **sent)
        assert (answer.status, answer.code) == (status, code)
        assert answer.header("cache-control") == "no-store"
        assert answer.header("x-content-type-options") == "nosniff"
        denied = await self.open(user_id, **sent)
        assert denied.types == ["websocket.http.response.start", "websocket.http.response.body"]
        assert (denied.status, denied.code) == (status, code)
        assert denied.headers["cache-control"] == "no-store"
        closed = await self.open(user_id, **sent, can_deny=False)
        assert (closed.types, closed.close_code) == (["websocket.close"], 1008)

    async def admits(self, user_id: str = "u1", **sent: Any) -> None:
        answer = await self.get(user_id, **sent)
        assert (answer.status, answer.json()) == (200, user_id)
        assert (await self.open(user_id, **sent)).accepted


@asynccontextmanager
async def a_host(**overrides: Any) -> AsyncIterator[Host]:
    async with a_world(**overrides) as world:
        yield Host.of(world)


@asynccontextmanager
async def a_platform(world: World) -> AsyncIterator[Host]:
    """The same deployment with operators, and one of them."""
    admins = InMemoryPlatformUserRepository()
    born = datetime(2026, 1, 1, tzinfo=UTC)
    admins.add(
        AuthPlatformUser(
            id="a1",
            email=EMAIL,
            name="Root",
            password_hash=password_hash(),
            role="OPERATOR",
            status="ACTIVE",
            created_at=born,
            updated_at=born,
        )
    )
    config = settings(
        roles={"platform_hierarchy": {"ROOT": ["OPERATOR"], "OPERATOR": []}}, platform={"enabled": True}
    )
    engine = AuthEngine(
        config,
        users=world.users,
        stores=world.stores,
        platform_users=admins,
        email=world.mailer,
        clock=world.clock,
    )
    async with engine:
        yield Host.of(replace(world, engine=engine))
