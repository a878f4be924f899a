"""One connection for every request: whose reply is whose, and what a connection that fails takes along."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import hiredis
import pytest
from redis.asyncio import Connection
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import MaxConnectionsError, ReadOnlyError, ResponseError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.exceeded_bounds import ExceededBounds
from bymax_auth.stores.redis.connection import pipelined_connection
from bymax_auth.stores.redis.connection.connect import connect
from bymax_auth.stores.redis.connection.pipelined_connection import PipelinedConnection
from bymax_auth.stores.redis.connection.shared_connection import SharedConnection
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.types.identity import KeyLayout
from tests.servers.patience import LIMITS, PATIENCE, close_what_is_open, opened, patiently
from tests.servers.proxy import Proxy, ended
from tests.servers.redis import RedisProcess

MANY = 4_000
KEYS = KeyBuilder("auth", KeyLayout.SHARED)


def connection_to(url: str, *, answer: float = PATIENCE, waiting: int = 1_000) -> SharedConnection:
    limits = replace(LIMITS, answer=answer, waiting=waiting)
    client = connect(url, limits)
    assert isinstance(client, AsyncRedis)
    return opened(SharedConnection(client, limits))


@pytest.fixture
async def connection(redis_server: RedisProcess) -> AsyncIterator[SharedConnection]:
    opened = connection_to(redis_server.url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def proxy(redis_server: RedisProcess) -> AsyncIterator[Proxy]:
    async with Proxy(redis_server.port) as opened:
        yield opened


def asked(server: RedisProcess) -> Any:
    """A client whose replies are taken as they come."""
    return server.client()


def hosts_client(url: str, **options: int) -> Any:
    """A client of the host's own, without any limit of time."""
    clients: Any = AsyncRedis
    return opened(clients.from_url(url, **options))


class Saying:
    """A server of one's own that answers an ECHO with what it was told, and anything else with OK."""

    def __init__(self, said: bytes, greeting: bytes) -> None:
        self.opened = 0
        self.url = ""
        self._replies = {b"PING": b"+PONG\r\n", b"ECHO": said, b"SELECT": greeting}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        commands: Any = hiredis.Reader()
        with suppress(ConnectionError):
            while asked := await reader.read(4096):
                commands.feed(asked)
                while command := commands.gets():
                    writer.write(self._replies.get(command[0], b"+OK\r\n"))
        await ended(writer)


@asynccontextmanager
async def saying(said: bytes, greeting: bytes = b"+OK\r\n") -> AsyncGenerator[Saying, None]:
    """A server that says something that no Redis of today says."""
    talks: list[asyncio.Task[None]] = []
    odd = Saying(said, greeting)

    def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.create_task(odd.answer(reader, writer)))

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    odd.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    try:
        yield odd
    finally:
        server.close()
        await close_what_is_open()  # each talk ends with its connection
        await asyncio.gather(*talks)


def connections(server: RedisProcess) -> int:
    """How many connections the server has accepted so far, this one left out."""
    with asked(server) as client:
        return int(client.info("stats")["total_connections_received"]) - 1


async def test_no_reply_crosses_to_another_caller_when_callers_go_away(redis_server: RedisProcess) -> None:
    """One person's session would be shown to another whenever a browser tab closes."""
    client = opened(connect(redis_server.url, LIMITS))
    executor = opened(ScriptExecutor(client, KEYS, limits=LIMITS))
    await asyncio.gather(*(executor.write("SET", f"auth:x:{number}", number) for number in range(100)))
    chance = random.Random(7)
    heard = 0

    async def ask() -> None:
        nonlocal heard
        number = chance.randrange(100)
        assert await executor.read("GET", f"auth:x:{number}") == str(number)
        heard += 1

    async def leave(asking: asyncio.Task[None]) -> None:
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        asking.cancel()

    for _ in range(MANY // 100):
        asked = [asyncio.create_task(ask()) for _ in range(100)]
        leaving = [asyncio.create_task(leave(task)) for task in chance.sample(asked, 60)]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.gather(*leaving)
        assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}
    assert heard >= MANY * 2 // 5
    await executor.aclose()
    await client.aclose()


async def test_a_hundred_requests_share_one_connection(
    connection: SharedConnection, redis_server: RedisProcess
) -> None:
    """A busy server would open a connection for each, and wait in line for one of fifty."""
    before = connections(redis_server)
    await asyncio.gather(*(connection.execute(("PING",)) for _ in range(100)))
    assert connections(redis_server) - before == 2


async def test_what_redis_refuses_is_refused_to_its_caller_alone(connection: SharedConnection) -> None:
    """One damaged key would fail every request that is under way."""
    await connection.execute(("SET", "auth:x:1", "one"))
    ends = await asyncio.gather(
        connection.execute(("GET", "auth:x:1")),
        connection.execute(("INCR", "auth:x:1")),
        connection.execute(("GET", "auth:x:1")),
        return_exceptions=True,
    )
    assert ends[0] == ends[2] == "one"
    assert isinstance(ends[1], ResponseError)


