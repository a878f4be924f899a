"""The guide to platform administrators, followed to the letter."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.testclient import TestClient

from bymax_auth.cli.keygen import environment_lines
from bymax_auth.testing import PlatformUserRepositoryContract
from tests.cheap import cheap_hashes
from tests.examples.guides import ROOT, blocks, write_files
from tests.integration.cli import in_process

__all__ = ["cheap_hashes"]

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("cheap_hashes")]

GUIDE = (ROOT / "docs" / "guides" / "platform.md").read_text(encoding="utf-8")
ADMIN, PASSWORD = "root@example.com", "a lighthouse keeper's lamp 42"
USER = {"email": "ada@example.com", "password": "correct horse battery staple", "tenantId": "acme"}


@dataclass(frozen=True)
class Project:
    """A folder with the guide's application, and its variables."""

    folder: Path
    variables: dict[str, str]

    def run(self, line: str, given: str = "") -> str:
        """Run one command line of the guide."""
        words = shlex.split(line)
        assert words[0] == "bymax-auth"
        done = in_process.run(*words[1:], env=self.variables, cwd=self.folder, given=given)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The guide's file and variables, and the secrets of its second command."""
    (app,) = write_files("platform.md", tmp_path)
    assert app.name == "app.py"
    (settings,) = blocks("platform.md", "sh")
    lines = [*environment_lines(), *shlex.split(settings.text)]
    variables = dict(line.split("=", 1) for line in lines)
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Project(tmp_path, variables)


def console_lines() -> list[str]:
    text = "\n".join(block.text for block in blocks("platform.md", "console"))
    return [line.removeprefix("$ ") for line in text.splitlines()]


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("printed_in_the_platform_guide", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Console:
    """The running application, and the requests that an administrator makes."""

    module: ModuleType
    client: TestClient

    def signed_in(self) -> dict[str, str]:
        """Sign in as the guide's request does, and return the header of its token."""
        answer = self.client.post("/auth/platform/login", json={"email": ADMIN, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        assert "set-cookie" not in answer.headers
        session: dict[str, Any] = answer.json()
        assert [*session] == ["admin", "accessToken", "refreshToken"]
        return {"Authorization": f"Bearer {session['accessToken']}"}

    def registered_user(self, capsys: pytest.CaptureFixture[str]) -> str:
        """Register a user of a tenant, verify the address and sign in by cookie; return the id."""
        registered = self.client.post("/auth/register", json={**USER, "name": "Ada"})
        assert registered.status_code == 201, registered.text
        assert self.client.portal is not None
        self.client.portal.call(self.module.engine.drain)
        (code,) = set(re.findall(r"\b[0-9]{6}\b", capsys.readouterr().err))
        proof = {"email": USER["email"], "tenantId": "acme", "otp": code}
        assert self.client.post("/auth/verify-email", json=proof).status_code == 204
        assert self.client.post("/auth/login", json=USER).status_code == 200
        return str(registered.json()["user"]["id"])


@pytest.fixture
def console(project: Project) -> Iterator[Console]:
    """The application after the guide's commands."""
    (apply,) = [line for line in console_lines() if "migrations apply" in line]
    assert "auth_platform_users" in project.run(apply)
    (create,) = [line for line in console_lines() if "users --platform create" in line]
    assert project.run(create, given=f"{PASSWORD}\n").strip()
    module = load(project.folder / "app.py")
    with TestClient(module.app) as client:
        yield Console(module, client)


def test_the_code_of_the_guide_is_the_example() -> None:
    """The example that is checked and the code that is copied differ."""
    (app,) = [block for block in blocks("platform.md") if block.title == "app.py"]
    example = ROOT / "examples" / "fastapi-platform" / "app.py"
    assert app.text == example.read_text(encoding="utf-8")


def test_an_administrator_blocks_a_user_of_a_tenant(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader's administrators cannot get in, or a customer's user can do what they do."""
    client = console.client
    user_id = console.registered_user(capsys)
    page = f"/console/tenants/acme/users/{user_id}"
    assert client.get("/profile").json() == {"id": user_id, "tenant": "acme"}
    refused = client.get(page)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "auth.platform_auth_required")

    header = console.signed_in()
    me = client.get("/auth/platform/me", headers=header).json()
    assert client.get(page, headers=header).json() == {
        "email": USER["email"],
        "status": "pending",
        "seen by": me["id"],
    }
    assert client.get(page.replace("acme", "globex"), headers=header).status_code == 404
    blocked = client.post(f"/console/tenants/acme/users/{user_id}/block", headers=header)
    assert blocked.status_code == 204
    assert client.get("/profile").status_code == 401
    again = client.post("/auth/login", json=USER)
    assert (again.status_code, again.json()["error"]["code"]) == (403, "auth.account_suspended")


def test_the_commands_of_the_guide_reach_a_running_application(project: Project, console: Console) -> None:
    """Somebody who was dismissed keeps the console although the operator has run the guide's command."""
    client, header = console.client, console.signed_in()
    project.run(f"bymax-auth users --platform role {ADMIN} SUPPORT")
    assert client.get("/auth/platform/me", headers=header).status_code == 401
    header = console.signed_in()
    page = "/console/tenants/acme/users"
    assert client.get(f"{page}/nobody", headers=header).status_code == 404
    refused = client.post(f"{page}/u1/block", headers=header)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "auth.insufficient_role")
    for command in ("list", f"show {ADMIN}", f"block {ADMIN}"):
        project.run(f"bymax-auth users --platform {command}")
    assert client.get("/auth/platform/me", headers=header).status_code == 401


def test_every_route_of_the_guide_is_one(console: Console) -> None:
    """A reader's first request answers 404."""
    routes = re.findall(r"^\| `(GET|POST|DELETE) (/auth/platform/\w+)` \|", GUIDE, re.MULTILINE)
    assert len(routes) == 5
    document = console.client.get("/openapi.json").json()
    assert [pair for pair in routes if pair[0].lower() not in document["paths"][pair[1]]] == []


def test_the_guide_names_what_there_is() -> None:
    """A reader looks for a contract suite that has another name."""
    assert f"`{PlatformUserRepositoryContract.__name__}`" in GUIDE
