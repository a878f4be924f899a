"""`bymax-auth users` beside a server that answers from a feed's memory."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import TokenRevoked
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.inputs import LoginInput
from tests.integration.cli.test_users import ANA, CONTEXT, PASSWORD, Deployment
from tests.servers.patience import FEED_LIMITS, PATIENCE, redis_stores
from tests.servers.redis import RedisProcess

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

STREAM = "auth:feed:revocations"


@dataclass(frozen=True)
class OnAFeed(Deployment):
    """A deployment on Redis whose servers answer from memory."""

    url: str = ""

    @property
    def variables(self) -> dict[str, str]:
        redis = {"BYMAX_AUTH_STORE_URL": self.url, "BYMAX_AUTH_REDIS__REVOCATION": "feed"}
        return Deployment(self.folder).variables | redis


async def test_a_server_hears_of_what_an_operator_revokes(tmp_path: Path, redis_server: RedisProcess) -> None:
    """A server keeps letting in whom the operator has put out, from a memory that heard nothing of it."""
    tables = create_engine(f"sqlite:///{tmp_path}/users.db")
    metadata.create_all(tables)
    tables.dispose()
    (tmp_path / "users.db").chmod(0o600)
    with redis_server.client() as client:
        client.xadd(STREAM, {"k": "status", "v": "x", "x": 0, "n": "first", "h": 3_600_000}, id="5-0")
    deployment = OnAFeed(tmp_path, url=redis_server.url)
    assert (await asyncio.to_thread(deployment.create))[0] == 0
    database = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/users.db")
    users = SqlAlchemyUserRepository(async_sessionmaker(database))
    stores = redis_stores(redis_server.url, revocation=FEED_LIMITS)
    assert stores.feed is not None
    try:
        async with AuthEngine(deployment.config(), users=users, stores=stores) as engine:
            person = LoginInput(email=ANA, password=PASSWORD, tenant_id="acme")
            token = (await engine.login(person, CONTEXT)).access_token
            await answers(stores)
            assert (await engine.authenticate(token)).claims.epoch == 0
            operator = replace(deployment, in_process=False)
            assert (await asyncio.to_thread(operator.users, "sign-out", ANA))[0] == 0
            await stores.feed.refresh()
            assert stores.feed.current_cache() is not None
            with pytest.raises(TokenRevoked):
                await engine.authenticate(token)
    finally:
        await database.dispose()


async def answers(stores: RedisStores) -> None:
    """Return when the feed's memory answers."""
    assert stores.feed is not None
    async with asyncio.timeout(PATIENCE):
        while stores.feed.current_cache() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
