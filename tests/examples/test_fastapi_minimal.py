"""The first example that anybody copies: the README's code and its first request, as printed."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fastapi-minimal" / "app.py"
README = (ROOT / "README.md").read_text(encoding="utf-8")
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery staple"
SIGN_IN = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
def example(tmp_path: Path) -> ModuleType:
    """The README's code, in a file of its own."""
    file = tmp_path / "app.py"
    file.write_text(printed_code(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("printed_in_the_readme", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def client(example: ModuleType) -> Iterator[TestClient]:
    with TestClient(example.app, follow_redirects=False) as running:
        yield running


def printed_code() -> str:
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (shown,) = [block for block in blocks if "bymax_auth.fastapi" in block]
    return str(shown)


def mailed_code(example: ModuleType, client: TestClient, console: pytest.CaptureFixture[str]) -> str:
    assert client.portal is not None
    client.portal.call(example.engine.drain)
    printed = console.readouterr().err
    assert f"Mail to {EMAIL}" in printed
    (code,) = set(re.findall(r"\b[0-9]{6}\b", printed))
    return code


def test_the_example_runs_as_shown(
    example: ModuleType, client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new user registers, reads the code on the terminal, signs in and sees their profile."""
    assert client.get("/profile").status_code == 401
    address, body = re.findall(r"^\$ curl http://127.0.0.1:8000(\S+) --json '(.*)'$", README, re.MULTILINE)[0]
    registered = client.post(address, content=body, headers={"Content-Type": "application/json"})
    assert registered.status_code == 201, registered.text
    account = registered.json()["user"]
    client.cookies.clear()

    early = client.post("/auth/login", json=SIGN_IN)
    assert (early.status_code, early.json()["error"]["code"]) == (403, "auth.email_not_verified")

    code = mailed_code(example, client, capsys)
    proof = {"email": EMAIL, "otp": code}
    assert client.post("/auth/verify-email", json=proof).status_code == 204
    assert client.post("/auth/login", json=SIGN_IN).status_code == 200

    profile = client.get("/profile")
    assert profile.json() == {"id": account["id"], "role": "USER"}
    assert client.post("/auth/logout").status_code == 204
    assert client.get("/profile").status_code == 401


def test_the_example_documents_its_routes(client: TestClient) -> None:
    """The first thing a new user opens after the example has started is /docs."""
    assert client.get("/docs").status_code == 200
    document = client.get("/openapi.json").json()
    assert {"/profile", "/auth/login", "/auth/me"} <= set(document["paths"])
    assert "bymaxAuthAccessCookie" in document["components"]["securitySchemes"]


def test_the_example_is_the_readmes_code() -> None:
    """The example that is checked and the code that is copied differ."""
    assert printed_code() == EXAMPLE.read_text(encoding="utf-8")


def test_the_readme_installs_what_its_code_imports() -> None:
    """The first command of a new user is followed by an ImportError."""
    (extras,) = re.findall(r'^\$ pip install "bymax-auth\[(.*)\]" uvicorn$', README, re.MULTILINE)
    assert set(extras.split(",")) == {"argon2", "fastapi"}


def test_the_examples_configuration_is_the_hardened_one() -> None:
    """The first thing that anybody copies is what a new application should not have."""
    assert "AuthConfig.secure_defaults(" in printed_code()
