"""What `bymax-auth dev --data FILE` remembers."""

import os
import signal
import stat
import threading
from pathlib import Path

import httpx2
import pytest

from tests.integration.cli.dev_server import (
    DevServer,
    browser_of,
    code_in,
    free_port,
    mailed,
    registered,
    serving,
    signed_in,
)

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

EMAIL = "ana@example.com"
PASSWORD = "green tea in paris 71"
MEMBER = ("member@example.com", "pebble-compass-violin-47")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_accounts_and_sessions_survive_the_end(how: signal.Signals, tmp_path: Path) -> None:
    """A developer restarts the server and has to register again."""
    data, port = tmp_path / "demo.db", free_port()
    with browser_of(port) as browser:
        with serving("--data", data, port=port) as first:
            registered(browser, EMAIL, PASSWORD)
            first.end(how)
        with serving("--data", data, port=port):
            assert browser.get("/auth/me").json()["email"] == EMAIL
            assert len(browser.get("/auth/sessions").json()) == 2
            assert browser.post("/auth/refresh").status_code == 200
            signed_in(browser, EMAIL, PASSWORD)


def test_a_session_that_was_ended_stays_ended(tmp_path: Path) -> None:
    """A crash brings back a session that somebody signed out of."""
    data, port = tmp_path / "demo.db", free_port()
    with serving("--data", data, port=port) as first, first.client() as browser:
        signed_in(browser, *MEMBER)
        stolen = dict(browser.cookies)
        assert browser.post("/auth/logout").status_code == 204
        first.end(signal.SIGKILL)
    with serving("--data", data, port=port) as second, second.client() as thief:
        thief.cookies.update(stolen)
        assert thief.get("/auth/me").status_code == 401
        assert thief.post("/auth/refresh").status_code == 401


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Another user of the machine reads the secret that signs tokens."""
    data = tmp_path / "demo.db"
    with serving("--data", data):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes["demo.db"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_demo_account_with_a_password_of_its_own_is_not_printed(tmp_path: Path) -> None:
    """The terminal promises a password that no longer works."""
    data = tmp_path / "demo.db"
    email, password = MEMBER
    with serving("--data", data) as server, server.client() as browser:
        signed_in(browser, email, password)
        change = {"currentPassword": password, "newPassword": PASSWORD}
        assert browser.post("/auth/password/change", json=change).status_code == 204
        server.end(signal.SIGTERM)
    with serving("--data", data) as server, server.client() as browser:
        assert not any(email in line for line in server.banner)
        signed_in(browser, email, PASSWORD)


def test_two_servers_on_one_file_know_the_same_people(tmp_path: Path) -> None:
    """A second terminal on the same data shows another world."""
    data = tmp_path / "demo.db"
    with (
        serving("--data", data) as first,
        serving("--data", data) as second,
        first.client() as here,
        second.client() as there,
    ):
        registered(here, EMAIL, PASSWORD)
        there.cookies.update(here.cookies)
        assert there.get("/auth/me").json()["email"] == EMAIL
        assert there.post("/auth/sessions/revoke-all").status_code == 204
        assert len(here.get("/auth/sessions").json()) == 1


def test_people_who_come_at_once_never_meet_a_locked_file(tmp_path: Path) -> None:
    """Accounts and sessions share a file, and the writer of one makes the other fail."""
    with serving("--data", tmp_path / "demo.db", "--no-rate-limits") as server:
        people = [Person(server, number) for number in range(4)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        code, complaints = server.end(signal.SIGINT)
    assert [person.refused for person in people] == [[], [], [], []]
    assert (code, complaints) == (0, "")


class Person(threading.Thread):
    """Somebody who registers and signs in, again and again; `refused` is every answer that was no success."""

    def __init__(self, server: DevServer, number: int) -> None:
        super().__init__()
        self.refused: list[str] = ["did not finish"]
        self._server = server
        self._number = number

    def run(self) -> None:
        refused: list[str] = []
        for turn in range(4):
            with self._server.client() as browser:
                browser.event_hooks = {"response": [lambda answer: note(refused, answer)]}
                self._use(browser, f"person-{self._number}-{turn}@example.com")
        self.refused = refused

    def _use(self, browser: httpx2.Client, email: str) -> None:
        body = {"email": email, "password": PASSWORD, "name": "Ana Souza"}
        browser.post("/auth/register", json=body)
        code = code_in(mailed(browser, "email_verification_otp", email))
        browser.post("/auth/verify-email", json={"email": email, "otp": code})
        for _ in range(2):
            browser.post("/auth/login", json={"email": email, "password": PASSWORD})
            browser.get("/auth/me")
            browser.post("/auth/refresh")
        browser.post("/auth/logout")


def note(refused: list[str], answer: httpx2.Response) -> None:
    """Keep an answer that is not a success."""
    if not answer.is_success:
        refused.append(f"{answer.status_code} {answer.url.path}")
