"""What could not be checked is told as such: it is neither a fault nor sound."""

import ssl
from pathlib import Path

import pytest

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.caching import check_pages
from bymax_auth.cli.doctor.examination import CouldNotAsk, Examined, examine
from bymax_auth.cli.doctor.faults import API_OPEN, HSTS_MISSING, PAGE_OPEN, Fault
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.pages import Judge, Subject
from bymax_auth.cli.doctor.refreshing import check_prefetch
from bymax_auth.cli.doctor.report import Report
from bymax_auth.cli.doctor.subjects import Subjects
from bymax_auth.cli.doctor.terminal import print_report
from tests.integration.cli.doctor.application import (
    FAST,
    SESSION,
    Application,
    Reply,
    Request,
    asked_for,
    limited,
)
from tests.servers.answers import answer, answering
from tests.servers.asgi import served
from tests.servers.certificate import certify


@pytest.mark.parametrize(
    ("path", "fault", "reply"),
    [
        ("/dashboard", PAGE_OPEN, Reply(200, "Balance")),
        ("/api/me", API_OPEN, Reply(204)),
    ],
)
async def test_a_page_that_cannot_be_compared_any_more_is_not_reported(
    path: str, fault: Fault, reply: Reply
) -> None:
    """A limit is reached between the page and the public ones, and a public page is told as private."""

    class Open(Application):
        def answer(self, request: Request) -> Reply:
            return reply if request.path == path else super().answer(request)

    async with served(Open(), server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), limited(1))
        report, judge = Report(str(asker.origin)), Judge(asker, "/login")
        await Subjects(judge, report, [Subject(path, fault)]).ask_plainly()
        await asker.aclose()
    assert report.findings == ()
    assert [(one.fault, one.subject) for one in report.not_checked] == [(fault, path)]


async def test_prefetches_that_were_not_asked_any_more_are_not_sound() -> None:
    """The limit is reached before the first prefetch, and the application is said to refuse them."""
    async with served(Application(), server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), limited(2), SESSION)
        report = Report(str(asker.origin))
        await check_prefetch(asker, report, "/dashboard", ())
        await asker.aclose()
    (left,) = report.not_checked
    # Each of the five is asked with the hint, and with the session.
    assert (left.reason, left.count) == ("2 requests were sent (--max-requests)", 10)


async def test_a_page_that_cannot_be_read_in_the_session_is_not_judged() -> None:
    """A server that compresses every page is said to keep them from the person who is signed in."""

    class Compressed(Application):
        def answer(self, request: Request) -> Reply:
            if request.signed_in:
                return Reply(200, "x", (("content-encoding", "gzip"),))
            return super().answer(request)

    async with served(Compressed(), server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), FAST, SESSION)
        report = Report(str(asker.origin))
        await check_pages(asker, Judge(asker, "/login"), report, Subject("/dashboard", PAGE_OPEN))
        await asker.aclose()
    assert [one.reason for one in report.not_checked] == [
        "the body is compressed, or too long to be compared"
    ]


async def test_no_page_is_taken_for_an_empty_start_page() -> None:
    """Every page has all words of a page that has none."""

    class Blank(Application):
        def answer(self, request: Request) -> Reply:
            return Reply(200) if request.path == "/" else super().answer(request)

    report = await asked_for(Blank(guarded=lambda _: False))
    assert [one.fault for one in report.findings] == [PAGE_OPEN]


async def test_a_certificate_that_nobody_trusts_is_told(tmp_path: Path) -> None:
    """Whoever forgot --ca-file searches for a server that is not there."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certify(tmp_path))
    async with answering(answer(b"fine"), tls=tls) as server:
        origin = Origin.parse(server.url.removesuffix("/range/"))
        with pytest.raises(CouldNotAsk, match="its certificate is refused: self-signed certificate"):
            await examine(Examined(origin=origin, limits=FAST))
    assert server.requests == []


def test_a_report_without_gaps_prints_no_table_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty table looks as if something had been left out."""
    report = Report("https://app.example")
    report.found(HSTS_MISSING, "https://app.example", "GET /", "200")
    print_report(report)
    printed = capsys.readouterr().out
    assert "[hsts_missing]" in printed
    assert "Not checked" not in printed


async def test_a_start_page_that_is_private_is_not_compared_with_itself() -> None:
    """An application without public pages, of which every page is open, is said to be sound."""

    class Private(Application):
        def answer(self, request: Request) -> Reply:
            return Reply(200, "Balance of Ana") if request.path == "/" else super().answer(request)

    report = await asked_for(Private(), "/")
    assert [(one.fault, one.subject) for one in report.findings] == [(PAGE_OPEN, "/")]


async def test_forms_that_are_not_answered_are_counted() -> None:
    """A server that limits the rate of requests is said to refuse what it was not asked."""

    class Hurried(Application):
        def answer(self, request: Request) -> Reply:
            return Reply(429) if "x-user-id" in request.headers else super().answer(request)

    report = await asked_for(Hurried())
    (left,) = report.not_checked
    assert (left.subject, left.count) == ("/dashboard", 1)
    assert left.reason == "some forms: 429: the server limits the rate of requests (--rate)"


PAGES = tuple(f"/dashboard/{number}" for number in range(12))


async def test_the_requests_are_shared_between_the_pages() -> None:
    """The first pages are asked in eighty forms, and the last ones, which are open, in none."""
    application = Application(
        guarded=lambda request: request.path in PAGES,
        routed=lambda request: "/dashboard" if request.path.startswith(PAGES) else request.path,
    )
    async with served(application, server_header=False) as address:
        origin = Origin.parse(f"http://{address}")
        report = await examine(Examined(origin=origin, protected=PAGES, limits=limited(600)))
    shown = {one.subject: [it.asked for it in one.evidence] for one in report.findings}
    assert shown.keys() == set(PAGES)
    assert {f"GET {page}.rsc" for page in PAGES} <= {asked for one in shown.values() for asked in one}
    assert report.ended == "600 requests were sent (--max-requests)"
    unasked = [one for one in report.not_checked if "forms were not asked" in one.reason]
    assert [one.subject for one in unasked] == list(PAGES)
    counts = [int(one.reason.split()[0]) for one in unasked]
    assert max(counts) - min(counts) <= 1
    # What could not be asked is named, so that the rest can be asked with more requests.
    assert all(
        one.reason.endswith(f"and those after it: {report.ended}") and f"GET {one.subject}" in one.reason
        for one in unasked
    )


async def test_what_tells_the_most_is_asked_of_every_page_before_the_rest_of_one() -> None:
    """A limit ends the examination before the one request that would have opened the last page."""
    skipped = {"x-middleware-subrequest": ":".join(["src/middleware"] * 5)}
    application = Application(
        guarded=lambda request: request.path in PAGES and not skipped.items() <= request.headers.items(),
        routed=lambda request: "/dashboard" if request.path == PAGES[-1] else request.path,
    )
    async with served(application, server_header=False) as address:
        origin = Origin.parse(f"http://{address}")
        report = await examine(Examined(origin=origin, protected=PAGES, limits=limited(200)))
    assert [(one.fault, one.subject) for one in report.findings] == [(PAGE_OPEN, PAGES[-1])]
