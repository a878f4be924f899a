"""What `bymax-auth dev --data FILE` remembers."""

import os
import signal
import stat
import threading
from contextlib import ExitStack
from dataclasses import dataclass
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
from tests.long import LONG, rounds
from tests.servers.forked import COMMAND

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

EMAIL = "ana@example.com"
PASSWORD = "green tea in paris 71"
ADMIN = ("admin@example.com", "lantern-orbit-velvet-92")
MEMBER = ("member@example.com", "pebble-compass-violin-47")

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL) if LONG else (signal.SIGTERM, signal.SIGKILL)


def test_what_a_server_knew_is_known_after_each_kind_of_end(tmp_path: Path) -> None:
    """A developer restarts the server and registers again, or a crash brings back an ended session."""
    data, port = tmp_path / "demo.db", free_port()
    email, password = MEMBER
    before: Before | None = None
    with ExitStack() as browsers:
        for how in (*ENDS, None):
            # How the last one ends does not matter.
            command = None if how is None else COMMAND
            with serving("--data", data, "--no-rate-limits", port=port, command=command) as server:
                assert any(email in line for line in server.banner) is (before is None)
                if before is not None:
                    before.is_still_known(server)
                    password = before.member_password
                if how is not None:
                    browser = browsers.enter_context(browser_of(port))
                    before = acted(server, browser, f"ana-{how.name.lower()}@example.com", password)
                    # The browser's connection is still open: the server does not wait for it.
                    ended_well(server, how)
                    if how is not signal.SIGKILL:
                        assert [path.name for path in tmp_path.iterdir()] == ["demo.db"]


def ended_well(server: DevServer, how: signal.Signals) -> None:
    """The server ends as it is told to, and complains of nothing but of the stolen token."""
    code, complaints = server.end(how)
    assert code == (-how if how is signal.SIGKILL else 0)
    assert [line for line in complaints.splitlines() if not line.endswith("Refresh token refused")] == []


@dataclass(frozen=True)
class Before:
    """What people did at a server that has ended, each in an account of their own."""

    ana: httpx2.Client
    email: str
    stolen: dict[str, str]
    member_password: str

    def is_still_known(self, server: DevServer) -> None:
        """The next server knows the account, its sessions, the end of another and the new password."""
        assert self.ana.get("/auth/me").json()["email"] == self.email
        assert len(self.ana.get("/auth/sessions").json()) == 2
        assert self.ana.post("/auth/refresh").status_code == 200
        signed_in(self.ana, self.email, PASSWORD)
        with server.client() as thief:
            thief.cookies.update(self.stolen)
            assert thief.get("/auth/me").status_code == 401
            assert thief.post("/auth/refresh").status_code == 401
        with server.client() as member:
            signed_in(member, MEMBER[0], self.member_password)


def acted(server: DevServer, ana: httpx2.Client, email: str, member_password: str) -> Before:
    """Somebody registers, somebody else chooses a password, and the last to act signs out."""
    registered(ana, email, PASSWORD)
    with server.client() as member, server.client() as leaver:
        signed_in(member, MEMBER[0], member_password)
        chosen = f"{PASSWORD} of {email}"
        change = {"currentPassword": member_password, "newPassword": chosen}
        assert member.post("/auth/password/change", json=change).status_code == 204
        signed_in(leaver, *ADMIN)
        stolen = dict(leaver.cookies)
        assert leaver.post("/auth/logout").status_code == 204
    return Before(ana, email, stolen, chosen)


def test_the_file_is_for_its_owner_alone_and_shared_by_its_servers(tmp_path: Path) -> None:
    """Another user of the machine reads the secret of tokens, or a second terminal shows another world."""
    data = tmp_path / "demo.db"
    with (
        serving("--data", data) as first,
        serving("--data", data) as second,
        first.client() as here,
        second.client() as there,
    ):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert "demo.db" in modes
        if os.name == "posix":
            assert set(modes.values()) == {0o600}
        registered(here, EMAIL, PASSWORD)
        there.cookies.update(here.cookies)
        assert there.get("/auth/me").json()["email"] == EMAIL
        assert there.post("/auth/sessions/revoke-all").status_code == 204
        assert len(here.get("/auth/sessions").json()) == 1
        signed_in(here, EMAIL, PASSWORD)
        begun = here.post("/auth/mfa/setup", json={"password": PASSWORD}).json()
        code = here.post("/dev/demo/code", json={"secret": begun["secret"]}).json()["code"]
        assert here.post("/auth/mfa/verify-enable", json={"code": code}).status_code == 204
        # The other server opens the secret of the second factor, as this one will after a restart.
        assert there.post("/dev/demo/code", json={"email": EMAIL}).status_code == 200


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
        for turn in range(rounds(2, long=4)):
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
