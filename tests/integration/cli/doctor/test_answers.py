"""What answers say to caches and browsers: lifetimes, cookies, refreshes and TLS."""

from pathlib import Path

import pytest

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.caching import check_pages, check_set_cookies
from bymax_auth.cli.doctor.cookies import check_cookies
from bymax_auth.cli.doctor.examination import Examined, examine
from bymax_auth.cli.doctor.exchange import Answer, Question
from bymax_auth.cli.doctor.faults import PAGE_OPEN
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.pages import Judge, Subject
from bymax_auth.cli.doctor.refreshing import check_prefetch
from bymax_auth.cli.doctor.report import Report
from bymax_auth.cli.doctor.transport import check_transport
from tests.integration.cli.doctor.application import (
    FAST,
    SESSION,
    Application,
    Headers,
    Reply,
    Request,
    shown_to,
)
from tests.servers.asgi import served
from tests.servers.certificate import certify

LIFETIMES: list[Headers] = [
    (("cache-control", "public, max-age=60"),),
    (("cache-control", "max-age=60"),),
    (("cache-control", "s-maxage=60, stale-while-revalidate"),),
    (("cache-control", "public"),),
    (("cache-control", "private, no-store"), ("cdn-cache-control", "max-age=60")),
    (("cache-control", "private"), ("vercel-cdn-cache-control", "s-maxage=60")),
    (("surrogate-control", "max-age=60"),),
    (("expires", "Fri, 31 Dec 9999 23:59:59 GMT"),),
]
NO_LIFETIMES: list[Headers] = [
    (("cache-control", "private, max-age=60"),),
    (("cache-control", "no-store, public"),),
    (("cache-control", "max-age=60, s-maxage=0"),),
    (("cache-control", "public, max-age=0"),),
    (("cache-control", 'private="set-cookie", max-age=60'),),
    (("cache-control", "max-age=soon"),),
    (("cdn-cache-control", "no-store"),),
    (("expires", "Fri, 31 Dec 1999 23:59:59 GMT"),),
    (("expires", "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"),),
    (("cache-control", "private"), ("expires", "Fri, 31 Dec 9999 23:59:59 GMT")),
    (("expires", "0"),),
    (),
]


async def answers_of(application: Application, cookie: str | None = None, *, named: str = "") -> Report:
    """What is said of the answers to three questions, in the session where there is one."""
    async with served(application, server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), FAST, cookie)
        report, judge = Report(str(asker.origin)), Judge(asker, "/login")
        for path in ("/login", "/dashboard"):
            await asker.ask(Question(path))
        await check_pages(asker, judge, report, Subject("/dashboard", PAGE_OPEN))
        check_set_cookies(asker.answers, report)
        check_cookies(asker, report, {named})
        await asker.aclose()
    return report


@pytest.mark.parametrize("headers", [*LIFETIMES, *NO_LIFETIMES], ids=str)
async def test_a_cookie_beside_a_public_lifetime_is_found(headers: Headers) -> None:
    """A cache gives one person's session to everybody else."""
    cookie = ("set-cookie", "theme=dark; Path=/")
    found = shown_to(await answers_of(Application(login_headers=(cookie, *headers))))
    assert found == ({("set_cookie_cacheable", "theme"): ["GET /login"]} if headers in LIFETIMES else {})


async def test_neither_a_deleted_cookie_nor_a_lifetime_without_one_is_a_fault() -> None:
    """A page that is cached on purpose is reported."""
    public = ("cache-control", "public, max-age=60")
    for gone in (
        "a=; Path=/",
        "a=x; Max-Age=0",
        "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=deleted; expires=Fri, 31-Dec-1999 23:59:59 GMT",
        "a=x; Expires=Mon, 1 Jan 2001 00:00:00 -0000",
    ):
        assert (await answers_of(Application(login_headers=(public, ("set-cookie", gone))))).findings == ()
    assert (await answers_of(Application(login_headers=(public,)))).findings == ()
    for kept in ("a=x; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=x; Expires=never"):
        assert (await answers_of(Application(login_headers=(public, ("set-cookie", kept))))).findings != ()


