"""Redis over TLS, on the event loop of the standard library and on the one that servers run."""

import asyncio
import logging
from collections.abc import Callable, Iterator

import pytest
import uvloop

from bymax_auth.errors import StoreUnavailable
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.certificate import certify
from tests.servers.patience import redis_stores
from tests.servers.redis import RedisProcess, free_port

OWNER = account(Realm.DASHBOARD)
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers over TLS, without the certificate that proves it."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = str(certify(folder))
    port = free_port()
    asked = ("--save", "", "--tls-port", str(port), "--tls-auth-clients", "no")
    server = RedisProcess(folder, *asked, "--tls-cert-file", certificate, "--tls-key-file", certificate)
    try:
        server.start()
        yield f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}"
    finally:
        server.stop()


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
