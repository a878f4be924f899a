"""An application with pages, a login and an API, sound by default; each part can be given a fault."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

from starlette.types import Receive, Scope, Send

from bymax_auth.cli.doctor.asking import Asker, Limits
from bymax_auth.cli.doctor.examination import Examined, examine
from bymax_auth.cli.doctor.faults import API_OPEN, PAGE_OPEN
from bymax_auth.cli.doctor.forms import forms_of
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.pages import Judge, Subject
from bymax_auth.cli.doctor.report import Report
from bymax_auth.cli.doctor.subjects import Subjects
from tests.servers.asgi import served
from tests.servers.patience import PATIENCE

__all__ = [
    "FAST",
    "SESSION",
    "Application",
    "Reply",
    "Request",
    "asked_for",
    "examined",
    "is_background",
    "limited",
    "resolved",
    "shown_to",
]

SESSION = "session=good-session-71"
REFRESH = "/api/auth/silent-refresh"
FAST = Limits(per_second=1000, seconds=PATIENCE, all_seconds=PATIENCE * 5)

Headers = tuple[tuple[str, str], ...]
UNCACHED: Headers = (("cache-control", "private, no-store"), ("vary", "Cookie"))
SLID: Headers = (("set-cookie", f"{SESSION}; Path=/; HttpOnly; Secure; SameSite=Lax"),)


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `path` is as it was sent."""

    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def signed_in(self) -> bool:
        return SESSION in self.headers.get("cookie", "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: str = ""
    headers: Headers = ()


def limited(requests: int) -> Limits:
    """Limits that end the examination after this many requests."""
    return Limits(requests=requests, per_second=1000, seconds=FAST.seconds, all_seconds=FAST.all_seconds)


def resolved(value: str) -> str:
    """The value, if it is a path of this site."""
    if not value.startswith("/") or value.startswith("//") or re.search(r"[\\\x00-\x1f]", value):
        return "/"
    path = urlsplit(value).path
    return "/" if "//" in path or "/." in path or "/%2e" in path.lower() else value


def is_background(request: Request) -> bool:
    """Whether nobody has opened the page."""
    given = request.headers
    marked = {"purpose", "sec-purpose", "x-moz", "rsc", "next-router-prefetch"} & given.keys()
    return bool(marked) or given.get("sec-fetch-mode", "navigate") != "navigate"


@dataclass
class Application:
    """A sound application; every field is one decision that can be taken wrongly."""

    routed: Callable[[Request], str] = lambda request: request.path
    guarded: Callable[[Request], bool] = lambda request: request.path in {"/dashboard", "/api/me"}
    resolve: Callable[[str], str] = resolved
    parameter: str = "redirectTo"
    background: Callable[[Request], bool] = is_background
    login_status: int = 303
    page_headers: Headers = UNCACHED
    sliding: Headers = SLID
    refusal_headers: Headers = (("cache-control", "no-store"),)
    login_headers: Headers = ()
    every: Headers = ()
    requests: list[Request] = field(default_factory=list[Request])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        request = Request(scope["raw_path"].decode(), scope["query_string"].decode(), headers)
        self.requests.append(request)
        reply = self.answer(request)
        headers_out = [(name.encode(), value.encode()) for name, value in (*reply.headers, *self.every)]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers_out})
        await send({"type": "http.response.body", "body": reply.body.encode()})

    def answer(self, request: Request) -> Reply:
        if self.guarded(request) and not request.signed_in:
            return self.refusal(request)
        match self.routed(request):
            case "/":
                return Reply(200, "<h1>Welcome</h1> <a href=/login>Sign in</a>")
            case "/dashboard":
                slid = () if self.background(request) else self.sliding
                return Reply(200, "<h1>Balance of Ana</h1> <p>1,204.50</p>", (*self.page_headers, *slid))
            case "/api/me":
                return Reply(200, '{"email": "ana@example.com"}', UNCACHED)
            case "/login":
                return self.login(request)
            case "/api/auth/silent-refresh":
                return Reply(303, headers=(("location", "/login?reason=expired"), *self.refusal_headers))
            case _:
                return Reply(404, f"<h1>Not found</h1> <p>{request.path}</p>")

    def refusal(self, request: Request) -> Reply:
        if request.path.startswith("/api/"):
            return Reply(401, '{"error": {"code": "auth.token_missing"}}')
        if self.background(request):
            return Reply(401, headers=self.refusal_headers)
        place = REFRESH if "has_session=1" in request.headers.get("cookie", "") else "/login"
        location = ("location", f"{place}?redirectTo=%2Fdashboard")
        return Reply(self.login_status, headers=(location, *self.refusal_headers))

    def login(self, request: Request) -> Reply:
        given = parse_qs(request.query).get(self.parameter, ["/dashboard"])[0]
        if request.signed_in:
            location = quote(self.resolve(given), safe="/:\\\t\r\n?=&@%#", encoding="latin-1")
            return Reply(303, headers=(("location", location.translate({10: None, 13: None})), *UNCACHED))
        return Reply(200, login_page(), self.login_headers)


def login_page() -> str:
    """The login page, which is never the same twice, as a page with a nonce is not."""
    nonce = secrets.token_urlsafe(16)
    return (
        f'<script nonce="{nonce}" src="/_next/static/build-7/_buildManifest.js"></script> '
        "<form><label>Password</label></form>"
    )


async def examined(application: Application, cookie: str | None = None) -> Report:
    """What the examination says of the application."""
    async with served(application, server_header=False) as address:
        asked = Examined(
            origin=Origin.parse(f"http://{address}"),
            protected=("/dashboard",),
            api=("/api/me",),
            limits=FAST,
        )
        return await examine(asked, cookie)


async def asked_for(application: Application, path: str = "/dashboard") -> Report:
    """What the examination says of one path: an address of the API, or a page."""
    async with served(application, server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), FAST)
        report, judge = Report(str(asker.origin)), Judge(asker, "/login")
        forms = tuple(forms_of(judge.login, judge.unknown, await judge.build()))
        subject = Subject(path, API_OPEN if path.startswith("/api/") else PAGE_OPEN)
        asked = Subjects(judge, report, [subject])
        await asked.ask_plainly()
        await asked.ask(forms)
        await asker.aclose()
    return report


def shown_to(report: Report) -> dict[tuple[str, str], list[str]]:
    """The questions that show each fault of each subject."""
    return {
        (one.fault.id, one.subject): [evidence.asked for evidence in one.evidence] for one in report.findings
    }
