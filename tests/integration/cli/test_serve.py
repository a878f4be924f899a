"""`bymax-auth serve`: the service that an environment configures, as its users and its operator meet it."""

import json
import os
import signal
import socket
import sqlite3
import time
from pathlib import Path

import httpx2
import pytest

from bymax_auth.cli.keygen import environment_lines
from bymax_auth.crypto import totp
from tests.integration.cli.dev_server import PATIENCE, free_port
from tests.integration.cli.in_process import run
from tests.integration.cli.service import (
    EMAIL,
    PASSWORD,
    SECRETS,
    STEP,
    Service,
    registered,
    serving,
    settings,
    with_tables,
)
from tests.servers.forked import COMMAND
from tests.servers.redis import RedisProcess

pytestmark = pytest.mark.processes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with_tables(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.untraced
def test_a_second_factor_needs_variables_alone(folder: Path) -> None:
    """An operator has no program to change."""
    (key,) = [line for line in environment_lines(mfa=True) if "MFA" in line]
    name, _, value = key.partition("=")
    wanted = {name: value, "BYMAX_AUTH_MFA__ISSUER": "Shop", "BYMAX_AUTH_CONTROLLERS__MFA": "true"}
    with serving(folder, env=settings(folder) | wanted) as service, service.client() as client:
        registered(service, client)
        login = {"email": EMAIL, "password": PASSWORD}
        assert client.post("/auth/login", json=login).status_code == 200
        shown = client.post("/auth/mfa/setup", json={"password": PASSWORD}).json()
        secret = totp.base32_decode(shown["secret"])
        code = f"{totp.generate(secret, int(time.time())):06d}"
        assert client.post("/auth/mfa/verify-enable", json={"code": code}).status_code == 204
        token = client.post("/auth/login", json=login).json()["mfaTempToken"]
        answer = {"mfaTempToken": token, "code": shown["recoveryCodes"][0]}
        assert client.post("/auth/mfa/challenge", json=answer).status_code == 200
        assert client.get("/auth/me").json()["mfaEnabled"] is True


@pytest.mark.slow
@pytest.mark.untraced
def test_a_deployment_moves_from_a_file_to_redis_and_says_when_redis_is_gone(
    folder: Path, redis_server: RedisProcess
) -> None:
    """A worker does not know a session that another began, or growing loses the accounts."""
    with serving(folder, "--workers", "2", env=settings(folder), command=COMMAND) as service:
        with service.client() as client:
            registered(service, client)
            signed_in_everywhere(client, 6)
        assert service.end() == 0
    redis = {"BYMAX_AUTH_STORE_URL": redis_server.url, "BYMAX_AUTH_REDIS__NAMESPACE": "shop"}
    with serving(folder, "--workers", "2", env=settings(folder) | redis, command=COMMAND) as service:
        with service.client() as client:
            signed_in_everywhere(client, 12)
            assert client.get("/readyz").status_code == 200
            with redis_server.client() as redis_client:
                assert {str(key).partition(":")[0] for key in redis_client.scan_iter()} == {"shop"}
            redis_server.pause()
            try:
                gone = client.get("/readyz")
            finally:
                redis_server.resume()
            assert (gone.status_code, gone.json()["stores"]) == (503, "unavailable")
        assert service.end() == 0


def signed_in_everywhere(client: httpx2.Client, connections: int) -> None:
    """Sign in, and look over so many connections that several workers are asked."""
    answer = client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    limits = httpx2.Limits(max_keepalive_connections=0)  # a connection for each request
    with httpx2.Client(base_url=client.base_url, cookies=client.cookies, limits=limits) as fresh:
        for _ in range(connections):
            assert fresh.get("/auth/me").json()["email"] == EMAIL


def test_an_environment_alone_makes_a_service_that_ends_in_order_and_logs_no_secret(folder: Path) -> None:
    """A new version throws somebody out of the middle of signing in, or whoever reads logs can sign in."""
    with serving(folder, env=settings(folder)) as service:
        with service.client() as client:
            registered(service, client)
            signed_in_everywhere(client, 1)
            assert client.get("/auth/me?token=5ecret-of-ana").status_code == 200
        signs_in_across_the_end(service)
        assert service.process.wait(PATIENCE) == 0
        lines = service.logged()
        assert {"time", "level", "logger", "message", "process"} <= set(lines[0])
        assert any("/auth/register" in line["message"] for line in lines)
        text = service.written("log")
        for secret in (*SECRETS, PASSWORD, "5ecret-of-ana", service.code()):
            assert secret not in text


def signs_in_across_the_end(service: Service) -> None:
    """Begin to sign in, let the service be told to end, and finish once it takes no more connections."""
    body = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as slow:
        slow.sendall(
            b"POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
            b"Origin: http://127.0.0.1:%d\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
            % (service.port, service.port, len(body))
        )
        assert slow.recv(1024).startswith(b"HTTP/1.1 100")
        os.kill(service.process.pid, signal.SIGTERM)
        while service.has_answered():
            time.sleep(STEP)
        slow.sendall(body)
        assert slow.recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.untraced
def test_with_every_setting_it_is_alive_and_ready_while_what_it_runs_on_answers(folder: Path) -> None:
    """Mail through a provider keeps it from starting, or people are sent to who can only fail them."""
    mail = {
        "HOST": "smtp.example.com",
        "PORT": "2525",
        "SECURITY": "implicit_tls",
        "SENDER": "auth@example.com",
        "SENDER_NAME": "Example",
        "USERNAME": "auth",
        "PASSWORD": "hunter2",
    }
    given = {f"BYMAX_AUTH_SMTP__{name}": text for name, text in mail.items()}
    proxied = {"BYMAX_AUTH_SERVE__PROXY_HOPS": "1", "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": "10.0.0.0/8"}
    with serving(folder, env=settings(folder) | given | proxied) as service, service.client() as client:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "stores": "ok", "database": "ok"},
        )
        with sqlite3.connect(folder / "stores.db") as stores:
            stores.execute("UPDATE entries SET n = n + 1000000")
        stores.close()
        full = client.get("/readyz")
        assert (full.status_code, full.json()["stores"]) == (200, "full")
        with sqlite3.connect(folder / "stores.db") as stores:
            stores.execute("UPDATE entries SET n = n - 1000000")
        stores.close()
        with sqlite3.connect(folder / "users.db") as database:
            database.execute("DROP TABLE auth_users")
        database.close()
        unready = client.get("/readyz")
        assert (unready.status_code, unready.json()) == (
            503,
            {"status": "unavailable", "stores": "ok", "database": "unavailable"},
        )
        assert client.get("/healthz").json() == {"status": "ok"}
        assert service.end() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"BYMAX_AUTH_STORE_URL": ""}, "BYMAX_AUTH_STORE_URL is not set."),
        ({"BYMAX_AUTH_STORE_URL": "mongodb://ana:hunter2@db"}, "BYMAX_AUTH_STORE_URL is neither"),
        ({"BYMAX_AUTH_DATABASE_URL": ""}, "BYMAX_AUTH_DATABASE_URL is not set."),
        ({"BYMAX_AUTH_JWT__SECRET": "short"}, "jwt.secret"),
        ({"BYMAX_AUTH_ENVIRONMENT": "production"}, "BYMAX_AUTH_SMTP__HOST is not set"),
        ({"BYMAX_AUTH_SMTP__HOTS": "mail"}, "BYMAX_AUTH_SMTP__HOTS is unknown. Known: BYMAX_AUTH_SMTP__["),
        ({"BYMAX_AUTH_SMTP__HOST": "mail"}, "BYMAX_AUTH_SMTP__SENDER is not set"),
        ({"BYMAX_AUTH_SMTP__SENDER": "auth@example.com"}, "BYMAX_AUTH_SMTP__HOST is not set"),
        ({"BYMAX_AUTH_SERVE__BASE_ROLE": "GUEST"}, "BYMAX_AUTH_SERVE__BASE_ROLE (GUEST) is not a role"),
        ({"BYMAX_AUTH_SERVE__PROXY_HOPS": "many"}, "BYMAX_AUTH_SERVE__PROXY_HOPS must be a whole number"),
        ({"BYMAX_AUTH_SERVE__TRUSTED_PROXIES": "10.0.0.0/8"}, "BYMAX_AUTH_SERVE__TRUSTED_PROXIES needs"),
        ({"BYMAX_AUTH_SERVE__TENANT_HEADER": "x-tenant"}, "cannot both be set"),
    ],
)
def test_a_mistake_in_the_environment_is_one_clear_message(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    """An operator reads a stack trace, or the service starts with half of what was meant."""
    done = run("serve", "--port", str(free_port()), env=settings(tmp_path) | change)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bymax-auth: ")
    assert said in done.stderr
    assert "hunter2" not in done.stderr


def test_stores_that_cannot_be_opened_are_named(folder: Path) -> None:
    """A mistyped path looks like a crash of the product."""
    with sqlite3.connect(folder / "stores.db") as other:
        other.execute("CREATE TABLE invoices (total INTEGER)")
    other.close()
    done = run("serve", "--port", str(free_port()), env=settings(folder))
    assert done.returncode == 1
    assert done.stderr.startswith("bymax-auth: the stores cannot be opened: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.untraced
def test_an_environment_alone_serves_invitations(folder: Path) -> None:
    """A service has no code of its host in which something could be turned on."""
    invited = {
        "BYMAX_AUTH_INVITATIONS__ENABLED": "true",
        "BYMAX_AUTH_MAIL__INVITATION_LINK": "https://app.example.com/join#{token}",
    }
    guest = "guest@example.com"
    with serving(folder, env=settings(folder) | invited) as service:
        with service.client() as client:
            registered(service, client)
            login = client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
            assert login.status_code == 200, login.text
            asked = client.post("/auth/invitations", json={"email": guest, "role": "USER"})
            assert asked.status_code == 204, asked.text
        token = service.mailed(r"https://app\.example\.com/join#([0-9a-f]{64})")
        with service.client() as client:
            body = {"token": token, "name": "Gus", "password": PASSWORD}
            joined = client.post("/auth/invitations/accept", json=body)
            assert (joined.status_code, joined.json()["user"]["email"]) == (201, guest)
            assert client.get("/auth/me").json()["emailVerified"] is True
        assert token not in service.written("log")
