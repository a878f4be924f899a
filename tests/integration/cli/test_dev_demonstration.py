"""The routes behind the demo page of `bymax-auth dev`."""

import logging
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.integration.cli.dev_server import DevServer, serving, signed_in
from tests.long import long_only
from tests.servers.forked import COMMAND
from tests.servers.patience import PATIENCE

pytestmark = pytest.mark.processes

MEMBER = ("member@example.com", "pebble-compass-violin-47")
ADMIN = ("admin@example.com", "lantern-orbit-velvet-92")
CROSS_SITE = {"Origin": "https://attacker.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture(autouse=True)
def quiet_client(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the client from logging the address of a session, which holds a digest."""
    caplog.set_level(logging.WARNING, logger="httpx2")


def login_of(client: httpx2.Client) -> list[dict[str, Any]]:
    return list(client.get("/dev/demo/login").json())


def replayed(client: httpx2.Client) -> dict[str, Any]:
    """The thief's answer, once the grace window of the stolen token has closed."""
    deadline = time.monotonic() + PATIENCE
    while any(token["graceLeftMs"] for token in login_of(client)):
        assert time.monotonic() < deadline
    return dict(client.post("/dev/demo/replay").json())


def test_a_replayed_token_ends_the_login(demo_server: DevServer) -> None:
    """The demonstration of the theft shows a thief who gets in."""
    with demo_server.client() as browser, demo_server.client() as elsewhere:
        signed_in(browser, *MEMBER)
        signed_in(elsewhere, *ADMIN)
        assert [token["exchanged"] for token in login_of(browser)] == [False]
        assert browser.post("/dev/demo/replay").json() is None
        assert browser.post("/auth/refresh").status_code == 200
        used, current = login_of(browser)
        assert (used["exchanged"], current["exchanged"]) == (True, False)
        answer = replayed(browser)
        assert answer["fingerprint"] == used["fingerprint"]
        assert (answer["accepted"], answer["code"]) == (False, "auth.refresh_token_invalid")
        assert browser.get("/auth/me").status_code == 401
        assert browser.post("/auth/refresh").status_code == 401
        assert elsewhere.get("/auth/me").status_code == 200
        assert login_of(elsewhere) != login_of(browser)


def test_the_second_process_refuses_a_revoked_phone(demo_server: DevServer) -> None:
    """The demonstration measures nothing, or a time that no revocation took."""
    with demo_server.client() as browser:
        signed_in(browser, *MEMBER)
        processes = browser.get("/dev/demo/processes").json()
        assert processes["server"] != processes["second"]
        phone = browser.post("/dev/demo/phones", json={"password": MEMBER[1]}).json()["sessionHash"]
        assert {"sessionHash": phone} in browser.get("/dev/demo/phones").json()
        # Ending another session revokes the phone's access token: the phone refreshes as every client does.
        other = browser.post("/dev/demo/phones", json={"password": MEMBER[1]}).json()["sessionHash"]
        assert browser.delete(f"/auth/sessions/{other}").status_code == 204
        assert browser.post("/auth/refresh").status_code == 200
        phone = browser.post(f"/dev/demo/phones/{phone}/watch").json()["sessionHash"]
        assert browser.delete(f"/auth/sessions/{phone}").status_code == 204
        assert browser.post("/auth/refresh").status_code == 200
        refused = browser.get(f"/dev/demo/phones/{phone}/refused").json()
        assert refused["checks"] >= 2
        assert refused["refusedMs"] > 0
        assert refused["answeredMs"] > 0
        assert browser.get(f"/dev/demo/phones/{phone}/refused").status_code == 404


def test_a_phone_belongs_to_its_account(demo_server: DevServer) -> None:
    """One visitor's phone is another visitor's, or a wrong password signs one in."""
    with demo_server.client() as member, demo_server.client() as admin, demo_server.client() as nobody:
        signed_in(member, *MEMBER)
        signed_in(admin, *ADMIN)
        assert member.post("/dev/demo/phones", json={"password": "wrong"}).status_code == 401
        phone = member.post("/dev/demo/phones", json={"password": MEMBER[1]}).json()["sessionHash"]
        assert admin.post(f"/dev/demo/phones/{phone}/watch").status_code == 404
        assert member.get(f"/dev/demo/phones/{phone}/refused").status_code == 404
        assert {"sessionHash": phone} not in admin.get("/dev/demo/phones").json()
        assert nobody.get("/dev/demo/phones").status_code == 401


def test_only_an_admin_opens_the_admin_route(demo_server: DevServer) -> None:
    """The demonstration of roles lets everybody in."""
    with demo_server.client() as browser:
        assert browser.get("/dev/demo/admin").status_code == 401
        signed_in(browser, *MEMBER)
        assert browser.get("/dev/demo/admin").status_code == 403
        signed_in(browser, *ADMIN)
        assert browser.get("/dev/demo/admin").status_code == 200


def test_a_page_of_another_site_cannot_play_the_thief(demo_server: DevServer) -> None:
    """A website that a developer visits ends the sessions of the development server."""
    with demo_server.client() as browser:
        signed_in(browser, *MEMBER)
        assert browser.post("/dev/demo/replay", headers=CROSS_SITE).status_code == 403
        body = {"password": MEMBER[1]}
        assert browser.post("/dev/demo/phones", json=body, headers=CROSS_SITE).status_code == 403


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the state of a process in /proc")
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGINT, marks=long_only),
        pytest.param(signal.SIGTERM, marks=long_only),
        signal.SIGKILL,
    ],
)
def test_the_second_process_ends_with_the_server(how: signal.Signals, tmp_path: Path) -> None:
    """Each demonstration leaves a process behind, or says something of it at the end."""
    with serving("--data", tmp_path / "demo.db", command=COMMAND) as server, server.client() as browser:
        processes = browser.get("/dev/demo/processes").json()
        second = processes["second"]
        assert processes["server"] == server.process.pid != second
        assert runs(second)
        assert server.end(how) == (-how if how is signal.SIGKILL else 0, "")
    deadline = time.monotonic() + PATIENCE
    while runs(second):
        assert time.monotonic() < deadline
    if how is not signal.SIGKILL:
        assert [path.name for path in tmp_path.iterdir()] == ["demo.db"]


def test_a_second_process_that_was_killed_is_started_again(demo_server: DevServer) -> None:
    """The demonstration is over when somebody ends the process that it names."""
    with demo_server.client() as browser:
        signed_in(browser, *MEMBER)
        first = browser.get("/dev/demo/processes").json()["second"]
        phone = browser.post("/dev/demo/phones", json={"password": MEMBER[1]}).json()["sessionHash"]
        watched = browser.post(f"/dev/demo/phones/{phone}/watch").json()["sessionHash"]
        os.kill(first, signal.SIGKILL)
        answer = browser.get(f"/dev/demo/phones/{watched}/refused")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "dev.second_process")
        assert browser.get("/dev/demo/processes").json()["second"] != first


def runs(pid: int) -> bool:
    """Say whether a process runs; one that has ended may wait for its new parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
