"""Forms of a protected page and of the API that an application forgets to protect."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

import pytest

from bymax_auth.cli.doctor.examination import Examined, examine
from bymax_auth.cli.doctor.origin import Origin
from tests.integration.cli.doctor.application import (
    FAST,
    SESSION,
    Application,
    Reply,
    Request,
    asked_for,
    examined,
    is_background,
    login_page,
    shown_to,
)
from tests.servers.asgi import served

PAGE, API = ("page_open", "/dashboard"), ("api_open", "/api/me")


def without_header(name: str, value: str | None = None) -> Callable[[Request], bool]:
    """A guard that lets everybody in who sends this header."""

    def guarded(request: Request) -> bool:
        given = request.headers.get(name)
        return request.path == "/dashboard" and (given is None or (value is not None and given != value))

    return guarded


def routed_by(name: str) -> Callable[[Request], str]:
    """A router that believes what this header says was asked for."""
    return lambda request: request.headers.get(name, request.path)


ROUTERS: dict[str, tuple[Callable[[Request], str], str]] = {
    "rsc": (lambda request: request.path.removesuffix(".rsc"), "GET /dashboard.rsc"),
    "data": (
        lambda request: re.sub(r"^/_next/data/build-7(.*)\.json$", r"\1", request.path),
        "GET /_next/data/build-7/dashboard.json",
    ),
    "encoded": (lambda request: unquote(request.path), "GET /%64ashboard"),
    "encoded letter": (lambda request: request.path.replace("%61", "a"), "GET /d%61shboard"),
    "encoded dots": (lambda request: re.sub("^/a/%2e%2e/", "/", request.path), "GET /a/%2e%2e/dashboard"),
    "encoded twice": (lambda request: unquote(unquote(request.path)), "GET /%2564ashboard"),
    "slashes": (lambda request: re.sub("/+", "/", request.path), "GET //dashboard"),
    "slash at the end": (lambda request: request.path.rstrip("/") or "/", "GET /dashboard/"),
    "dot at the end": (lambda request: request.path.rstrip("."), "GET /dashboard."),
    "case": (lambda request: request.path.lower(), "GET /DASHBOARD"),
    "parameters": (lambda request: request.path.partition(";")[0], "GET /dashboard;a=b"),
    "x-original-url": (routed_by("x-original-url"), "GET /login, x-original-url: /dashboard"),
    "x-rewrite-url": (routed_by("x-rewrite-url"), "GET /login, x-rewrite-url: /dashboard"),
}

GUARDS: dict[str, tuple[Callable[[Request], bool], str]] = {
    "subrequest": (
        without_header("x-middleware-subrequest", ":".join(["middleware"] * 5)),
        "GET /dashboard, x-middleware-subrequest: middleware:middleware:middleware:middleware:middleware",
    ),
    "data": (without_header("x-nextjs-data"), "GET /dashboard, x-nextjs-data: 1"),
    "rsc": (without_header("rsc"), "GET /dashboard, rsc: 1"),
    "prefetch": (without_header("next-router-prefetch"), "GET /dashboard, next-router-prefetch: 1"),
    "purpose": (without_header("sec-purpose"), "GET /dashboard, sec-purpose: prefetch"),
    "address": (
        lambda request: request.headers.get("x-invoke-path", request.path) == "/dashboard",
        "GET /dashboard, x-invoke-path: /login",
    ),
    "identity": (without_header("x-user-id"), "GET /dashboard, x-user-id: 1"),
}


@pytest.mark.parametrize("fault", ROUTERS)
async def test_a_form_that_the_router_reads_and_the_guard_does_not_is_found(fault: str) -> None:
    """Whoever writes the path of a private page otherwise reads it."""
    routed, form = ROUTERS[fault]
    report = await asked_for(Application(routed=routed))
    assert shown_to(report).keys() == {PAGE}
    assert form in shown_to(report)[PAGE]


@pytest.mark.parametrize("fault", GUARDS)
async def test_a_header_that_turns_the_guard_off_is_found(fault: str) -> None:
    """One header opens every private page."""
    guarded, form = GUARDS[fault]
    application = Application(guarded=lambda request: request.path == "/api/me" or guarded(request))
    report = await asked_for(application)
    assert shown_to(report).keys() == {PAGE}
    assert form in shown_to(report)[PAGE]


async def test_a_page_that_everybody_may_open_is_found() -> None:
    """A page that was never protected is taken for a protected one."""
    report = await asked_for(Application(guarded=lambda request: request.path == "/api/me"))
    assert shown_to(report) == {PAGE: ["GET /dashboard"]}
    assert report.findings[0].evidence[0].answered == "200, content-type: (none)"


@pytest.mark.parametrize("body", ['{"email": "ana@example.com"}', ""])
async def test_an_open_api_is_found_also_when_it_answers_with_nothing(body: str) -> None:
    """The pages are protected, and whoever calls their API has the data."""

    class Open(Application):
        def answer(self, request: Request) -> Reply:
            return (
                Reply(204 if not body else 200, body)
                if request.path == "/api/me"
                else super().answer(request)
            )

    assert shown_to(await asked_for(Open(), "/api/me")) == {API: ["GET /api/me"]}


async def test_an_application_without_faults_has_an_empty_report() -> None:
    """An operator learns to ignore a report that always complains."""
    for cookie in (None, SESSION):
        application = Application()
        report = await examined(application, cookie)
        assert shown_to(report) == {}
        told = {(one.fault.id, one.subject): one.reason for one in report.not_checked}
        assert told.pop(("hsts_missing", report.origin)) == "the origin was asked without TLS"
        assert report.requests == len(application.requests)
        if cookie is None:
            assert {check for check, _ in told} == {
                "page_cacheable",
                "open_redirect",
                "cookie_not_http_only",
                "cookie_not_secure",
                "cookie_not_same_site",
            }
        else:
            assert told.keys() == {("open_redirect", "/login"), ("cookie_not_secure", "session")}


@pytest.mark.parametrize("status", [200, 404])
async def test_pages_that_the_browser_chooses_are_said_not_to_be_checked(status: int) -> None:
    """The one document of a single-page application is reported as a private page."""

    class SinglePage(Application):
        def answer(self, request: Request) -> Reply:
            if request.path.startswith("/api/"):
                return super().answer(request)
            return Reply(status, f"<div id=root></div> <link href={request.path}>{login_page()}")

    report = await asked_for(SinglePage())
    assert shown_to(report) == {}
    (reason,) = [one.reason for one in report.not_checked if one.fault.id == "page_open"]
    assert reason.startswith("it is answered as an unknown path is")


async def test_a_login_page_in_the_place_of_the_page_is_no_fault() -> None:
    """An application that asks for the password on the page itself is reported."""

    class InPlace(Application):
        def refusal(self, request: Request) -> Reply:
            return super().refusal(request) if request.path == "/api/me" else Reply(200, login_page())

    report = await asked_for(InPlace())
    assert shown_to(report) == {}
    assert "page_open" not in {one.fault.id for one in report.not_checked}


async def test_the_payload_of_the_login_page_is_not_taken_for_the_page() -> None:
    """A framework that answers a form with the login page in that form is reported."""

    class Payloads(Application):
        def answer(self, request: Request) -> Reply:
            if request.path.endswith(".rsc"):
                return Reply(200, '0:["login form","password"]')
            if "rsc" in request.headers and request.path in {"/login", "/dashboard"}:
                return Reply(200, '1:["login form"]')
            return super().answer(request)

    assert shown_to(await asked_for(Payloads())) == {}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(200, "<script>NEXT_REDIRECT;replace;/login;307;</script>"), "the body holds a redirect"),
        (Reply(200, "x", (("content-encoding", "br"),)), "the body is compressed"),
        (Reply(429, "slower"), "429"),
        (Reply(500, "broken"), "its own address is answered with an error"),
        (Reply(200, " \n"), "its own address is answered with an error, or with nothing"),
        (Reply(404, "none"), "it is answered as an unknown path is"),
        (Reply(307, "", (("location", "/setup"),)), "it redirects to another page than the login page"),
        (Reply(307, "", (("location", "/dashboard/"),)), "it redirects to itself more than 5 times"),
        (Reply(308, "", (("location", "https://app.example/dashboard"),)), "it is at another origin"),
    ],
    ids=lambda value: value.status if isinstance(value, Reply) else None,
)
async def test_what_cannot_be_told_is_not_reported_as_a_fault(reply: Reply, reason: str) -> None:
    """A guess is presented as a fact, or what was never checked as sound."""

    class Odd(Application):
        def answer(self, request: Request) -> Reply:
            return reply if request.path.rstrip("/") == "/dashboard" else super().answer(request)

    report = await asked_for(Odd())
    assert report.findings == ()
    assert reason in {one.reason[: len(reason)] for one in report.not_checked}


async def test_a_single_sign_on_and_a_redirect_of_the_data_are_refusals() -> None:
    """An application that sends people to their identity provider is said not to be checked."""

    class Elsewhere(Application):
        def refusal(self, request: Request) -> Reply:
            if request.path == "/api/me":
                return Reply(200, "{}", (("x-nextjs-redirect", "/login"),))
            return Reply(
                302, headers=(("location", "https://id.example/authorize"), ("cache-control", "no-store"))
            )

    for path in ("/dashboard", "/api/me"):
        report = await asked_for(Elsewhere(), path)
        assert (report.findings, report.not_checked) == ((), ())


async def test_a_proxy_that_answers_every_prefetch_with_nothing_is_no_fault() -> None:
    """An application that ignores prefetches is said to have an open API."""

    class Quiet(Application):
        def answer(self, request: Request) -> Reply:
            return Reply(204) if is_background(request) else super().answer(request)

    report = await asked_for(Quiet(), "/api/me")
    assert (report.findings, report.not_checked) == ((), ())


async def test_a_public_page_that_changes_from_time_to_time_is_no_fault() -> None:
    """A page with the time of day is the same twice within a second, and another page afterwards."""

    class Timed(Application):
        def answer(self, request: Request) -> Reply:
            reply = super().answer(request)
            return replace(reply, body=f"{reply.body} <time>10:00:{len(self.requests) // 8}</time>")

        def refusal(self, request: Request) -> Reply:
            return Reply(200, login_page())

    assert shown_to(await asked_for(Timed())) == {}


async def test_pages_and_an_api_that_nobody_named_are_said_not_to_be_checked() -> None:
    """An application whose pages were never asked for is taken for a sound one."""
    async with served(Application(), server_header=False) as address:
        report = await examine(Examined(origin=Origin.parse(f"http://{address}"), limits=FAST))
    unnamed = {one.fault.id: one.reason for one in report.not_checked if "was named" in one.reason}
    assert unnamed == {
        "page_open": "no page was named (--protected)",
        "page_cacheable": "no page was named (--protected)",
        "refusal_cacheable": "no page was named (--protected)",
        "prefetch_refreshes": "no page was named (--protected)",
        "api_open": "no address of the API was named (--api)",
    }
