"""Registration over HTTP into a host's own table, behind both adapters."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import JSON, Boolean, Column, DateTime, MetaData, String, Table, UniqueConstraint, Uuid
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import install
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimitConfig
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.world import PASSWORD, settings
from tests.servers.patience import PATIENCE

ACME = "0b0e7a54-6c1f-4a86-9d0f-2f6f6f1f5a10"
HTTP = AuthHttpConfig(PeerAddress(), rate_limits=RateLimitConfig.unlimited())

tables = MetaData()
members = Table(
    "members",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("email", String(40), nullable=False),
    Column("name", String(50), nullable=False),
    Column("password_hash", String(255)),
    Column("role", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("email_verified", Boolean, nullable=False),
    Column("mfa_enabled", Boolean, nullable=False),
    Column("mfa_secret", String(255)),
    Column("mfa_recovery_codes", JSON),
    Column("oauth_provider", String(64)),
    Column("oauth_provider_id", String(255)),
    Column("last_login_at", DateTime),
    Column("created_at", DateTime, nullable=False),
    UniqueConstraint("tenant_id", "email"),
)


def bare(engine: AuthEngine) -> ASGIApp:
    return auth_app(engine, HTTP, app_at_prefix=True)


def installed(engine: AuthEngine) -> ASGIApp:
    app = FastAPI()
    install(app, engine, HTTP)
    return app


@pytest.fixture(params=[bare, installed])
async def driver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Driver]:
    """A client of a deployment whose users are a host's own rows."""
    build: Callable[[AuthEngine], ASGIApp] = request.param
    database = create_async_engine(
        f"sqlite+aiosqlite:///{tmp_path}/app.db", connect_args={"timeout": PATIENCE}
    )
    async with database.begin() as connection:
        await connection.run_sync(tables.create_all)
    users = SqlAlchemyUserRepository(async_sessionmaker(database), table=members)
    async with AuthEngine(settings(), users=users, stores=EmbeddedStores()) as engine:
        yield Driver(build(engine))
    await database.dispose()


async def register(driver: Driver, **changes: str) -> Answer:
    body = {"email": "bea@example.com", "name": "Bea", "password": PASSWORD, "tenantId": ACME}
    return await driver.call("POST", "/register", json_body={**body, **changes})


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": "n" * 60}, "name", "must be at most 50 characters"),
        ({"email": f"{'a' * 40}@example.com"}, "email", "must be at most 40 characters"),
        ({"tenantId": "acme"}, "tenantId", "must be a UUID"),
    ],
)
async def test_what_a_column_cannot_hold_is_the_clients_mistake(
    driver: Driver, changes: dict[str, str], field: str, message: str
) -> None:
    """Somebody with a long name reads "internal server error", and somebody else is woken up."""
    answer = await register(driver, **changes)
    assert (answer.status, answer.code) == (400, "auth.validation")
    assert answer.error["details"] == [{"field": field, "message": message}]
    assert (await register(driver)).status == 201


async def test_a_host_with_uuids_and_naive_timestamps_serves_every_request(driver: Driver) -> None:
    """The first request of a host with tables of its own is an internal error."""
    made = await register(driver)
    assert made.status == 201, made.body
    me = await driver.call("GET", "/me", cookies=made.cookies)
    assert (me.status, me.members["tenantId"]) == (200, ACME)
    signed_in = await driver.call(
        "POST", "/login", json_body={"email": "bea@example.com", "password": PASSWORD, "tenantId": "nowhere"}
    )
    assert signed_in.status == 401


async def test_of_sign_ups_at_once_each_that_was_answered_is_kept(driver: Driver) -> None:
    """An account whose owner was told that it exists is gone."""
    answers = await asyncio.gather(
        *(register(driver, email=f"person{number}@example.com") for number in range(20))
    )
    assert {answer.status for answer in answers} <= {201, 503}
    for answer in answers:
        if answer.status == 201:
            assert (await driver.call("GET", "/me", cookies=answer.cookies)).status == 200