async def test_a_refusal_whose_caller_has_left_is_dropped(connection: SharedConnection) -> None:
    """It would be given to the next caller, or end the connection."""
    await connection.execute(("SET", "auth:x:1", "one"))
    leaving = asyncio.create_task(connection.execute(("INCR", "auth:x:1")))
    await asyncio.sleep(0)
    staying = asyncio.create_task(connection.execute(("GET", "auth:x:1")))
    leaving.cancel()
    assert await staying == "one"


async def test_too_many_waiting_requests_are_refused_at_once(proxy: Proxy) -> None:
    """A Redis that stands still would fill the memory of every process in front of it."""
    connection = connection_to(proxy.url, answer=0.2, waiting=3)
    await patiently(lambda: connection.execute(("PING",)))
    proxy.stall()
    waiting = [asyncio.create_task(connection.execute(("PING",))) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(MaxConnectionsError):
        await connection.execute(("PING",))
    waiting.pop().cancel()
    assert {type(end) for end in await asyncio.gather(*waiting, return_exceptions=True)} == {TimeoutError}
    await connection.aclose()


async def test_a_later_request_has_its_own_time(proxy: Proxy) -> None:
    """A request would be given up because another one had been slow."""
    answer, loop = 0.2, asyncio.get_running_loop()
    connection = connection_to(proxy.url, answer=answer)
    for _ in range(3):
        proxy.stall()
        began = loop.time()
        asked = asyncio.create_task(connection.execute(("PING",)))
        await asyncio.sleep(answer / 2)
        proxy.flow()
        try:
            assert await asked == "PONG"
        except TimeoutError:  # on a machine that took longer than a request may
            assert loop.time() - began >= answer
    await connection.aclose()


async def test_time_passes_without_harm_while_nobody_waits(redis_server: RedisProcess) -> None:
    """A quiet second would end the connection, and every quiet site would connect for each request."""

    async def opened_for_two(pause: float) -> int:
        """How many connections two requests needed; the pause is longer than one of them may take."""
        connection = connection_to(redis_server.url, answer=pause / 2)
        before = connections(redis_server)
        await connection.execute(("PING",))
        await asyncio.sleep(pause)
        assert await connection.execute(("PING",)) == "PONG"
        await connection.aclose()
        return connections(redis_server) - before - 1

    # A request that a busy machine itself made late says nothing about the pause.
    assert await patiently(lambda: opened_for_two(pause=0.1)) == 1


async def test_nothing_is_sent_on_a_connection_that_has_ended(redis_server: RedisProcess) -> None:
    """Its caller would wait for a reply that cannot come."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", redis_server.port)
    closed = PipelinedConnection(transport, LIMITS, ExceededBounds())
    closed.abort(ConnectionAbortedError)
    with pytest.raises(ConnectionResetError):
        closed.send(b"*1\r\n$4\r\nPING\r\n")


async def test_a_connection_that_was_silent_for_long_is_not_trusted(
    connection: SharedConnection, redis_server: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request after a quiet night would wait for a connection that a balancer has dropped."""
    before = connections(redis_server)
    await connection.execute(("PING",))
    monkeypatch.setattr(pipelined_connection, "_IDLE_SECONDS", -1.0)
    assert await connection.execute(("PING",)) == "PONG"
    assert connections(redis_server) - before == 3


async def test_a_server_that_is_no_master_any_more_is_left(
    connection: SharedConnection, redis_server: RedisProcess
) -> None:
    """After a failover every write would be refused until the application is restarted."""
    await connection.execute(("PING",))
    with asked(redis_server) as operator:
        operator.execute_command("REPLICAOF", "127.0.0.1", "1")
        before = connections(redis_server)
        with pytest.raises(ReadOnlyError):
            await connection.execute(("SET", "auth:x:1", "one"))
        operator.execute_command("REPLICAOF", "NO", "ONE")
    assert await connection.execute(("SET", "auth:x:1", "one")) == "OK"
    assert connections(redis_server) - before == 2


async def test_news_that_nobody_asked_for_is_no_reply(redis_server: RedisProcess) -> None:
    """The news would be taken for the next caller's reply, and every later reply for that of another."""
    client = hosts_client(redis_server.url, protocol=3)
    connection = opened(SharedConnection(client, LIMITS))
    await connection.execute(("CLIENT", "TRACKING", "ON"))
    await connection.execute(("GET", "auth:x:1"))
    with asked(redis_server) as other:
        other.set("auth:x:1", "one")
    assert await connection.execute(("ECHO", "mine")) == "mine"
    await connection.aclose()
    await client.aclose()


@pytest.mark.parametrize("said", [b"+OK\r\n+AND\r\n", b"?\r\n"])
async def test_a_server_that_says_something_else_is_not_listened_to(said: bytes) -> None:
    """Replies are told apart by their order alone: one too many would make all later ones those of others."""
    async with saying(said) as odd:
        connection = connection_to(odd.url)
        with suppress(ConnectionError):
            await connection.execute(("ECHO", "x"))
        assert await connection.execute(("GET", "auth:x:1")) == "OK"
        await connection.aclose()


async def test_an_old_server_that_is_no_master_any_more_is_left_too() -> None:
    """After a failover of a Redis 6.2 every sign-in would be refused until the application is restarted."""
    refusal = b"ERR Error running script (call to f_1): @user_script:3: @user_script: 3: -READONLY You can't."
    async with saying(b"-" + refusal + b"\r\n") as old:
        connection = connection_to(old.url)
        for opened in (1, 2):
            with pytest.raises(ReadOnlyError):
                await connection.execute(("ECHO", "x"))
            assert old.opened == opened
        await connection.aclose()


@pytest.mark.skipif(
    not hasattr(Connection, "can_read"), reason="this driver cannot tell what it has half read"
)
async def test_news_that_the_driver_has_half_read_is_no_reply() -> None:
    """The other half would be the first caller's reply, and each later reply that of another."""
    async with saying(b"+half\r\n+mine\r\n", greeting=b"+OK\r\n+the other ") as odd:
        connection = connection_to(odd.url.replace("/0", "/1"))
        with pytest.raises(ConnectionError):
            await connection.execute(("ECHO", "mine"))
        await connection.aclose()


async def test_closing_releases_everybody_who_waits(proxy: Proxy) -> None:
    """A server that shuts down would wait for a Redis that stands still."""
    connection = connection_to(proxy.url)
    await connection.execute(("PING",))
    proxy.stall()
    waiting = asyncio.create_task(connection.execute(("PING",)))
    await asyncio.sleep(0)
    await connection.aclose()
    await connection.aclose()
    with pytest.raises(ConnectionError):
        await waiting


async def test_closing_while_connecting_releases_everybody_too(proxy: Proxy) -> None:
    """A server that shuts down would wait for a connection that it does not need any more."""
    proxy.stall()
    connection = connection_to(proxy.url)
    waiting = asyncio.create_task(connection.execute(("PING",)))
    await asyncio.sleep(0)
    await connection.aclose()
    with pytest.raises(ConnectionError):
        await waiting


async def test_connecting_goes_on_for_the_others_when_one_gives_up(proxy: Proxy) -> None:
    """A closed browser tab would fail the requests of everybody who waits for the same connection."""
    proxy.stall()
    connection = connection_to(proxy.url)
    first, second = (asyncio.create_task(connection.execute(("PING",))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    proxy.flow()
    assert await second == "PONG"
    await connection.aclose()


async def test_a_request_waits_for_a_connection_no_longer_than_it_may(proxy: Proxy) -> None:
    """A host's own client without a time limit would let requests hang."""
    client = hosts_client(proxy.url)
    executor = opened(ScriptExecutor(client, KEYS, limits=replace(LIMITS, queue=0.05, connect=0.05)))
    proxy.stall()
    with pytest.raises(StoreUnavailable):
        await executor.write("PING")
    proxy.flow()
    assert await patiently(lambda: executor.write("PING")) == "PONG"
    await executor.aclose()
    await client.aclose()


async def test_a_connection_that_nobody_waits_for_any_more_may_fail(proxy: Proxy) -> None:
    """The log would blame the application for a task that nobody has asked about."""
    proxy.stall()
    connection = connection_to(proxy.url)
    leaving = asyncio.create_task(connection.execute(("PING",)))
    await asyncio.sleep(0)
    leaving.cancel()
    await proxy.cut()
    proxy.flow()
    assert await connection.execute(("PING",)) == "PONG"
    await connection.aclose()


async def test_a_hosts_client_has_its_connection_back(redis_server: RedisProcess) -> None:
    """Whoever opens and closes stores again and again would use up the host's own pool."""
    client = hosts_client(redis_server.url, max_connections=1)
    for _ in range(3):
        executor = opened(ScriptExecutor(client, KEYS, limits=LIMITS))
        assert await executor.write("PING") == "PONG"
        await executor.aclose()
        assert await client.ping()
    await client.aclose()


async def test_a_server_that_wants_a_password_still_gets_it(redis_server: RedisProcess) -> None:
    """The shared connection would be the only one that does not say who it is."""
    with asked(redis_server) as operator:
        operator.execute_command("ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all")
        connection = connection_to(f"redis://app:s3cret@127.0.0.1:{redis_server.port}/3")
        assert await connection.execute(("ACL", "WHOAMI")) == "app"
        assert "db=3" in str(await connection.execute(("CLIENT", "LIST")))
        await connection.aclose()
        operator.execute_command("ACL", "DELUSER", "app")
