"""The guide to mail: its catalogue, sink and provider in engines that send."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI

from bymax_auth import AuthEngine, ConfigError, EmbeddedStores, RequestContext
from bymax_auth.ports.email import EmailProvider
from bymax_auth.providers import DefaultAuthEmailProvider, OutgoingEmail
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import TEST_PASSWORD, config_for_tests
from bymax_auth.types.inputs import ForgotPasswordInput, LoginInput, RegisterInput, ResetPasswordInput
from tests.examples.guides import write_files

ADDRESS = "ada+1@example.com"
NEW_PASSWORD = "another lantern, another orbit"
HERE = RequestContext()

Printed = Callable[[str], ModuleType]


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Printed]:
    """The guide's files as modules, by name."""
    names = [path.stem for path in write_files("mail.md", tmp_path)]
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)


class Outbox:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[OutgoingEmail] = []

    async def send(self, message: OutgoingEmail) -> None:
        self.sent.append(message)


def engine_with(email: EmailProvider, **options: Any) -> AuthEngine:
    config = config_for_tests(platform={"enabled": False}, controllers={"platform": False}, **options)
    return AuthEngine(config, users=InMemoryUserRepository(), stores=EmbeddedStores(), email=email)


async def register(engine: AuthEngine, tenant: str = "acme") -> None:
    applicant = RegisterInput(email=ADDRESS, name="Ada", password=TEST_PASSWORD, tenant_id=tenant)
    await engine.register(applicant, HERE)
    await engine.drain()


async def test_the_link_of_a_reset_holds_what_its_route_asks_for(printed: Printed) -> None:
    """The page behind the link asks for the address again, or cannot set the password."""
    outbox = Outbox()
    provider = DefaultAuthEmailProvider(outbox, catalogue=printed("links").catalogue)
    async with engine_with(provider, email_verification={"required": False}) as engine:
        await register(engine)
        await engine.forgot_password(ForgotPasswordInput(email=ADDRESS, tenant_id="acme"), HERE)
        await engine.drain()
        (mail,) = outbox.sent
        link: str
        (link,) = re.findall(r"^https://\S+$", mail.text, re.MULTILINE)
        given = {name: value for name, (value,) in parse_qs(urlsplit(link).fragment).items()}
        assert set(given) == {"email", "token"}
        reset = ResetPasswordInput(new_password=NEW_PASSWORD, tenant_id="acme", **given)
        await engine.reset_password(reset, HERE)
        await engine.login(LoginInput(email=ADDRESS, password=NEW_PASSWORD, tenant_id="acme"), HERE)
    assert mail.subject.startswith("Example: ")


async def test_each_tenant_reads_its_own_language(printed: Printed) -> None:
    """Everybody gets English mail, although the host wrote another text."""
    outbox = Outbox()
    texts = printed("texts").Texts(product="Example")
    async with engine_with(DefaultAuthEmailProvider(outbox, catalogue=texts)) as engine:
        await register(engine, "acme-brasil")
        await register(engine, "acme")
    portuguese, english = outbox.sent
    assert portuguese.subject == "Confirme seu e-mail"
    (code,) = re.findall(r"^[0-9]{6}$", portuguese.text, re.MULTILINE)
    assert f"<h1>{code}</h1>" in portuguese.html
    assert english.subject == "Example: Confirm your email address"


async def test_the_sink_of_the_guide_sends_through_an_interface(
    printed: Printed, caplog: pytest.LogCaptureFixture
) -> None:
    """Mail is lost without a word, when the service refuses it."""
    service = FastAPI()
    received: list[dict[str, str]] = []

    @service.post("/messages")
    async def accept(mail: dict[str, str]) -> None:
        received.append(mail)

    for app, failures in ((service, 0), (FastAPI(), 1)):
        caplog.clear()
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://mail.example.com") as client:
            provider = DefaultAuthEmailProvider(printed("sinks").ApiSink(client))
            async with engine_with(provider) as engine:
                await register(engine)
        failed = [
            record for record in caplog.records if getattr(record, "event", "") == "email.delivery_failed"
        ]
        assert len(failed) == failures
    (mail,) = received
    assert set(mail) == {"to", "subject", "text", "html"}
    assert mail["to"] == ADDRESS


async def test_the_provider_of_the_guide_has_every_mail_that_is_needed(printed: Printed) -> None:
    """The engine does not start with what the guide prints, or the service gets no code."""
    sent: list[tuple[str, str, dict[str, str]]] = []

    async def send(template: str, to: str, values: dict[str, str]) -> None:
        sent.append((template, to, values))

    templates = printed("templates").Templates
    async with engine_with(templates(send)) as engine:
        await register(engine)
    ((template, to, values),) = sent
    assert (template, to, set(values)) == ("verify-address", ADDRESS, {"code"})
    del templates.send_password_reset_token
    with pytest.raises(ConfigError, match="send_password_reset_token"):
        engine_with(templates(send))
