"""Redis over TLS, on the event loop of the standard library and on the one that servers run."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.redis import RedisProcess, free_port

OWNER = account(Realm.DASHBOARD)
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


def certify(folder: Path) -> tuple[Path, Path]:
    """Write a certificate of the loopback address and its key, and return where they are."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    place = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(place, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "server.crt", folder / "server.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers over TLS, without the certificate that proves it."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = certify(folder)
    port = free_port()
    asked = ("--save", "", "--tls-port", str(port), "--tls-auth-clients", "no")
    server = RedisProcess(folder, *asked, "--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    server.start()
    yield f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}"
    server.stop()


@LOOPS
def test_many_requests_share_one_connection_over_tls(
    address: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Whoever encrypts the way to Redis would have no store, or a reply cut in two."""

    async def ask() -> None:
        stores = RedisStores.from_url(address)
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
        stores = RedisStores.from_url(address.partition("?")[0], limits=Limits(connect=1.0))
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
        stores = RedisStores.from_url(address)
        await stores.revocation.current_epoch(OWNER)
        await stores.aclose()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask())
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
