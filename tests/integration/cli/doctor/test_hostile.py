"""Servers that do not answer as they should: nothing hangs, leaves the origin or is a traceback."""

import asyncio
import secrets
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest

from bymax_auth.cli.doctor.asking import Asker, Limits
from bymax_auth.cli.doctor.examination import CouldNotAsk, Examined, examine
from bymax_auth.cli.doctor.exchange import Answer, Question
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.report import Report
from tests.integration.cli.doctor.application import FAST, Application, Reply, Request, limited, shown_to
from tests.servers.answers import answer, answering
from tests.servers.asgi import served
from tests.servers.ports import free_port

FEW = limited(12)

HURRIED = Limits(per_second=1000, seconds=0.2, all_seconds=FAST.all_seconds)


async def asked(url: str, limits: Limits = FEW, cookie: str | None = None) -> Report:
    """What is said of a server."""
    origin = Origin.parse(url.removesuffix("/range/"))
    return await examine(Examined(origin=origin, protected=("/dashboard",), limits=limits), cookie)


@asynccontextmanager
async def speaking(first: bytes, later: bytes, *, for_ever: bytes = b"") -> AsyncGenerator[str]:
    """A server that sends this to the first client and that to the others, then `for_ever`."""
    answers = [first]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answers.pop() if answers else later)
            await writer.drain()
            while for_ever:
                writer.write(for_ever)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_server_that_is_not_there_or_speaks_another_protocol_could_not_be_asked() -> None:
    """A refused connection is reported as a sound application."""
    with pytest.raises(CouldNotAsk, match="no connection"):
        await asked(f"http://127.0.0.1:{free_port()}")
    async with served(Application()) as address:
        with pytest.raises(CouldNotAsk, match="no connection"):
            await asked(f"https://{address}")
    for raw in (b"220 mail.example ESMTP\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n"):
        async with answering(raw) as server:
            with pytest.raises(CouldNotAsk, match="the connection ended, or the answer is not HTTP"):
                await asked(server.url)


async def test_a_server_that_does_not_answer_in_time_could_not_be_asked() -> None:
    """The command hangs in somebody's pipeline."""
    async with answering(b"HTTP/1.1 200 OK\r\n") as server:
        server.held = True
        with pytest.raises(CouldNotAsk, match=r"no complete answer within 0\.2 seconds"):
            await asked(server.url, HURRIED)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begun", "again"),
    [
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100),
        (CHUNKED, b"1\r\na\r\n" * 100),
        (CHUNKED + b"1;", b"name=value;" * 100),
        (CHUNKED + b"0\r\n", b"X: y\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100),
    ],
)
async def test_an_answer_that_does_not_end_is_left(begun: bytes, again: bytes) -> None:
    """Every part of it arrives in time, and the command waits for the end or fills the memory."""
    async with speaking(begun, begun, for_ever=again) as url:
        with pytest.raises(CouldNotAsk, match=r"no complete answer within|the answer is not HTTP"):
            await asked(url, HURRIED)


async def test_a_server_that_stops_answering_is_not_asked_any_more() -> None:
    """Every one of hundreds of questions waits for its time limit."""
    async with speaking(answer(b"fine"), b"") as url:
        report = await asked(url, FAST)
    # The start page, and three that were not answered.
    assert report.requests == 4
    assert report.findings == ()
    assert "the server did not answer 3 requests in a row" in str(report.fields())


async def test_the_requests_and_the_time_are_bounded() -> None:
    """The examination of an application is a load on it that does not end."""
    application = Application()
    async with served(application, server_header=False) as address:
        report = await asked(f"http://{address}")
        assert len(application.requests) == report.requests == 12
        assert "12 requests were sent (--max-requests)" in str(report.fields())
        late = Limits(per_second=1000, seconds=FAST.seconds, all_seconds=0)
        with pytest.raises(CouldNotAsk, match=r"0 seconds have passed \(--max-seconds\)"):
            await asked(f"http://{address}", late)
        assert len(application.requests) == 12


