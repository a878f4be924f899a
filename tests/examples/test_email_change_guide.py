"""The guide to a change of address: its application and its variables move an account."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from bymax_auth.cli.serve.app import build_app
from bymax_auth.cli.serve.service import Service, build_service
from bymax_auth.providers import OutgoingEmail
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.repositories.sqlalchemy import metadata
from bymax_auth.testing import config_for_tests
from tests.examples.guides import blocks, write_files
from tests.integration.http.driver import Driver
from tests.integration.http.world import EMAIL, LOGIN, PASSWORD, user
from tests.servers.ports import free_port

LINK = re.compile(r"^https://app\.example\.com/new-address#([0-9a-f]{64})$", re.MULTILINE)
NEW_EMAIL = "ada@new.example"
ASK = {"newEmail": NEW_EMAIL, "currentPassword": PASSWORD}


class Outbox:
    """A sink that keeps what it is given, and refuses it on demand."""

    def __init__(self) -> None:
        self.sent: list[OutgoingEmail] = []
        self.refuses = False

    async def send(self, message: OutgoingEmail) -> None:
        if self.refuses:
            raise OSError("550")
        self.sent.append(message)


async def test_the_application_of_the_guide_moves_an_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies it would have a link that opens no page, or a failed mail that nobody hears of."""
    write_files("email-change.md", tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "app", raising=False)
    guide = importlib.import_module("app")
    users, outbox = InMemoryUserRepository(), Outbox()
    users.add(user())
    config = config_for_tests(
        platform={"enabled": False}, controllers={"platform": False, "email_change": True}
    )
    driver = Driver(guide.build(config, users, outbox))
    cookies = (await driver.call("POST", "/login", json_body=LOGIN)).cookies

    outbox.refuses = True
    assert (await driver.call("POST", "/email/change", json_body=ASK, cookies=cookies)).status == 500
    outbox.refuses = False
    assert (await driver.call("POST", "/email/change", json_body=ASK, cookies=cookies)).status == 204
    [mail] = outbox.sent
    assert mail.to == NEW_EMAIL
    [token] = LINK.findall(mail.text)
    confirmed = await driver.call("POST", "/email/change/confirm", json_body={"token": token})
    assert confirmed.status == 204
    me = await driver.call("GET", "/me", cookies=cookies)
    assert (me.members["email"], me.members["emailVerified"]) == (NEW_EMAIL, True)
    monkeypatch.delitem(sys.modules, "app", raising=False)


def service_of(folder: Path, monkeypatch: pytest.MonkeyPatch, **others: str) -> Service:
    """The service that the variables of the guide describe, beside those that every service needs."""
    [shown] = blocks("email-change.md", "sh")
    variables = dict(line.split("=", 1) for line in shown.text.splitlines()) | {
        "BYMAX_AUTH_JWT__SECRET": "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7o-A0iQxR5",
        "BYMAX_AUTH_ROLES__HIERARCHY": '{"USER": []}',
        "BYMAX_AUTH_ENVIRONMENT": "development",
        "BYMAX_AUTH_STORE_URL": f"{folder}/stores.db",
        "BYMAX_AUTH_DATABASE_URL": f"sqlite:///{folder}/users.db",
        "BYMAX_AUTH_SERVE__TENANT_ID": "acme",
        "BYMAX_AUTH_PASSWORD__SCRYPT__COST_FACTOR": "16384",
        **others,
    }
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    return build_service(variables)


async def registered(service: Service) -> tuple[Driver, dict[str, str]]:
    """A client of the service, and the cookies of an account that was registered there."""
    async with service.database.connections.begin() as connection:
        await connection.run_sync(metadata.create_all)
    driver = Driver(build_app(service))
    applicant = {"email": EMAIL, "password": PASSWORD, "name": "Ada"}
    answer = await driver.call("POST", "/register", json_body=applicant)
    assert answer.status == 201, answer.body
    await service.engine.drain()
    return driver, answer.cookies


async def close(service: Service) -> None:
    await service.engine.aclose()
    await service.database.dispose()


async def test_the_variables_of_the_guide_move_an_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service that is configured by its environment alone would answer 404, or mail no link."""
    service = service_of(tmp_path, monkeypatch)
    driver, cookies = await registered(service)
    capsys.readouterr()
    answer = await driver.call("POST", "/email/change", json_body=ASK, cookies=cookies)
    assert answer.status == 204, answer.body
    [token] = LINK.findall(capsys.readouterr().err)
    answer = await driver.call("POST", "/email/change/confirm", json_body={"token": token})
    assert answer.status == 204, answer.body
    me = await driver.call("GET", "/me", cookies=cookies)
    assert (me.members["email"], me.members["emailVerified"]) == (NEW_EMAIL, True)
    await close(service)


async def test_a_service_says_that_the_mail_was_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody would wait for a mail that the server of the service has refused."""
    smtp = {"HOST": "127.0.0.1", "PORT": str(free_port()), "SENDER": "no-reply@example.com"}
    variables = {f"BYMAX_AUTH_SMTP__{name}": text for name, text in smtp.items()}
    service = service_of(tmp_path, monkeypatch, **variables)
    driver, cookies = await registered(service)
    answer = await driver.call("POST", "/email/change", json_body=ASK, cookies=cookies)
    assert (answer.status, answer.code) == (500, "auth.internal")
    await close(service)
