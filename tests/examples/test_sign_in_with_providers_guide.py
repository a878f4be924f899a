"""The guide to sign-in with a provider: its application, its configuration and its test."""

import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import TEST_TENANT, InMemoryOAuthProvider
from tests.examples.guides import ROOT, write_files

GUIDE = "sign-in-with-providers.md"
MODULES = ("app", "config", "test_sign_in")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of the guide, where they can be imported."""
    write_files(GUIDE, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in MODULES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name, None)


async def test_the_host_of_the_guide_lets_its_own_people_in_and_nobody_else(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever copies it would let in everybody who has an account at the provider."""
    assert folder.is_dir()
    caplog.set_level(logging.WARNING, "httpx2")  # the client's own log quotes every address
    provider, users = InMemoryOAuthProvider("directory"), InMemoryUserRepository()
    app = importlib.import_module("app").build(importlib.import_module("config").build(), users, provider)
    transport = httpx2.ASGITransport(app)
    for email, page in (
        ("eve@evil.example", "/sign-in?error=oauth_failed"),
        ("zoe@example.com", "/welcome"),
        ("zoe@example.com", "/welcome"),
    ):
        async with httpx2.AsyncClient(transport=transport, base_url="https://app.example.com") as browser:
            left = await browser.get(f"/auth/oauth/directory?tenantId={TEST_TENANT}")
            assert left.status_code == 302
            back = provider.sign_in(left.headers["location"], email=email, provider_id=email)
            came = await browser.get("/auth/oauth/directory/callback", params=back)
            assert (came.status_code, came.headers["location"]) == (302, page)
            assert (await browser.get("/auth/me")).status_code == (200 if page == "/welcome" else 401)
    assert await users.find_by_email("eve@evil.example", tenant_id=TEST_TENANT) is None


def test_the_test_of_the_guide_passes(folder: Path) -> None:
    """Somebody's first test of the feature would fail as it is printed."""
    options = ("-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "--rootdir", str(folder))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(folder)))}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder / "test_sign_in.py")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
