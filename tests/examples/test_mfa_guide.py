"""The guide to the second factor: its application, driven by an owner with an app."""

import importlib
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from bymax_auth.cli.keygen import environment_lines, fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.crypto import totp
from bymax_auth.types.qr_code import qr_svg
from tests.examples.guides import ROOT, blocks, write_files
from tests.integration.http.world import ENCRYPTION_KEY

GUIDE = "mfa.md"
EXAMPLE = ROOT / "examples" / "fastapi-mfa" / "app.py"
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery staple", "name": "Ada"}
PROOF = {"password": ACCOUNT["password"]}
LOGIN = {**PROOF, "email": ACCOUNT["email"]}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The application that a reader copies, with a key of the guide's second command."""
    write_files(GUIDE, tmp_path)
    for line in environment_lines(mfa=True):
        monkeypatch.setenv(*line.split("=", 1))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "app", raising=False)
    app = importlib.import_module("app").app
    monkeypatch.delitem(sys.modules, "app")
    with TestClient(app, headers={"Origin": "http://testserver"}) as running:
        yield running


def code(secret: str) -> str:
    """What the app shows now; the guide's engine has the system's clock."""
    return f"{totp.generate(totp.base32_decode(secret), int(time.time())):06d}"


def test_the_guides_application_is_the_example() -> None:
    """The example that is checked and the code that is copied differ."""
    (shown,) = [block.text for block in blocks(GUIDE, "python") if block.title == "app.py"]
    assert shown == EXAMPLE.read_text(encoding="utf-8")


def test_the_application_of_the_guide_asks_for_the_second_factor(client: TestClient) -> None:
    """Whoever copies it must be protected by it."""
    assert client.post("/auth/register", json=ACCOUNT).status_code == 201
    assert client.delete("/projects/one").status_code == 200
    begun = client.post("/auth/mfa/setup", json=PROOF).json()
    drawn = client.post("/security/qr", json=PROOF)
    assert drawn.text == qr_svg(begun["qrCodeUri"])
    assert parse_qs(urlsplit(begun["qrCodeUri"]).query)["secret"] == [begun["secret"]]
    confirmed = client.post("/auth/mfa/verify-enable", json={"code": code(begun["secret"])})
    assert confirmed.status_code == 204, confirmed.text

    challenge = client.post("/auth/login", json=LOGIN).json()
    assert challenge["mfaRequired"] is True
    proof = {"mfaTempToken": challenge["mfaTempToken"], "code": begun["recoveryCodes"][0]}
    assert client.post("/auth/mfa/challenge", json=proof).status_code == 200
    assert client.delete("/projects/one").status_code == 200
    assert client.post("/auth/refresh").status_code == 200
    refused = client.delete("/projects/one")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "auth.mfa_required")


def test_every_variable_of_the_guide_is_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is not known stops the start."""
    text = "".join(block.text for block in blocks(GUIDE, "shell"))
    names = set(re.findall(r"BYMAX_AUTH_\w+", text))
    assert len(names) == 4
    values = {
        "BYMAX_AUTH_JWT__SECRET": fresh_secret(),
        "BYMAX_AUTH_MFA__ENCRYPTION_KEY": ENCRYPTION_KEY,
        "BYMAX_AUTH_MFA__PREVIOUS_ENCRYPTION_KEYS": ENCRYPTION_KEY.swapcase(),
        "BYMAX_AUTH_MFA__ISSUER": "Example Ltd",
        "BYMAX_AUTH_CONTROLLERS__MFA": "true",
    }
    assert names < set(values)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    config = AuthConfig.from_env()
    assert config.mfa is not None
    assert config.mfa.issuer == "Example Ltd"
    assert config.controllers.mfa
