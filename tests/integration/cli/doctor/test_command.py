"""`bymax-auth doctor`, as an operator and a pipeline use it."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.integration.cli.dev_server import DevServer, signed_in
from tests.integration.cli.doctor.application import SESSION, Application
from tests.integration.cli.in_process import run
from tests.servers.asgi import served

QUICK = ("--rate", "1000", "--timeout", "60", "--max-seconds", "600")
VARIABLE = "BYMAX_AUTH_DOCTOR_COOKIE"


async def test_findings_are_printed_and_end_the_command_with_one() -> None:
    """A pipeline goes on with an application whose pages are open."""
    private = (("cache-control", "no-store"), ("vary", "x" * 300))
    application = Application(guarded=lambda _: False, login_headers=private)
    async with served(application, server_header=False) as address:
        words = ("doctor", f"http://{address}", "--protected", "/dashboard", "--api", "/api/me", *QUICK)
        printed, read = [await asyncio.to_thread(run, *words, *more) for more in ((), ("--json",))]
    assert (printed.returncode, printed.stderr) == (read.returncode, read.stderr) == (1, "")
    report = json.loads(read.stdout)
    assert {(one["check"], one["subject"]) for one in report["findings"]} == {
        ("page_open", "/dashboard"),
        ("api_open", "/api/me"),
    }
    assert report["findings"][0]["evidence"] == [
        {"asked": "GET /dashboard", "answered": "200, content-type: (none)"}
    ]
    assert {"check", "subject", "reason", "count"} == report["notChecked"][0].keys()
    for text in ("[page_open]", "GET /dashboard", "Not checked", "2 findings at http://127.0.0.1"):
        assert text in printed.stdout


async def test_many_forms_of_one_page_are_one_finding() -> None:
    """The one line that matters is not found among eighty."""
    application = Application(
        guarded=lambda request: request.path == "/dashboard" and len(request.headers) < 8
    )
    async with served(application, server_header=False) as address:
        done = await asyncio.to_thread(
            run, "doctor", f"http://{address}", "--protected", "/dashboard", "--max-requests", "90", *QUICK
        )
    assert done.returncode == 1
    assert "Not everything was asked: 90 requests were sent (--max-requests)." in " ".join(
        done.stdout.split()
    )
    assert "other forms (--json names them)" in done.stdout
    assert done.stdout.count("[page_open]") == 1


@pytest.mark.parametrize("how", ["variable", "input"])
async def test_the_session_comes_from_the_environment_or_the_input_and_is_not_printed(how: str) -> None:
    """Everybody on the machine reads a cookie of the arguments, and of the output who reads its log."""
    application = Application(page_headers=(), sliding=())
    env, given = ({VARIABLE: SESSION}, "") if how == "variable" else ({}, f"Cookie: {SESSION}\n")
    async with served(application, server_header=False) as address:
        words = ("doctor", f"http://{address}", "--protected", "/dashboard", "--cookie", *QUICK)
        done = await asyncio.to_thread(run, *words, env=env, given=given)
    assert done.returncode == 1
    assert "[page_cacheable]" in done.stdout
    assert SESSION.partition("=")[2] not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("https://ana:hunter2@app.test",), "the URL is refused: a user"),
        (("ftp://app.test",), "the URL is refused: it does not start with"),
        (("http://127.0.0.1:9",), "http://127.0.0.1:9 could not be asked: no connection"),
        (("http://127.0.0.1:9", "--protected", "dashboard"), "--protected: a path starts with one slash"),
        (("http://127.0.0.1:9", "--cookie"), "the cookie is not of the form"),
        (
            ("https://127.0.0.1:9", "--ca-file", "absent.pem"),
            "https://127.0.0.1:9 could not be asked: the file of --ca-file",
        ),
    ],
)
def test_what_cannot_be_asked_ends_the_command_with_two(words: tuple[str, ...], reason: str) -> None:
    """A pipeline takes an application that was never asked for a sound one."""
    done = run("doctor", *words, given="hunter2\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"bymax-auth: {reason}")
    assert "hunter2" not in done.stderr
    assert done.stderr.count("\n") == 1


async def test_an_application_that_was_not_asked_everything_ends_the_command_with_two() -> None:
    """A pipeline goes on with an application that was asked for its start page alone."""
    async with served(Application(), server_header=False) as address:
        words = ("doctor", f"http://{address}", "--protected", "/dashboard", "--max-requests", "9", *QUICK)
        printed, read = [await asyncio.to_thread(run, *words, *more) for more in ((), ("--json",))]
    assert (printed.returncode, read.returncode) == (2, 2)
    assert json.loads(read.stdout)["ended"] == "9 requests were sent (--max-requests)"
    assert "No findings at http://127.0.0.1" in printed.stdout


@pytest.mark.processes
def test_our_own_development_server_has_no_faults(demo_server: DevServer, tmp_path: Path) -> None:
    """The product has the faults that it warns of."""
    with demo_server.client() as browser:
        signed_in(browser, "admin@example.com", "lantern-orbit-velvet-92")
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    words = ("doctor", demo_server.url, "--api", "/auth/me", "--login", "/", "--json", "--cookie", *QUICK)
    done = run(*words, env={VARIABLE: cookie}, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert "api_open" not in {one["check"] for one in report["notChecked"]}
