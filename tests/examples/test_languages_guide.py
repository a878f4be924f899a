"""The guide to languages of mail: its code sends a mail in the language that it says."""

import importlib
import sys
from pathlib import Path

import pytest

from bymax_auth.providers import OutgoingEmail
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import config_for_tests
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import ForgotPasswordInput
from tests.examples.guides import write_files
from tests.integration.http.world import user


class Outbox:
    """Keeps what leaves."""

    def __init__(self) -> None:
        self.sent: list[OutgoingEmail] = []

    async def send(self, message: OutgoingEmail) -> None:
        self.sent.append(message)


async def test_the_code_of_the_guide_sends_mail_in_three_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies it would have English mail for everybody."""
    write_files("languages.md", tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "mail", raising=False)
    mail = importlib.import_module("mail")
    users, outbox = InMemoryUserRepository(), Outbox()
    for number in (1, 2, 3):
        users.add(user(id=f"u{number}", email=f"u{number}@example.com"))
    engine = mail.build(
        config_for_tests(
            platform={"enabled": False}, controllers={"platform": False}, password_reset={"method": "token"}
        ),
        users,
        outbox,
    )
    accepted = {"u1": "en", "u2": "en-GB, de", "u3": "de"}
    async with engine:
        for name, languages in accepted.items():
            request = ForgotPasswordInput(email=f"{name}@example.com", tenant_id="acme")
            context = RequestContext(sanitized_headers={"accept-language": languages})
            await engine.forgot_password(request, context)
        await engine.drain()
    assert {sent.to.partition("@")[0]: sent.subject for sent in outbox.sent} == {
        "u1": "Acme: Redefina sua senha",
        "u2": "Acme: Reset your password",
        "u3": "Acme: Restablece tu contraseña",
    }
    for sent in outbox.sent:
        assert f"https://app.example.com/reset?email={sent.to.replace('@', '%40')}&token=" in sent.text
    monkeypatch.delitem(sys.modules, "mail", raising=False)