async def test_a_body_without_end_is_read_in_part() -> None:
    """One answer fills the memory."""
    begun = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    async with speaking(begun, begun, for_ever=b"more " * 20_000) as url:
        report = await asked(url)
    assert report.findings == ()
    assert "the body is compressed, or too long to be compared" in str(report.fields())


@pytest.mark.parametrize(
    "headers",
    [
        ("Location: /dashboard/",),
        ("Location: http://[half", "Set-Cookie: ;;;=", "Cache-Control: max-age=\xff, ,=,="),
        ("Location: \x80\xfe", "Content-Length: 0"),
        ("Location: http://host:99999999/", "Strict-Transport-Security: max-age"),
    ],
)
async def test_loops_and_broken_headers_make_no_traceback(headers: tuple[str, ...]) -> None:
    """A hostile answer ends the command."""
    raw = "\r\n".join(["HTTP/1.1 302 Found", "Connection: close", *headers, "", ""]).encode("latin-1")
    async with answering(raw) as server:
        report = await asked(server.url, Limits(requests=120, per_second=1000, seconds=FAST.seconds))
    assert report.requests == len(server.requests)
    assert report.requests <= 120


async def test_no_request_and_no_cookie_leaves_the_origin() -> None:
    """The session of the person who asks is sent to another server."""
    async with answering(answer(b"other")) as other:
        locations = (
            f"{other.url}dashboard",
            other.url.removeprefix("http:"),
            other.url.replace("http:", "http:/\\"),
        )

        class Away(Application):
            def answer(self, request: Request) -> Reply:
                where = locations[len(self.requests) % len(locations)]
                return Reply(307, headers=(("location", where), ("refresh", f"0; url={where}")))

        application = Away()
        async with served(application, server_header=False) as address:
            await asked(f"http://{address}", FAST, "session=hunter2-hunter2")
    assert other.requests == []
    assert any("hunter2" in one.headers.get("cookie", "") for one in application.requests)


async def test_a_body_that_is_made_to_be_searched_for_ever_is_searched_once() -> None:
    """One page keeps the processor busy beyond every limit of time."""
    endless = ("http-equiv=refresh " * 50_000).encode()
    for body in (endless, b"<meta " * 160_000, b"<meta content=" + endless):
        async with answering(answer(body)) as server:
            assert (await asked(server.url)).requests == 12


async def test_a_build_that_no_address_can_hold_is_not_asked_for() -> None:
    """The name of a build, which a page chooses, ends the command."""

    class Named(Application):
        def login(self, request: Request) -> Reply:
            return Reply(200, '"buildId":"é"')

    application = Named()
    async with served(application, server_header=False) as address:
        report = await asked(f"http://{address}", FAST)
    assert report.findings == ()
    assert "/_next/data/development/dashboard.json" in {one.path for one in application.requests}


@pytest.mark.parametrize("host", [f"{'a' * 64}.test", "a..test"])
async def test_a_name_that_no_server_can_have_could_not_be_asked(host: str) -> None:
    """A wrong address is a traceback, or is told as a finding."""
    with pytest.raises(CouldNotAsk, match="no connection"):
        await asked(f"http://{host}")


async def test_answers_are_not_kept_whole() -> None:
    """Six hundred pages of a megabyte fill the memory."""
    async with answering(answer(b"x" * 100_000)) as server:
        asker = Asker(Origin.parse(server.url.removesuffix("/range/")), FAST)
        answered = await asker.ask(Question("/"))
        await asker.aclose()
    assert isinstance(answered, Answer)
    assert answered.body == "x" * 100_000
    assert [kept.body for kept in asker.answers] == [None]


async def test_an_answer_with_more_headers_than_a_server_sends_is_none() -> None:
    """Each of thousands of cookies in one answer is a finding, and the report of them fills the memory."""
    many = [f"Set-Cookie: a{number}=1" for number in range(300)]
    async with answering(answer(b"", "200 OK", "Cache-Control: public", *many)) as server:
        with pytest.raises(CouldNotAsk, match="more than 256 header fields"):
            await asked(server.url)


