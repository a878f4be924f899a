"""The second factor, the platform and the socket of `bymax-auth dev`, as its page uses them."""

import logging

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.cli.dev_server import DevServer, enrolled, registered, signed_in, socket_of
from tests.servers.patience import PATIENCE

pytestmark = pytest.mark.processes

PASSWORD = "green tea in paris 71"
ROOT = {"email": "root@example.com", "password": "harbor-meadow-cobalt-58"}
CROSS_SITE = {"Origin": "https://attacker.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture(autouse=True)
def quiet_client(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the client from logging the address of a session, which holds a digest."""
    caplog.set_level(logging.WARNING, logger="httpx2")


def passed(client: httpx2.Client, email: str) -> None:
    """Sign in with both factors."""
    begun = client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()
    code = client.post("/dev/demo/code", json={"email": email}).json()["code"]
    answer = client.post("/auth/mfa/challenge", json={"mfaTempToken": begun["mfaTempToken"], "code": code})
    assert answer.status_code == 200, answer.text


def test_a_visitor_needs_no_phone_for_the_second_factor(demo_server: DevServer) -> None:
    """The demonstration gives out a code that was used already, and its visitor waits for half a minute."""
    with demo_server.client() as browser:
        enrolled(browser, "fay@example.com", PASSWORD)
        passed(browser, "fay@example.com")
        code = browser.post("/dev/demo/code", json={"email": "fay@example.com"}).json()["code"]
        assert browser.post("/auth/mfa/disable", json={"code": code}).status_code == 204
        signed_in(browser, "fay@example.com", PASSWORD)
        for body in ({"email": "fay@example.com"}, {}):
            answer = browser.post("/dev/demo/code", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "dev.no_second_factor")


def test_the_demo_phone_says_when_its_next_code_comes(demo_server: DevServer) -> None:
    """A visitor gets a code twice, and the second factor refuses it without a reason."""
    with demo_server.client() as browser:
        secret = enrolled(browser, "bob@example.com", PASSWORD)
        answers = [browser.post("/dev/demo/code", json={"secret": secret}) for _ in range(9)]
        codes = [answer.json()["code"] for answer in answers if answer.status_code == 200]
        assert len(set(codes)) == len(codes)
        # Half a minute that ends meanwhile frees one more code.
        refusal = next(answer for answer in answers if answer.status_code != 200)
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (429, "dev.codes_used")
        assert 0 < refusal.json()["error"]["details"]["retryAfterSeconds"] <= 30


@pytest.mark.parametrize("body", [{"email": "member@example.com"}, {"secret": "no secret!"}, {}])
def test_the_demo_phone_knows_no_code_of_an_account_without_a_factor(
    demo_server: DevServer, body: dict[str, str]
) -> None:
    """The page fails where it could say what is missing."""
    with demo_server.client() as browser:
        answer = browser.post("/dev/demo/code", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "dev.no_second_factor")


def test_the_qr_code_is_drawn_here(demo_server: DevServer) -> None:
    """The secret of a second factor is sent to a service that draws QR codes."""
    with demo_server.client() as browser:
        answer = browser.post("/dev/demo/qr", json={"qrCodeUri": "otpauth://totp/a:b?secret=ABCD"})
    assert answer.json()["svg"].startswith("<svg")


def test_a_page_of_another_site_gets_no_code(demo_server: DevServer) -> None:
    """A website that a developer visits passes the second factor of the development server."""
    with demo_server.client(**CROSS_SITE) as browser:
        assert browser.post("/dev/demo/code", json={"email": "member@example.com"}).status_code == 403


def test_a_phone_passes_the_second_factor(demo_server: DevServer) -> None:
    """Whoever added a second factor cannot see how soon an ended session is refused."""
    with demo_server.client() as browser:
        enrolled(browser, "carl@example.com", PASSWORD)
        passed(browser, "carl@example.com")
        answer = browser.post("/dev/demo/phones", json={"password": PASSWORD})
        assert answer.status_code == 200, answer.text
        assert len(browser.get("/auth/sessions").json()) == 2


def test_the_administrator_that_it_prints_belongs_to_no_tenant(demo_server: DevServer) -> None:
    """The demonstration of two realms shows a token that opens both."""
    printed = next(line for line in demo_server.banner if line.startswith("Administrator of the platform: "))
    assert printed.split(": ")[1].split() == list(ROOT.values())
    with demo_server.client() as browser:
        token = browser.post("/auth/platform/login", json=ROOT).json()["accessToken"]
        assert not browser.cookies
        bearer = {"Authorization": f"Bearer {token}"}
        assert browser.get("/auth/platform/me", headers=bearer).json()["role"] == "ROOT"
        for path in ("/auth/me", "/auth/sessions", "/dev/demo/admin"):
            assert browser.get(path, headers=bearer).status_code == 401
        registered(browser, "gwen@example.com", PASSWORD)
        assert browser.get("/auth/platform/me").status_code == 401


def test_the_socket_ends_with_the_login_that_opened_it(demo_server: DevServer) -> None:
    """Somebody signs out, and a page that is open elsewhere goes on showing what is new."""
    with demo_server.client() as browser:
        registered(browser, "emma@example.com", PASSWORD)
        with socket_of(demo_server, browser) as socket:
            socket.send("hello")
            assert browser.post("/auth/logout").status_code == 204
            with pytest.raises(ConnectionClosed) as ended:
                socket.recv(timeout=PATIENCE)
        assert ended.value.rcvd is not None
        assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (1008, "token_revoked")
