"""What the demo page knows of the refresh tokens that were issued."""

from datetime import timedelta

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bymax_auth.cli.dev.refresh_log import LOGIN_COOKIE, ObserveRefresh, RefreshLog

COOKIE = "refresh_token"
WINDOW = timedelta(hours=1)


def test_a_token_belongs_to_the_login_of_the_one_that_it_replaces() -> None:
    """The page shows each token as a login of its own, or mixes two logins."""
    log = RefreshLog()
    ana, bob = log.record(None, "a1"), log.record(None, "b1")
    assert log.record("a1", "a2") == ana
    assert [entry.token for entry in log.login(ana)] == ["a1", "a2"]
    assert [entry.exchanged_at is not None for entry in log.login(ana)] == [True, False]
    assert [entry.token for entry in log.login(bob)] == ["b1"]


def test_two_tabs_that_get_the_same_successor_show_it_once() -> None:
    """A token that two tabs exchanged together is listed twice."""
    log = RefreshLog()
    name = log.record(None, "a1")
    log.record("a1", "a2")
    first = log.login(name)[0].exchanged_at
    log.record("a1", "a2")
    assert [entry.token for entry in log.login(name)] == ["a1", "a2"]
    assert log.login(name)[0].exchanged_at == first


def test_only_an_exchanged_token_has_a_grace_window() -> None:
    """The page makes a visitor wait for nothing, or replays a token too early."""
    log = RefreshLog()
    name = log.record(None, "a1")
    log.record("a1", "a2")
    used, current = log.login(name)
    assert timedelta() < used.grace_left(WINDOW) <= WINDOW
    assert used.grace_left(timedelta()) == timedelta()
    assert current.grace_left(WINDOW) == timedelta()


def test_a_long_session_keeps_the_latest_logins_and_tokens_only() -> None:
    """A load test against the development server eats the machine's memory."""
    log = RefreshLog()
    first = log.record(None, "first")
    names = [log.record(None, f"login {number}") for number in range(100)]
    assert log.login(first) == ()
    assert all(log.login(name) for name in names)
    for number in range(30):
        log.record(f"token {number - 1}" if number else "login 99", f"token {number}")
    assert [entry.token for entry in log.login(names[99])] == [f"token {number}" for number in range(10, 30)]


def test_a_token_is_not_shown_in_a_log() -> None:
    """A stack trace of the development server holds a refresh token."""
    log = RefreshLog()
    (entry,) = log.login(log.record(None, "secret-token"))
    assert "secret-token" not in repr(entry)
    assert len(entry.fingerprint) == 8
    assert entry.fingerprint not in entry.token


def test_an_unknown_login_has_no_tokens() -> None:
    """A cookie of an earlier server is an error on the page."""
    assert RefreshLog().login("somebody") == ()
    assert RefreshLog().login(None) == ()


async def issuing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that issues the token in its query; without one it sets another cookie."""
    issued = Request(scope).query_params.get("issue")
    answer = Response(headers={"Set-Cookie": f"{COOKIE}={issued}; Path=/auth" if issued else "other=1"})
    await answer(scope, receive, send)


@pytest.mark.parametrize("presented", [f"other=1; {COOKIE}=a1", f"{COOKIE}=a1"])
async def test_the_cookies_of_auth_routes_are_observed(presented: str) -> None:
    """The page shows no token after a sign-in, or takes a refresh for another login."""
    log = RefreshLog()
    transport = httpx2.ASGITransport(ObserveRefresh(issuing, log=log, cookie=COOKIE))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post("/auth/login?issue=a1")
        name = answer.cookies[LOGIN_COOKIE]
        assert [line.split("=")[0] for line in answer.headers.get_list("set-cookie")] == [
            COOKIE,
            LOGIN_COOKIE,
        ]
        await client.post("/auth/refresh?issue=a2", headers={"Cookie": presented})
        assert [entry.token for entry in log.login(name)] == ["a1", "a2"]
        for path in ("/auth/me", "/elsewhere?issue=x1", "/auth/refresh"):
            answer = await client.get(path)
            assert LOGIN_COOKIE not in answer.cookies
        assert [entry.token for entry in log.login(name)] == ["a1", "a2"]
