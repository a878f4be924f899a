"""The first example that anybody copies: it runs as shown, and the README shows it as it runs."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fastapi-minimal" / "app.py"
TENANT = "acme"
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery staple"
SIGN_IN = {"email": EMAIL, "password": PASSWORD, "tenantId": TENANT}


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fastapi_minimal", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def client(example: ModuleType) -> Iterator[TestClient]:
    with TestClient(example.app, follow_redirects=False) as running:
        yield running


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
    registered = client.post("/auth/register", json={**SIGN_IN, "name": "Ada"})
    assert registered.status_code == 201
    account = registered.json()["user"]
    client.cookies.clear()

    early = client.post("/auth/login", json=SIGN_IN)
    assert (early.status_code, early.json()["error"]["code"]) == (403, "auth.email_not_verified")

    code = mailed_code(example, client, capsys)
    proof = {"email": EMAIL, "otp": code, "tenantId": TENANT}
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


def test_the_readme_shows_the_example_word_for_word() -> None:
    """Code in a README that nobody runs is the first thing to break."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    shown = [block for block in blocks if "bymax_auth.fastapi" in block]
    assert shown == [EXAMPLE.read_text(encoding="utf-8")]
