"""Login pages that send people to another site."""

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from bymax_auth.cli.doctor.asking import Asker
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.redirects import check_redirects
from bymax_auth.cli.doctor.report import Report
from tests.integration.cli.doctor.application import (
    FAST,
    SESSION,
    Application,
    Reply,
    Request,
    resolved,
    shown_to,
)
from tests.servers.asgi import served

CHECKS: dict[str, tuple[Callable[[str], str], str]] = {
    "none": (lambda value: value, "https%3A%2F%2Fevil.example%2F"),
    "a slash": (lambda value: value if value.startswith("/") else "/", "%2F%2Fevil.example%2F"),
    "one slash": (lambda value: "/" if re.match("//|[^/]", value) else value, "%2F%5Cevil.example%2F"),
    "no scheme with slashes": (
        lambda value: "/" if re.search(r"//|[\\\x00-\x1f]", value) else value,
        # Of a page by http, `https:host` is absolute.
        "https%3Aevil.example%2F",
    ),
    "control characters kept": (
        lambda value: "/" if re.match(r"//|[^/\t]|/\\", value) else value,
        "%2F%09%2Fevil.example%2F",
    ),
    "dots resolved after the check": (
        lambda value: resolved(value) if "/.." not in value else value.removeprefix("/.."),
        "%2F..%2F%2Fevil.example%2F",
    ),
    "decoded after the check": (
        lambda value: unquote(value) if resolved(value) == value else "/",
        "%2F%252fevil.example%2F",
    ),
    "its own host as a beginning": (
        lambda value: value if value.startswith("http://127.0.0.1") else resolved(value),
        "http%3A%2F%2F127.0.0.1.evil.example%2F",
    ),
}


async def redirects(application: Application, cookie: str | None = SESSION, *paths: str) -> Report:
    """What is said of the login page."""
    async with served(application, server_header=False) as address:
        asker = Asker(Origin.parse(f"http://{address}"), FAST, cookie)
        report = Report(str(asker.origin))
        await check_redirects(asker, report, paths or ("/login",))
        await asker.aclose()
    return report


@pytest.mark.parametrize("check", CHECKS)
async def test_a_check_that_admits_another_site_is_found(check: str) -> None:
    """A link to the person's own site ends at a page that asks for the password again."""
    resolve, form = CHECKS[check]
    found = shown_to(await redirects(Application(resolve=resolve)))
    assert found == {
        ("open_redirect", "/login?redirectTo="): [f"GET /login?redirectTo={form}, with the session"]
    }


@pytest.mark.parametrize("name", ["next", "callbackUrl", "returnTo", "redirect_uri"])
async def test_the_parameter_is_named(name: str) -> None:
    """Whoever corrects the page does not know which parameter it was."""
    found = shown_to(await redirects(Application(parameter=name, resolve=lambda value: value)))
    assert found.keys() == {("open_redirect", f"/login?{name}=")}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "<meta http-equiv='refresh' content='0;url=//evil.example/'>"),
        Reply(200, '<META content="0; URL=https:&#x2F;&#x2F;evil.example/" http-equiv=refresh />'),
        Reply(200, "<meta http-equiv='refresh' content=0;//evil.example>"),
        Reply(200, 'E{"digest":"NEXT_REDIRECT;replace;https://evil.example/;307;"}'),
        Reply(200, "", (("refresh", "0; url=https://evil.example/"),)),
    ],
    ids=["meta", "meta, other order", "meta, no quotes", "next", "refresh"],
)
async def test_a_redirect_in_the_page_is_found(reply: Reply) -> None:
    """A page that redirects without a status is taken for a sound one."""

    class InPage(Application):
        def login(self, request: Request) -> Reply:
            return reply if "evil" in request.query else Reply(200, "login")

    assert "open_redirect" in {one.fault.id for one in (await redirects(InPage(), None)).findings}


async def test_another_site_that_the_application_itself_uses_is_no_fault() -> None:
    """The company's identity provider is reported."""

    class SignedOn(Application):
        def login(self, request: Request) -> Reply:
            return Reply(302, headers=(("location", f"https://id.example.com/?{request.query}"),))

    assert (await redirects(SignedOn())).findings == ()


async def test_a_further_path_is_asked_without_the_session() -> None:
    """The examination uses up the refresh token of the session that it was given."""

    class Silent(Application):
        def answer(self, request: Request) -> Reply:
            if request.path == "/refresh":
                return Reply(303, headers=(("location", unquote(request.query.partition("=")[2])),))
            return super().answer(request)

    application = Silent()
    found = shown_to(await redirects(application, SESSION, "/login", "/refresh"))
    assert {subject.partition("?")[0] for _, subject in found} == {"/refresh"}
    assert not any(one.signed_in for one in application.requests if one.path == "/refresh")


async def test_a_login_that_sends_on_only_after_sign_in_is_said_not_to_be_checked() -> None:
    """What was never seen is taken for sound."""
    (left,) = (await redirects(Application(), None)).not_checked
    assert (left.fault.id, left.subject) == ("open_redirect", "/login")
    assert left.reason.startswith("it sends nobody on without a session")


async def test_a_redirect_to_another_site_behind_one_of_the_application_is_found() -> None:
    """The language or a slash is added to the login page first, and nobody looks at what follows."""

    class InTwoSteps(Application):
        def answer(self, request: Request) -> Reply:
            if request.path == "/login":
                return Reply(307, headers=(("location", f"/pt/login?{request.query}"),))
            if request.path == "/pt/login":
                return self.login(request)
            return super().answer(request)

    found = shown_to(await redirects(InTwoSteps(resolve=lambda value: value)))
    assert found == {
        ("open_redirect", "/login?redirectTo="): [
            "GET /pt/login?redirectTo=https%3A%2F%2Fevil.example%2F, with the session"
        ]
    }
    assert (await redirects(InTwoSteps())).findings == ()


async def test_only_the_login_page_is_asked_with_the_session_behind_a_redirect() -> None:
    """The examination uses up the refresh token of the session that it was given."""

    class Refreshing(Application):
        def login(self, request: Request) -> Reply:
            return Reply(303, headers=(("location", f"/api/auth/silent-refresh?{request.query}"),))

    application = Refreshing()
    assert (await redirects(application)).findings == ()
    assert {one.signed_in for one in application.requests if one.path.startswith("/api/")} == {False}
