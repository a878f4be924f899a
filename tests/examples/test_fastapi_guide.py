"""The guide to FastAPI with PostgreSQL, Redis and SMTP, followed to the letter on real servers."""

import asyncio
import importlib.util
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
from fastapi import Depends
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.testclient import TestClient, WebSocketDenialResponse

from bymax_auth.http import RateLimit
from bymax_auth.repositories.sqlalchemy import metadata
from tests.examples.guides import ROOT, blocks, write_files
from tests.servers.redis import RedisProcess
from tests.servers.smtp import SMTP_LOGIN, MailServer, mail_server

pytestmark = pytest.mark.processes

OWN, FRONT_END, FOREIGN = "https://api.example.com", "https://app.example.com", "https://evil.example.net"
LIVE = "wss://api.example.com/live"
EMAIL = "ada@example.com"
SIGN_IN = {"email": EMAIL, "password": "correct horse battery staple"}
COOKIES = {"__Host-access_token", "__Secure-refresh_token", "__Host-has_session"}


@dataclass
class Project:
    """A folder with the guide's files, and what its variables point at."""

    folder: Path
    mail: MailServer

    def run(self, *command: str) -> str:
        """Run a command of the guide with the variables of the application."""
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def project(
    postgres_url: str, redis_server: RedisProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    """The guide's files and variables; its mail server has a certificate that this process trusts."""
    names = {path.name for path in write_files("fastapi.md", tmp_path)}
    assert names == {"app.py", "promote.py"}
    asyncio.run(empty(postgres_url))
    with mail_server(tmp_path) as mail:
        variables = {
            "DATABASE_URL": postgres_url,
            "REDIS_URL": redis_server.url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail.port),
            "SMTP_USERNAME": SMTP_LOGIN[0],
            "SMTP_PASSWORD": SMTP_LOGIN[1],
            "AUTH_JWT_SECRET": secrets.token_urlsafe(48),
            "SSL_CERT_FILE": str(mail.certificate),
            "PYTHONPATH": str(ROOT / "src"),
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Project(tmp_path, mail)


async def empty(url: str) -> None:
    """Remove the tables that another test of the run has left in the server's database."""
    database = create_async_engine(url)
    async with database.begin() as connection:
        await connection.run_sync(metadata.drop_all)
    await database.dispose()


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("printed_in_the_fastapi_guide", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def console_lines() -> list[str]:
    text = "\n".join(block.text for block in blocks("fastapi.md", "console"))
    return [line.removeprefix("$ ") for line in text.splitlines()]


def code_of(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_the_code_of_the_guide_is_the_example() -> None:
    """The example that is checked and the code that is copied differ."""
    (app,) = [block for block in blocks("fastapi.md") if block.title == "app.py"]
    example = ROOT / "examples" / "fastapi-postgres" / "app.py"
    assert app.text == example.read_text(encoding="utf-8")


def test_the_guide_names_every_variable_of_its_application() -> None:
    """The first start ends with a KeyError."""
    (app,) = [block for block in blocks("fastapi.md") if block.title == "app.py"]
    text = (ROOT / "docs" / "guides" / "fastapi.md").read_text(encoding="utf-8")
    settings = text.partition("## Settings")[2].partition("\n## ")[0]
    names = set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', app.text))
    assert {name for name in names if f"`{name}`" not in settings} == set()


def test_a_reader_who_follows_the_guide_has_a_working_application(project: Project) -> None:
    """Tables, mail, cookies, guards, roles and WebSocket: whatever does not work is found by the reader."""
    (apply,) = [line for line in console_lines() if "migrations apply" in line]
    program = Path(sys.executable).with_name("bymax-auth")
    made = project.run("sh", "-c", apply.replace("bymax-auth", str(program)))
    assert "auth_users" in made

    module = load(project.folder / "app.py")
    with TestClient(module.app, base_url=OWN) as client:
        assert code_of(client.get("/profile")) == (401, "auth.token_invalid")
        user_id = register_and_verify(module, client, project.mail)
        assert client.post("/auth/login", json=SIGN_IN).status_code == 200
        assert set(client.cookies) == COOKIES
        assert client.get("/profile").json() == {"id": user_id, "tenant": "default", "role": "USER"}
        check_guards_of_a_user(client, user_id)
        check_origins(client, user_id)
        check_cors(client)
        check_admitted_origins(module, client)
        promote(project, client, user_id)
        check_refresh_and_logout(client)


def register_and_verify(module: ModuleType, client: TestClient, mail: MailServer) -> str:
    """Register; there is no session before the mailed code is entered."""
    registered = client.post("/auth/register", json={**SIGN_IN, "name": "Ada"})
    assert registered.status_code == 201, registered.text
    assert not client.cookies
    assert client.portal is not None
    client.portal.call(module.engine.drain)
    assert mail.received[-1]["From"] == "Example <accounts@example.com>"
    assert mail.received[-1]["Subject"] == "Example: Confirm your email address"
    assert code_of(client.post("/auth/login", json=SIGN_IN)) == (403, "auth.email_not_verified")
    (code,) = re.findall(r"^[0-9]{6}$", mail.last_text(EMAIL).replace("\r", ""), re.MULTILINE)
    assert client.post("/auth/verify-email", json={"email": EMAIL, "otp": code}).status_code == 204
    account: dict[str, Any] = registered.json()["user"]
    assert account["tenantId"] == "default"
    return str(account["id"])


def check_guards_of_a_user(client: TestClient, user_id: str) -> None:
    assert client.post("/orders").status_code == 201
    assert code_of(client.get("/reports")) == (403, "auth.insufficient_role")
    assert client.get(f"/users/{user_id}/notes").status_code == 200
    assert code_of(client.get("/users/somebody-else/notes")) == (403, "auth.forbidden")


def check_origins(client: TestClient, user_id: str) -> None:
    """Pages of the application and of its front end are admitted, with a WebSocket and with a POST."""
    for origin in (OWN, FRONT_END):
        with client.websocket_connect(LIVE, headers={"Origin": origin}) as socket:
            assert socket.receive_json() == {"hello": user_id}
        assert client.post("/orders", headers={"Origin": origin}).status_code == 201
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        client.websocket_connect(LIVE, headers={"Origin": FOREIGN}),
    ):
        pass
    assert denied.value.status_code == 403
    assert client.post("/orders", headers={"Origin": FOREIGN}).status_code == 403


def check_cors(client: TestClient) -> None:
    """The front end reads what the auth routes answer; the application's own routes are its own affair."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = client.options("/auth/login", headers={"Origin": FRONT_END, **asked})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == FRONT_END
    assert preflight.headers["access-control-allow-credentials"] == "true"
    read = client.get("/auth/me", headers={"Origin": FRONT_END})
    assert read.headers["access-control-allow-origin"] == FRONT_END
    foreign = client.get("/auth/me", headers={"Origin": FOREIGN})
    assert "access-control-allow-origin" not in foreign.headers
    assert "access-control-allow-origin" not in client.get("/profile", headers={"Origin": FRONT_END}).headers


def check_admitted_origins(module: ModuleType, client: TestClient) -> None:
    """The guide's two guards for pages of other sites, and its rate limit."""
    (lines,) = [block for block in blocks("fastapi.md", "python") if "from_any_origin" in block.text]
    exec(lines.text, vars(module))

    @module.app.post("/from-anywhere")
    async def from_anywhere(user: module.LoggedIn) -> str:
        return str(user.sub)

    @module.app.post("/reports-from-anywhere")
    async def reports_from_anywhere(user: module.Admin) -> str:
        return str(user.sub)

    limited = module.auth.rate_limit("orders", RateLimit(1, 60))
    module.app.get("/limited", dependencies=[Depends(limited)])(from_anywhere)
    foreign = {"Origin": FOREIGN}
    assert client.post("/from-anywhere", headers=foreign).status_code == 200
    assert code_of(client.post("/reports-from-anywhere", headers=foreign)) == (403, "auth.insufficient_role")
    assert client.get("/limited").status_code == 200
    refused = client.get("/limited")
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)


def promote(project: Project, client: TestClient, user_id: str) -> None:
    """The guide's script makes an administrator, who signs in again."""
    (line,) = [line for line in console_lines() if "promote.py" in line]
    project.run(*line.replace("python", sys.executable, 1).split())
    assert client.get("/profile").status_code == 401
    assert client.post("/auth/login", json=SIGN_IN).status_code == 200
    assert client.get("/reports").json() == {"for": user_id}
    assert client.get("/users/somebody-else/notes").status_code == 200


def check_refresh_and_logout(client: TestClient) -> None:
    before = client.cookies["__Secure-refresh_token"]
    assert client.post("/auth/refresh").status_code == 200
    assert client.cookies["__Secure-refresh_token"] != before
    assert client.get("/profile").status_code == 200
    assert client.post("/auth/logout").status_code == 204
    assert not client.cookies
    assert client.get("/profile").status_code == 401
