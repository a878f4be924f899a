"""Redis over TLS, on the event loop of the standard library and on the one that servers run."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.certificate import certify
from tests.servers.patience import redis_stores
from tests.servers.redis import RedisProcess, free_port

OWNER = account(Realm.DASHBOARD)
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


@contextmanager
def answering(folder: Path, certified: str = "127.0.0.1") -> Iterator[str]:
    """Run a server with a certificate of `certified`; yields where it answers over TLS."""
    certificate = str(certify(folder, certified))
    port = free_port()
    asked = ("--save", "", "--tls-port", str(port), "--tls-auth-clients", "no")
    server = RedisProcess(folder, *asked, "--tls-cert-file", certificate, "--tls-key-file", certificate)
    try:
        server.start()
        yield f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers over TLS, with the certificate that proves it."""
    with answering(tmp_path_factory.mktemp("tls")) as url:
        yield url


async def test_a_certificate_of_another_host_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has any certificate of the same authority could be the Redis that says who is signed in."""
    with answering(tmp_path, "127.0.0.2") as url:
        stores = redis_stores(url)
        with pytest.raises(StoreUnavailable):
            await stores.start()
        await stores.aclose()

        unchecked = redis_stores(url + "&ssl_cert_reqs=none")
        await unchecked.start()
        await unchecked.aclose()

        caplog.clear()
        client = Redis.from_url(url, ssl_check_hostname=False, protocol=2, retry=Retry(NoBackoff(), 0))
        lenient = RedisStores(client)
        await lenient.start()
        await lenient.aclose()
        await client.aclose()
        assert "ssl_check_hostname" in caplog.text


async def test_a_cluster_client_checks_the_host_too() -> None:
    """Each of its nodes is one more that could be somebody else."""
    client = RedisStores.from_url("rediss+cluster://127.0.0.1:1", layout="tagged")._executor.client
    assert isinstance(client, RedisCluster)
    assert client.connection_kwargs["ssl_check_hostname"] is True


async def test_a_client_that_checks_the_host_is_not_warned_about(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning that everybody gets is read by nobody."""
    stores = redis_stores(address)
    await stores.start()
    await stores.aclose()
    assert "ssl_check_hostname" not in caplog.text


@LOOPS
def test_many_requests_share_one_connection_over_tls(
    address: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Whoever encrypts the way to Redis would have no store, or a reply cut in two."""

    async def ask() -> None:
        stores = redis_stores(address)
        await stores.start()
        raised = await asyncio.gather(*(stores.revocation.bump_epoch(OWNER) for _ in range(200)))
        assert sorted(raised) == list(range(raised[0], raised[0] + 200))
        await stores.revocation.forget_status(OWNER)
        await stores.sessions.revoke_all(OWNER)
        await stores.aclose()
        await stores.aclose()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask())


@LOOPS
def test_a_server_that_proves_nothing_is_not_trusted(
    address: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Whoever sits between the application and Redis would decide who is signed in."""

    async def ask() -> None:
        stores = redis_stores(address.partition("?")[0])
        with pytest.raises(StoreUnavailable):
            await stores.revocation.current_epoch(OWNER)
        await stores.aclose()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask())


@LOOPS
def test_an_encrypted_connection_ends_without_a_word(
    address: str, loop: Callable[[], asyncio.AbstractEventLoop], caplog: pytest.LogCaptureFixture
) -> None:
    """Each server that shuts down would leave a traceback in the log: some loops abort once and no more."""

    async def ask() -> None:
        stores = redis_stores(address)
        await stores.revocation.current_epoch(OWNER)
        await stores.aclose()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask())
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
