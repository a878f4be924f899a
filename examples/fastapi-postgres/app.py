"""A FastAPI application with accounts in PostgreSQL, sessions in Redis and mail through SMTP."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, WebSocket
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth import AuthConfig, AuthEngine, DashboardClaims, Secret
from bymax_auth.fastapi import CurrentUser, VerifiedUser, install, require_role, self_or_admin
from bymax_auth.http import AuthHttpConfig, PeerAddress
from bymax_auth.providers import DefaultAuthEmailCatalogue, DefaultAuthEmailProvider
from bymax_auth.providers.smtp import SmtpEmailSink
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository
from bymax_auth.stores.redis import RedisStores

database = create_async_engine(os.environ["DATABASE_URL"])
users = SqlAlchemyUserRepository(async_sessionmaker(database))
stores = RedisStores.from_url(os.environ["REDIS_URL"])
mail = DefaultAuthEmailProvider(
    SmtpEmailSink(
        host=os.environ["SMTP_HOST"],
        port=int(os.environ.get("SMTP_PORT", "587")),
        sender="accounts@example.com",
        sender_name="Example",
        username=os.environ["SMTP_USERNAME"],
        password=Secret(os.environ["SMTP_PASSWORD"]),
    ),
    catalogue=DefaultAuthEmailCatalogue(
        product="Example",
        password_reset_link="https://app.example.com/reset#email={email}&token={token}",
    ),
)
config = AuthConfig.secure_defaults(
    jwt={"secret": os.environ["AUTH_JWT_SECRET"]},
    roles={"hierarchy": {"ADMIN": ["USER"], "USER": []}},
    sessions={"enabled": True},
    cookies={"trusted_origins": ["https://app.example.com"]},
)
engine = AuthEngine(config, users=users, stores=stores, email=mail)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    async with engine:
        yield
    await database.dispose()


app = FastAPI(lifespan=lifespan)
auth = install(app, engine, AuthHttpConfig(PeerAddress()))

AdminUser = Annotated[DashboardClaims, Depends(require_role("ADMIN"))]
OwnerOrAdmin = Annotated[DashboardClaims, Depends(self_or_admin("ADMIN"))]


@app.get("/profile")
async def profile(user: CurrentUser) -> dict[str, str]:
    return {"id": user.sub, "tenant": user.tenant_id, "role": user.role}


@app.post("/orders", status_code=201)
async def order(user: VerifiedUser) -> dict[str, str]:
    return {"ordered by": user.sub}


@app.get("/reports")
async def reports(admin: AdminUser) -> dict[str, str]:
    return {"for": admin.sub}


@app.get("/users/{user_id}/notes")
async def notes(user_id: str, caller: OwnerOrAdmin) -> dict[str, str]:
    return {"of": user_id, "read by": caller.sub}


@app.websocket("/live")
async def live(socket: WebSocket, user: CurrentUser) -> None:
    await socket.accept()
    await socket.send_json({"hello": user.sub})
    await socket.close()
