"""The guide to new passwords: what it prints checks them, while the service answers and while it does not."""

import hashlib
import importlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bymax_auth import RequestContext
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.errors import PasswordCompromised
from bymax_auth.providers.hibp import HibpBreachChecker
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import TEST_PASSWORD, RecordingMailer, config_for_tests
from bymax_auth.types.inputs import RegisterInput
from tests.examples.guides import blocks, write_files
from tests.servers.answers import answer, answering

DIGEST = hashlib.sha1(TEST_PASSWORD.encode()).hexdigest()
HERE = RequestContext()


@pytest.fixture
def screened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The guide's file as a module."""
    write_files("passwords.md", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("screened")
    sys.modules.pop("screened", None)


def applicant(email: str, password: str = TEST_PASSWORD) -> RegisterInput:
    return RegisterInput(email=email, name="Ada", password=password, tenant_id="acme")


async def test_the_engine_of_the_guide_refuses_what_is_known(
    screened: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody copies it, and it refuses nothing, or everybody while the service is down."""
    config = config_for_tests(platform={"enabled": False}, controllers={"platform": False})
    users = InMemoryUserRepository()
    async with answering(answer(f"{DIGEST[5:]}:7".encode())) as server:
        async with screened.build(config, users, RecordingMailer(), server.url) as engine:
            with pytest.raises(PasswordCompromised):
                await engine.register(applicant("ada@example.com"), HERE)
            server.raw = answer(b"", "503 Busy")
            await engine.register(applicant("ada@example.com"), HERE)
            with pytest.raises(PasswordCompromised):
                await engine.register(applicant("bea@example.com", "passwordpassword1"), HERE)
        assert server.targets == [f"/range/{DIGEST[:5].upper()}"] * 2
    named = [getattr(record, "event", None) for record in caplog.records]
    assert named.count("breach_check.unavailable") == 1


def test_the_variables_of_the_guide_check_passwords() -> None:
    """An operator copies them, and the service starts without the check."""
    (block,) = blocks("passwords.md", "sh")
    variables = dict(line.split("=", 1) for line in shlex.split(block.text))
    assert isinstance(ServeSettings.from_env(variables).breach_service, HibpBreachChecker)
