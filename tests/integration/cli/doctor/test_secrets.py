"""What a report holds of the session that it was given, and of what a server sends."""

from bymax_auth.cli.doctor.examination import Examined, examine
from bymax_auth.cli.doctor.origin import Origin
from bymax_auth.cli.doctor.report import Report
from tests.integration.cli.doctor.application import FAST, Application, Reply, Request, shown_to
from tests.servers.asgi import served


async def with_session(application: Application, cookie: str) -> Report:
    """What is said of an application in this session."""
    async with served(application, server_header=False) as address:
        origin = Origin.parse(f"http://{address}")
        return await examine(Examined(origin=origin, protected=("/dashboard",), limits=FAST), cookie)


SENT_BACK = {
    "hunter2-" * 50: "hunter2-" * 50,
    "hunter2/hunter2": "hunter2%2Fhunter2",
    "hunter2%2Bhunter2": "hunter2+hunter2",
    '"hunter2:hunter2=="': "hunter2:hunter2==",
}
"""Values of cookies, and how a server repeats them: whole, encoded, decoded and without quotes."""


async def test_what_a_server_sends_back_of_the_cookie_is_not_repeated() -> None:
    """The session ends in the log of a pipeline."""

    class Echo(Application):
        def answer(self, request: Request) -> Reply:
            given = request.headers.get("cookie", "")
            text = " ".join(back for value, back in SENT_BACK.items() if value in given)
            headers = (
                ("cache-control", f"public, {text}"),
                ("set-cookie", f"session{text}={text}; Path=/{text}"),
                ("content-type", f"text/{text}"),
            )
            if request.path == "/dashboard" and not given:
                return Reply(302, headers=(("location", "/login"),))
            return Reply(200, f"<p>{request.path} {text}", headers)

    cookie = "; ".join(f"session{number}={value}" for number, value in enumerate(SENT_BACK))
    report = await with_session(Echo(), f"{cookie}; theme=1")
    assert {"page_cacheable", "set_cookie_cacheable"} <= {check for check, _ in shown_to(report)}
    assert "hunter2" not in str(report.fields()) + repr(report)


async def test_no_text_of_a_server_fills_the_report_or_controls_the_terminal() -> None:
    """One answer hides all others, or has the terminal do something."""
    long = "x" * 5_000

    class Long(Application):
        def answer(self, request: Request) -> Reply:
            headers = (
                ("cache-control", "public"),
                ("set-cookie", f"session\x9b2J{long}=1; Path=/{long}"),
                ("location", f"https://evil.example/{long}"),
            )
            return Reply(302 if request.path == "/login" else 200, request.path, headers)

    report = await with_session(Long(), "session=hunter2")
    assert {"open_redirect", "set_cookie_cacheable"} <= {check for check, _ in shown_to(report)}
    texts = [
        text
        for one in report.findings
        for text in (one.subject, *(text for it in one.evidence for text in (it.asked, it.answered)))
    ]
    texts += [text for one in report.not_checked for text in (one.subject, one.reason)]
    assert max(map(len, texts)) <= 201
    assert all(text.isprintable() for text in texts)
