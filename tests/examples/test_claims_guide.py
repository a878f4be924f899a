"""The guide to a host's own claims: its application answers by them."""

import importlib
import sys
from pathlib import Path

import pytest

from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import config_for_tests
from tests.examples.guides import write_files
from tests.integration.http.driver import Driver
from tests.integration.http.world import LOGIN, user


async def test_the_application_of_the_guide_knows_the_plan_of_a_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies it would sell nothing, or give everything away."""
    write_files("claims.md", tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "app", raising=False)
    guide = importlib.import_module("app")
    users = InMemoryUserRepository()
    users.add(user())
    users.add(user(id="u2", email="bob@example.com"))
    config = config_for_tests(platform={"enabled": False}, controllers={"platform": False})
    driver = Driver(guide.build(config, users))
    reports = Driver(driver.app, prefix="")
    for email, status in (("ada@example.com", 200), ("bob@example.com", 402)):
        signed_in = await driver.call("POST", "/login", json_body={**LOGIN, "email": email})
        answer = await reports.call("GET", "/reports", cookies=signed_in.cookies)
        assert answer.status == status, answer.body
    monkeypatch.delitem(sys.modules, "app", raising=False)
