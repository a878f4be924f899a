"""The guide to the second factor: its application, driven by an owner with an app."""

import importlib
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.crypto import totp
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import FakeClock, RecordingMailer, config_for_tests
from bymax_auth.types.qr_code import qr_svg
from tests.examples.guides import blocks, write_files
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.world import ENCRYPTION_KEY, LOGIN, PASSWORD, user

GUIDE = "mfa.md"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The application that a reader copies."""
    write_files(GUIDE, tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "app", raising=False)
    return importlib.import_module("app")


def code(secret: str) -> str:
    """What the app shows now; the guide's engine has the system's clock."""
    return f"{totp.generate(totp.base32_decode(secret), int(time.time())):06d}"


async def test_the_application_of_the_guide_asks_for_the_second_factor(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies it must be protected by it."""
    users = InMemoryUserRepository()
    users.add(user())
    config = config_for_tests(
        platform={"enabled": False},
        controllers={"platform": False, "mfa": True},
        mfa={"encryption_key": ENCRYPTION_KEY, "issuer": "Example Ltd"},
    )
    driver = Driver(module.build(config, users, RecordingMailer(FakeClock())))
    pages = Driver(driver.app, prefix="")

    async def post(path: str, body: dict[str, str], cookies: dict[str, str] | None = None) -> Answer:
        return await driver.call("POST", path, json_body=body, cookies=cookies)

    signed_in = (await post("/login", LOGIN)).cookies
    begun = (await post("/mfa/setup", {"password": PASSWORD}, signed_in)).members
    drawn = await pages.call("POST", "/security/qr", json_body={"password": PASSWORD}, cookies=signed_in)
    assert drawn.body.decode() == qr_svg(str(begun["qrCodeUri"]))
    secret = str(begun["secret"])
    assert parse_qs(urlsplit(str(begun["qrCodeUri"])).query)["secret"] == [secret]
    assert (await pages.call("DELETE", "/projects/one", cookies=signed_in)).status == 200
    assert (await post("/mfa/verify-enable", {"code": code(secret)}, signed_in)).status == 204

    challenge = (await post("/login", LOGIN)).members
    assert challenge["mfaRequired"] is True
    recovery = begun["recoveryCodes"]
    assert isinstance(recovery, list)
    passed = await post(
        "/mfa/challenge", {"mfaTempToken": str(challenge["mfaTempToken"]), "code": recovery[0]}
    )
    assert passed.status == 200
    assert (await pages.call("DELETE", "/projects/one", cookies=passed.cookies)).status == 200
    refreshed = await driver.call("POST", "/refresh", cookies=passed.cookies)
    refused = await pages.call("DELETE", "/projects/one", cookies=refreshed.cookies)
    assert (refused.status, refused.code) == (403, "auth.mfa_required")


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
