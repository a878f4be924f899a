"""`bymax-auth dev` as a program on the same machine meets it."""

import re
import socket
from datetime import datetime

import pytest

from tests.integration.cli.dev_server import DevServer, code_in, mailed, registered, serving, signed_in
from tests.servers.patience import PATIENCE

pytestmark = pytest.mark.processes

PASSWORD = "green tea in paris 71"
ADMIN = ("admin@example.com", "lantern-orbit-velvet-92")


def test_a_newcomer_registers_verifies_and_signs_in(demo_server: DevServer) -> None:
    """The first minute with the product fails."""
    with demo_server.client() as browser:
        body = {"email": "ana@example.com", "password": PASSWORD, "name": "Ana Souza"}
        assert browser.post("/auth/register", json=body).status_code == 201
        code = code_in(mailed(browser, "email_verification_otp", "ana@example.com"))
        proof = {"email": "ana@example.com", "otp": code}
        assert browser.post("/auth/verify-email", json=proof).status_code == 204
        signed_in(browser, "ana@example.com", PASSWORD)
        assert browser.get("/auth/me").json()["emailVerified"] is True
        assert any(session["isCurrent"] for session in browser.get("/auth/sessions").json())


def test_the_accounts_it_prints_can_sign_in(demo_server: DevServer) -> None:
    """A new user copies what the terminal shows and is refused."""
    printed = [line.split()[1:] for line in demo_server.banner if line.startswith("Account: ")]
    assert {role for _, _, role in printed} == {"ADMIN", "MEMBER"}
    for email, password, role in printed:
        with demo_server.client() as browser:
            signed_in(browser, email, password)
            assert browser.get("/auth/me").json()["role"] == role


def test_mail_is_listed_newest_first_and_never_cached(demo_server: DevServer) -> None:
    """A person reads an old code, or a script finds no field it was promised."""
    with demo_server.client() as browser:
        for email in ("first@example.com", "second@example.com"):
            body = {"email": email, "password": PASSWORD, "name": "Ana Souza"}
            assert browser.post("/auth/register", json=body).status_code == 201
            mailed(browser, "email_verification_otp", email)
        answer = browser.get("/dev/mail")
    assert answer.headers["cache-control"] == "no-store"
    mails = answer.json()
    assert all(list(mail) == ["to", "kind", "subject", "text", "createdAt"] for mail in mails)
    moments = [datetime.fromisoformat(mail["createdAt"]) for mail in mails]
    assert moments == sorted(moments, reverse=True)
    codes = [mail["to"] for mail in mails if mail["kind"] == "email_verification_otp"]
    assert codes.index("second@example.com") < codes.index("first@example.com")


def test_a_header_chooses_another_tenant(demo_server: DevServer) -> None:
    """Somebody who develops for several customers sees the accounts of one at another."""
    email, password = ADMIN
    with demo_server.client() as demo, demo_server.client(**{"X-Tenant-Id": "acme"}) as acme:
        assert acme.post("/auth/login", json={"email": email, "password": password}).status_code == 401
        registered(acme, email, PASSWORD)
        assert acme.get("/auth/me").json()["tenantId"] == "acme"
        signed_in(demo, email, password)
        assert demo.get("/auth/me").json()["tenantId"] == "demo"


def test_the_pages_load_nothing_from_another_machine(demo_server: DevServer) -> None:
    """Without internet the documentation stays blank, and with it somebody else's code sees passwords."""
    with demo_server.client() as browser:
        for page in ("/", "/docs"):
            answer = browser.get(page)
            assert answer.status_code == 200
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            named = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
            local = ("/", "#", "data:,", f"{demo_server.url}/")
            assert [address for address in named if not address.startswith(local)] == []
            local = [address for address in named if address.startswith("/")]
            assert any(address.endswith(".js") for address in local)
            for address in local:
                assert browser.get(address).status_code == 200, address


def test_the_documentation_knows_every_route(demo_server: DevServer) -> None:
    """A new user opens the documentation and finds no way to sign in."""
    with demo_server.client() as browser:
        paths = browser.get("/openapi.json").json()["paths"]
    assert {"/auth/register", "/auth/login", "/auth/me", "/auth/sessions", "/dev/mail"} <= set(paths)
    assert "/" not in paths


def test_only_the_loopback_interface_is_served(demo_server: DevServer) -> None:
    """Everybody on the same network can read the mailbox."""
    with socket.socket() as probe:
        probe.settimeout(PATIENCE)
        # Another address of this very machine, which a server on every interface would answer.
        assert probe.connect_ex(("127.0.0.2", demo_server.port)) != 0


def test_a_page_that_calls_itself_by_another_name_is_refused(demo_server: DevServer) -> None:
    """A website whose name is made to point at this machine reads the mailbox through a visitor's browser."""
    with demo_server.client() as browser:
        answer = browser.get("/dev/mail", headers={"Host": f"attacker.example:{demo_server.port}"})
        assert answer.status_code == 400
        assert browser.get("/dev/mail", headers={"Host": f"localhost:{demo_server.port}"}).status_code == 200


def test_a_visitor_is_not_limited_and_a_program_is_unless_told_otherwise(
    demo_server: DevServer,
) -> None:
    """Somebody who signs in a sixth time is sent away, or a load test cannot lift the limit."""
    email, password = ADMIN
    assert "Rate limits: disabled." in demo_server.banner
    with serving() as limited, limited.client() as browser:
        stated = next(line for line in limited.banner if line.startswith("Rate limits: "))
        assert stated == "Rate limits: 300 requests of each kind a minute; far fewer in a deployment."
        for _ in range(6):
            signed_in(browser, email, password)
        answers = [browser.post("/auth/logout").status_code for _ in range(301)]
        assert set(answers[:300]) == {204}
        assert answers[300] == 429
    with demo_server.client() as unlimited:
        assert {unlimited.post("/auth/logout").status_code for _ in range(301)} == {204}