@pytest.mark.parametrize(
    ("headers", "sound"),
    [
        ((), False),
        ((("cache-control", "max-age=0"),), False),
        ((("cache-control", "public, max-age=60"),), False),
        ((("cache-control", "private, no-store"), ("cdn-cache-control", "public, max-age=60")), False),
        ((("vary", "Accept"),), False),
        ((("cache-control", "private"),), True),
        ((("cache-control", "no-store"),), True),
        ((("cache-control", "no-cache"),), True),
        ((("cache-control", "max-age=0"), ("vary", "Accept, Cookie")), True),
    ],
)
async def test_a_private_page_that_caches_may_store_is_found(headers: Headers, sound: bool) -> None:
    """Somebody reads the page of the person before, from a cache or with the back button."""
    report = await answers_of(Application(page_headers=headers, sliding=()), SESSION)
    asked = ["GET /dashboard, with the session"]
    assert shown_to(report) == ({} if sound else {("page_cacheable", "/dashboard"): asked})


@pytest.mark.parametrize(
    ("status", "headers", "sound"),
    [
        (308, (), False),
        (301, (("cache-control", "private"),), False),
        (307, (("cache-control", "private, max-age=60"),), False),
        (303, (("cdn-cache-control", "max-age=60"),), False),
        (308, (("cache-control", "no-store"),), True),
        (307, (), True),
    ],
)
async def test_a_redirect_to_the_login_that_is_stored_is_found(
    status: int, headers: Headers, sound: bool
) -> None:
    """Somebody has signed in, and the browser still shows the login page."""
    report = await answers_of(Application(login_status=status, refusal_headers=headers))
    assert shown_to(report) == ({} if sound else {("refusal_cacheable", "/dashboard"): ["GET /dashboard"]})


@pytest.mark.parametrize(
    ("cookie", "fault"),
    [
        ("session=x7; Path=/; Secure; SameSite=Lax", "cookie_not_http_only"),
        ("__Host-access_token=x7; Path=/; Secure; SameSite=Lax", "cookie_not_http_only"),
        ("next-auth.session-token.0=x7; HttpOnly; Secure", "cookie_not_same_site"),
        ("shop=x7; HttpOnly; Secure; SameSite=Sometimes", "cookie_not_same_site"),
        ("has_session=1; Secure; SameSite=Lax", None),
        ("__Secure-has_session=1; Secure; SameSite=Strict", None),
        ("theme=dark", None),
        ("session=; Max-Age=0", None),
        ("refresh_token=x7; HTTPONLY; secure; samesite=none", None),
    ],
)
async def test_what_a_session_cookie_lacks_is_found(cookie: str, fault: str | None) -> None:
    """A script reads the session, or another site acts for the person."""
    private = ("cache-control", "no-store")
    report = await answers_of(Application(login_headers=(("set-cookie", cookie), private)), named="shop")
    name = cookie.partition("=")[0]
    assert shown_to(report) == ({(fault, name): ["GET /login"]} if fault else {})
    assert "x7" not in str(report.fields())


class Refreshes(Application):
    """Sends a prefetch to the refresh as if it were a navigation, or renews the session itself."""

    def refusal(self, request: Request) -> Reply:
        return (
            super().refusal(request)
            if self.background(request)
            else Application().refusal(
                Request(request.path, request.query, {"cookie": request.headers.get("cookie", "")})
            )
        )


PREFETCHES = {
    "purpose": "purpose: prefetch",
    "sec-purpose": "sec-purpose: prefetch",
    "x-moz": "x-moz: prefetch",
    "next-router-prefetch": "rsc: 1, next-router-prefetch: 1",
}