async def test_an_answer_with_a_header_that_is_longer_than_a_server_sends_is_none() -> None:
    """The headers of six hundred answers, each with a cookie of 90 kB, fill the memory."""
    cookie = f"Set-Cookie: session={'a' * 90_000}"
    async with answering(answer(b"", "200 OK", "Cache-Control: public", cookie)) as server:
        with pytest.raises(CouldNotAsk, match="the header of the answer has more than 32768 bytes"):
            await asked(server.url)


async def test_pages_that_are_compared_are_not_all_kept() -> None:
    """A server answers each form of the public pages with thousands of other words, and fills the memory."""

    class Wordy(Application):
        def answer(self, request: Request) -> Reply:
            if self.guarded(request):
                return super().answer(request)
            words = " ".join(secrets.token_urlsafe(4) for _ in range(1000))
            return Reply(200, words if "dashboard" in request.path else f"public {words}")

    async with served(Wordy(), server_header=False) as address:
        tracemalloc.start()
        try:
            report = await asked(f"http://{address}", limited(200))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert [one.fault.id for one in report.findings] == ["page_open"]
    assert len(report.findings[0].evidence) > 20
    # A page of these words takes a hundred thousand bytes, and there are more than eighty of them.
    assert most < 5_000_000, most


async def test_the_report_of_a_server_that_invents_cookies_is_bounded() -> None:
    """Every answer sets cookies of other names, and the report has thousands of entries."""

    class Inventive(Application):
        def answer(self, request: Request) -> Reply:
            names = [f"session-{len(self.requests)}-{number}" for number in range(90)]
            cookies = [("set-cookie", f"{name}=1") for name in names]
            same = [("set-cookie", f"session=1; Path=/{number}") for number in range(90)]
            return Reply(200, "page", (("cache-control", "public"), *cookies, *same))

    async with served(Inventive(), server_header=False) as address:
        report = await asked(f"http://{address}")
    assert len(report.findings) == 100
    assert max(len(one.evidence) for one in report.findings) == 200
    assert "there are more than 100 findings" in {one.reason for one in report.not_checked}


async def test_an_answer_by_the_old_protocol_and_in_another_encoding_is_compared() -> None:
    """A server that speaks HTTP/1.0, or Latin-1, cannot be examined."""
    raw = "HTTP/1.0 200 OK\r\nSet-Cookie: session=é\r\n\r\nBalance of José".encode("latin-1")
    async with answering(raw) as server:
        report = await asked(server.url)
    reasons = {(one.fault.id, one.reason) for one in report.not_checked}
    assert any(check == "page_open" and "as an unknown path is" in reason for check, reason in reasons)
    assert "cookie_not_http_only" in {check for check, _ in shown_to(report)}


async def test_an_examination_that_was_cut_short_says_so() -> None:
    """A pipeline takes an application that was asked for its start page alone for a sound one."""
    async with speaking(answer(b"fine"), b"") as url:
        report = await asked(url, FAST)
    assert report.ended == "the server did not answer 3 requests in a row"
    assert report.fields()["ended"] == report.ended
    async with answering(answer(b"fine")) as server:
        assert (await asked(server.url)).ended == "12 requests were sent (--max-requests)"
        enough = Limits(requests=900, per_second=1000, seconds=FAST.seconds, all_seconds=FAST.all_seconds)
        assert (await asked(server.url, enough)).ended == ""


async def test_the_pause_between_requests_counts_as_time() -> None:
    """A slow rate makes the examination longer than was allowed."""
    application = Application()
    async with served(application, server_header=False) as address:
        slow = Limits(per_second=0.001, seconds=FAST.seconds, all_seconds=FAST.all_seconds)
        report = await asked(f"http://{address}", slow)
    assert len(application.requests) == 1
    assert report.ended == f"{FAST.all_seconds:g} seconds have passed (--max-seconds)"
