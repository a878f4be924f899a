"""A FastAPI application whose platform administrators act on the users of every tenant."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth import AuthConfig, AuthEngine, EmbeddedStores, PlatformClaims
from bymax_auth.fastapi import CurrentPlatformUser, CurrentUser, install, require_platform_role
from bymax_auth.http import AuthHttpConfig, PeerAddress
from bymax_auth.providers import ConsoleEmailSink, DefaultAuthEmailProvider
from bymax_auth.repositories.sqlalchemy import SqlAlchemyPlatformUserRepository, SqlAlchemyUserRepository

database = create_async_engine(os.environ["BYMAX_AUTH_DATABASE_URL"])
users = SqlAlchemyUserRepository(async_sessionmaker(database))
engine = AuthEngine(
    AuthConfig.from_env(profile="secure"),
    users=users,
    platform_users=SqlAlchemyPlatformUserRepository(async_sessionmaker(database)),
    stores=EmbeddedStores(os.environ["BYMAX_AUTH_STORE_URL"]),
    email=DefaultAuthEmailProvider(ConsoleEmailSink()),
)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    async with engine:
        yield
    await database.dispose()


app = FastAPI(lifespan=lifespan)
install(app, engine, AuthHttpConfig(PeerAddress()))

Root = Annotated[PlatformClaims, Depends(require_platform_role("ROOT"))]


@app.get("/profile")
async def profile(user: CurrentUser) -> dict[str, str]:
    return {"id": user.sub, "tenant": user.tenant_id}


@app.get("/console/tenants/{tenant_id}/users/{user_id}")
async def look_up(tenant_id: str, user_id: str, admin: CurrentPlatformUser) -> dict[str, str]:
    found = await users.find_by_id(user_id, tenant_id=tenant_id)
    if found is None:
        raise HTTPException(404)
    return {"email": found.email, "status": found.status, "seen by": admin.sub}


@app.post("/console/tenants/{tenant_id}/users/{user_id}/block", status_code=204)
async def block(tenant_id: str, user_id: str, admin: Root) -> None:
    await users.update_status(user_id, "suspended", tenant_id=tenant_id)
    await engine.revoke_all_sessions(user_id, tenant_id=tenant_id)
