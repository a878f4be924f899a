"""What the driver does, and what its connections are worth, while another hand writes on one of them."""

import asyncio
from abc import ABC
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
from redis import credentials
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.cluster import RedisCluster as ClusterClient
from redis.exceptions import RedisError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import RedisStores
from bymax_auth.stores.redis.connection.connect import Replicas
from bymax_auth.stores.redis.connection.shared_connection import SharedConnection
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.types.identity import KeyLayout
from tests.servers.cluster import RedisCluster
from tests.servers.patience import LIMITS, opened
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisProcess, until

KEYS = KeyBuilder("auth", KeyLayout.SHARED)

Streaming: Any = getattr(credentials, "StreamingCredentialProvider", ABC)
"""Whose passwords change: the driver knows of them since its release 5.3."""


class Token:
    """A password that is new."""

    def try_get(self, name: str) -> str:
        assert name == "oid"
        return "app"

    def get_value(self) -> str:
        return "s3cret"


@Streaming.register
class Passwords(credentials.CredentialProvider):
    """What knows the password, and tells those who asked for it when there is another."""

    def __init__(self) -> None:
        self.lost = False
        self._told: list[Callable[[Token], Coroutine[Any, Any, None]]] = []

    def get_credentials(self) -> tuple[str, str]:
        if self.lost:
            raise LookupError
        return "app", "s3cret"

    async def get_credentials_async(self) -> tuple[str, str]:
        return self.get_credentials()

    def on_next(self, callback: Callable[[Token], Coroutine[Any, Any, None]]) -> None:
        self._told.append(callback)

    def on_error(self, callback: Callable[[Exception], None]) -> None:
        """Nothing ever fails here."""

    def is_streaming(self) -> bool:
        return True

    @property
    def listeners(self) -> int:
        """How many want to hear of a new one."""
        return len(self._told)

    async def rotate(self) -> None:
        for told in self._told:
            with suppress(RedisError):
                await told(Token())


@pytest.fixture
async def guarded(redis_server: RedisProcess) -> AsyncIterator[RedisProcess]:
    """A server with a user who has a password."""
    asked: Any = redis_server.client()
    with asked as operator:
        operator.execute_command("ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all")
        yield redis_server
        operator.execute_command("ACL", "DELUSER", "app")


@pytest.fixture
async def proxy(guarded: RedisProcess) -> AsyncIterator[Proxy]:
    async with Proxy(guarded.port) as opened:
        yield opened


def of_passwords(server: RedisProcess | Proxy, passwords: Passwords) -> Any:
    """A client of the host's own that is told of each new password."""
    clients: Any = AsyncRedis
    return opened(clients(port=server.port, credential_provider=passwords))


async def test_a_new_password_moves_no_reply_to_another_caller(guarded: RedisProcess) -> None:
    """The driver would say the new password among the requests, and each would have the reply of the last."""
    passwords = Passwords()
    client = of_passwords(guarded, passwords)
    former = client.client()
    await former.ping()
    await former.connection.disconnect(nowait=True)
    await former.aclose()
    connection = opened(SharedConnection(client, LIMITS))
    await connection.execute(("PING",))
    rotating = asyncio.create_task(passwords.rotate())
    asked: list[asyncio.Task[Any]] = []
    for turn in range(20):
        await asyncio.sleep(0)
        asked += [
            asyncio.create_task(connection.execute(("ECHO", f"{turn}.{number}"))) for number in range(5)
        ]
    heard = await asyncio.gather(*asked)
    assert heard == [f"{turn}.{number}" for turn in range(20) for number in range(5)]
    await rotating
    await connection.aclose()
    await client.aclose()


async def test_passwords_that_cannot_be_had_are_an_outage(guarded: RedisProcess) -> None:
    """Every request would end in an unknown failure, and go on to after the passwords are back."""
    passwords = Passwords()
    client = of_passwords(guarded, passwords)
    executor = opened(ScriptExecutor(client, KEYS, limits=LIMITS))
    asked: Any = guarded.client()
    with asked as operator:
        operator.config_set("requirepass", "other")
        passwords.lost = True
        for ask in (executor.read, executor.write):
            with pytest.raises(StoreUnavailable):
                await ask("PING")
        passwords.lost = False
        assert await executor.read("ACL", "WHOAMI") == "app"
        operator.config_set("requirepass", "")
    await executor.aclose()
    await client.aclose()


