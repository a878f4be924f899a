"""Requests to other services, against servers that misbehave."""

import logging
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bymax_auth.ports.http import (
    HttpConnectError,
    HttpError,
    HttpRequest,
    HttpResponse,
    HttpTimeout,
    HttpTransportError,
)
from bymax_auth.providers.http import HttpxHttpClient
from tests.servers.answers import answer, answering
from tests.servers.certificate import certify
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

LONG = timedelta(seconds=PATIENCE)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def sent(url: str, **options: Any) -> HttpResponse:
    client = HttpxHttpClient(**{"timeout": LONG, **options})
    return await client.send(HttpRequest(method="GET", url=url))


async def test_an_answer_comes_whole_and_with_any_status() -> None:
    """What a service refuses is for the caller to judge, not an outage."""
    async with answering(answer(b"no", "404 Not Found", "X-Reason: none")) as server:
        found = await sent(server.url + "a?b=c")
    assert (found.status, found.body) == (404, b"no")
    assert ("x-reason", "none") in found.headers
    assert server.targets == ["/range/a?b=c"]


async def test_a_body_and_its_headers_are_sent() -> None:
    """A service that is asked with a form gets an empty one, and every sign-in through it fails."""
    async with answering(answer(b"")) as server:
        request = HttpRequest(method="POST", url=server.url, headers=(("X-Key", "k"),), body=b"code=1")
        await HttpxHttpClient(timeout=LONG).send(request)
    (head,) = server.requests
    assert head.startswith("POST /range/ HTTP/1.1\r\n")
    assert {"X-Key: k", "Content-Length: 6", "Accept-Encoding: identity"} <= set(head.splitlines())


async def test_a_redirect_is_an_answer() -> None:
    """Whoever controls one service could send the library's requests, and what they carry, anywhere."""
    async with (
        answering(answer(b"elsewhere")) as other,
        answering(answer(b"", "302 Found", f"Location: {other.url}")) as server,
    ):
        assert (await sent(server.url)).status == 302
    assert other.requests == []


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"x" * 101),
        CHUNKED + b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 101,
        answer(b"x", "200 OK", "Content-Encoding: gzip"),
    ],
    ids=["announced", "chunked", "until closed", "compressed"],
)
async def test_an_answer_over_the_limit_is_refused(raw: bytes) -> None:
    """A service that answers without end would fill the memory of every process."""
    async with answering(raw) as server:
        with pytest.raises(HttpTransportError):
            await sent(server.url, max_response_bytes=100)


async def test_an_announced_length_over_the_limit_is_not_waited_for() -> None:
    """The connection would stay open for as long as the service likes to send."""
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n") as server:
        server.held = True
        with pytest.raises(HttpTransportError):
            await sent(server.url, max_response_bytes=100)


async def test_an_answer_at_the_limit_is_whole() -> None:
    """A limit that counts one too many refuses what it promises to take."""
    async with answering(answer(b"x" * 100)) as server:
        assert (await sent(server.url, max_response_bytes=100)).body == b"x" * 100


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"220 mail.example.com\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        CHUNKED + b"zz\r\n",
    ],
    ids=["nothing", "another protocol", "half an answer", "no chunk"],
)
async def test_a_broken_answer_is_an_outage(raw: bytes) -> None:
    """Half an answer would be read as the whole."""
    async with answering(raw) as server:
        with pytest.raises(HttpTransportError):
            await sent(server.url)


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow"])
async def test_a_silent_service_is_left_in_time(raw: bytes) -> None:
    """Somebody's registration would wait for as long as another company's server is stuck."""
    async with answering(raw) as server:
        server.held = True
        with pytest.raises(HttpTimeout):
            await sent(server.url, timeout=timedelta(milliseconds=50))


async def test_nobody_there_is_an_outage() -> None:
    """A refused connection must not look like a fault of the library."""
    with pytest.raises(HttpConnectError):
        await sent(f"http://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "http://[::1/",
        "http://\x00/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:-1/",
    ],
)
async def test_an_address_that_is_none_is_an_outage(url: str) -> None:
    """Text from a service's own answer may be used as an address."""
    with pytest.raises(HttpError):
        await sent(url)


async def test_a_certificate_is_verified(tmp_path: Path) -> None:
    """Anybody on the way could read what is sent, and answer what he likes."""
    certificate = certify(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with answering(answer(b"ok"), tls=tls) as server:
        with pytest.raises(HttpConnectError):
            await sent(server.url)
        trusting = ssl.create_default_context(cafile=str(certificate))
        own = httpx2.AsyncHTTPTransport(verify=trusting, limits=httpx2.Limits(max_keepalive_connections=0))
        assert (await sent(server.url, transport=own)).body == b"ok"


async def test_neither_log_nor_error_has_the_address(caplog: pytest.LogCaptureFixture) -> None:
    """The address of a range check ends in a part of the password's hash."""
    caplog.set_level(logging.DEBUG)
    async with answering(b"") as server:
        with pytest.raises(HttpTransportError) as refused:
            await sent(server.url + "5BAA6")
        request = HttpRequest(method="GET", url=server.url + "5BAA6", body=b"5BAA6")
    assert "5BAA6" not in caplog.text + str(refused.value) + repr(request)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("options", [{"timeout": timedelta(0)}, {"max_response_bytes": 0}])
def test_a_limit_that_lets_nothing_through_is_refused(options: dict[str, Any]) -> None:
    """Every request would fail, and nobody would know why."""
    with pytest.raises(ValueError, match="not positive"):
        HttpxHttpClient(**options)