async def prefetched(application: Application, cookie: str | None = None) -> Report:
    """What is said of prefetches."""
    async with served(application, server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), FAST, cookie)
        report = Report(str(asker.origin))
        await check_prefetch(asker, report, "/dashboard", ())
        await asker.aclose()
    return report


@pytest.mark.parametrize("kind", PREFETCHES)
async def test_a_prefetch_that_is_sent_to_the_refresh_is_found(kind: str) -> None:
    """Links that nobody opens use up refresh tokens, and people are signed out."""
    sound = Application()
    application = Refreshes(
        background=lambda request: kind not in request.headers and sound.background(request)
    )
    found = shown_to(await prefetched(application))
    assert found.keys() == {("prefetch_refreshes", "/dashboard")}
    (asked, *_) = found["prefetch_refreshes", "/dashboard"]
    assert PREFETCHES[kind] in asked


async def test_a_prefetch_that_renews_the_session_is_found() -> None:
    """A middleware exchanges the token of a page that is never shown, and its cookies are lost."""
    found = shown_to(
        await prefetched(
            Application(
                background=lambda _: False,
                sliding=(("set-cookie", "refresh_token=x7; Path=/; HttpOnly; Secure; SameSite=Strict"),),
            ),
            SESSION,
        )
    )
    assert (
        "GET /dashboard, sec-purpose: prefetch, with the session" in found["prefetch_refreshes", "/dashboard"]
    )


async def test_an_application_that_has_no_refresh_is_said_not_to_be_checked() -> None:
    """What was never seen is taken for sound."""
    assert (await prefetched(Application())).not_checked == ()
    none = Application(guarded=lambda _: False)
    (left,) = (await prefetched(none)).not_checked
    assert left.reason == "a navigation with the cookie has_session=1 is sent to no refresh"


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        ("max-age=31536000; includeSubDomains", True),
        ('MAX-AGE="600"', True),
        ("max-age=0", False),
        ("includeSubDomains", False),
        ("max-age=1; max-age=2", False),
        (None, False),
    ],
)
def test_missing_hsts_is_found(value: str | None, sound: bool) -> None:
    """The first visit from a café is answered by somebody else."""
    found = shown_to(transport_of("https://app.example", value))
    assert found == ({} if sound else {("hsts_missing", "https://app.example"): ["GET /"]})


@pytest.mark.parametrize(
    "origin",
    [
        "https://203.0.113.7",
        "https://[2001:db8::7]:8443",
        "https://0x7f.1",
        "https://localhost",
        "https://app.localhost.:8443",
    ],
)
def test_hsts_of_an_address_or_of_this_machine_is_not_asked_for(origin: str) -> None:
    """Whoever examines what browsers ignore learns to ignore the report."""
    report = transport_of(origin, None)
    assert report.findings == ()
    assert [one.reason for one in report.not_checked] == ["browsers keep it for the names of hosts alone"]


def transport_of(origin: str, value: str | None) -> Report:
    """What is said of an answer with this header."""
    headers = () if value is None else (("strict-transport-security", value),)
    report = Report(origin)
    check_transport(Origin.parse(origin), report, Answer(Question("/"), 200, headers, ""))
    return report


async def test_a_session_cookie_without_secure_is_found(tmp_path: Path) -> None:
    """One request by http:// shows the session to everybody on the network."""
    certificate = certify(tmp_path)
    for secure, sound in (("", False), ("; Secure", True)):
        cookie = ("set-cookie", f"session=x7; HttpOnly; SameSite=Lax{secure}")
        application = Application(login_headers=(cookie,))
        async with served(application, ssl_certfile=certificate, ssl_keyfile=certificate) as address:
            asked = Examined(origin=Origin.parse(f"https://{address}"), limits=FAST, authority=certificate)
            report = await examine(asked)
        assert {check for check, _ in shown_to(report)} == (set() if sound else {"cookie_not_secure"})