async def test_closing_needs_no_redis(proxy: Proxy) -> None:
    """A server that shuts down in an outage would leave what it closes next open."""
    passwords = Passwords()
    client = of_passwords(proxy, passwords)
    connection = opened(SharedConnection(client, LIMITS))
    await connection.execute(("PING",))
    await passwords.rotate()
    proxy.refuse()
    await proxy.cut()
    await connection.aclose()
    await client.aclose()


async def test_passwords_that_cannot_be_had_are_an_outage_of_a_durable_write_too(
    guarded: RedisProcess,
) -> None:
    """A revocation would end in an unknown failure, which nobody knows to be one of the store's."""
    passwords = Passwords()
    client = of_passwords(guarded, passwords)
    executor = opened(ScriptExecutor(client, KEYS, replicas=Replicas(count=1), limits=LIMITS))
    passwords.lost = True
    with pytest.raises(StoreUnavailable):
        await executor.write("SET", "auth:x:1", "one", "PX", 1000, durable=True)
    await executor.aclose()
    await client.aclose()


async def test_passwords_that_cannot_be_had_are_an_outage_of_a_cluster_too(
    redis_cluster: RedisCluster,
) -> None:
    """Every request would end in an unknown failure as soon as another connection is needed."""
    passwords = Passwords()
    host, port = "127.0.0.1", redis_cluster.nodes[0].port
    clients: Any = ClusterClient
    client = opened(clients(host=host, port=port, credential_provider=passwords))
    nodes: list[Any] = [node.client() for node in redis_cluster.nodes]
    for node in nodes:
        node.execute_command("ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all")
    executor = opened(ScriptExecutor(client, KEYS, limits=LIMITS))
    assert await executor.read("GET", "auth:x:1") is None
    passwords.lost = True
    ends = await asyncio.gather(
        *(executor.write("GET", "auth:x:1") for _ in range(5)), return_exceptions=True
    )
    assert {type(end) for end in ends} == {type(None), StoreUnavailable}
    await executor.aclose()
    await client.aclose()
    for node in nodes:
        node.execute_command("ACL", "DELUSER", "app")
        node.close()


async def test_nothing_stays_open_of_an_attempt_that_is_given_up(guarded: RedisProcess) -> None:
    """Each server that shuts down while it looks for its password would leave a connection behind."""
    passwords = Passwords()
    client = of_passwords(guarded, passwords)
    passwords.lost = True
    connection = opened(SharedConnection(client, LIMITS))
    asked: Any = guarded.client()
    with asked as operator:
        before = len(operator.client_list())
        for _ in range(3):
            with pytest.raises(ConnectionError):
                await connection.execute(("PING",))
        await asyncio.sleep(0)
        until(lambda: len(operator.client_list()) == before, "nobody else is connected")
    await connection.aclose()
    await client.aclose()


@pytest.mark.parametrize("revocation", ["read_through", "feed"])
async def test_a_start_without_passwords_is_an_outage(guarded: RedisProcess, revocation: str) -> None:
    """A deployment would not start, and say so in words of a library that it has never heard of."""
    passwords = Passwords()
    client = of_passwords(guarded, passwords)
    stores = opened(RedisStores(client, revocation=revocation, limits=LIMITS))
    passwords.lost = True
    with pytest.raises(StoreUnavailable):
        await stores.start()
    await stores.aclose()
    await client.aclose()


async def test_a_feed_takes_no_new_password_from_the_hosts_pool(guarded: RedisProcess) -> None:
    """The host's own connections would end when their old password does."""
    passwords = Passwords()
    client = of_passwords(guarded, passwords)
    told = passwords.listeners
    stores = opened(RedisStores(client, revocation="feed", limits=LIMITS))
    assert stores.feed is not None
    await stores.feed.refresh()
    assert passwords.listeners == told
    await stores.aclose()
    await client.aclose()
