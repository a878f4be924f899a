"""The guide to invitations: its code invites somebody, who follows the link and joins."""

import importlib
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bymax_auth.errors import InvalidInvitationToken
from bymax_auth.providers import OutgoingEmail
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import AcceptInvitationInput
from bymax_auth.types.results import AuthResult
from tests.examples.guides import write_files
from tests.integration.http.world import NEW_PASSWORD, user


class Outbox:
    """Keeps what leaves."""

    def __init__(self) -> None:
        self.sent: list[OutgoingEmail] = []

    async def send(self, message: OutgoingEmail) -> None:
        self.sent.append(message)

    def token(self, to: str) -> str:
        """The token in the link of the newest mail to that address."""
        (mail,) = [sent for sent in self.sent if sent.to == to][-1:]
        found = re.search(r"https://app\.example\.com/join#([0-9a-f]{64})$", mail.text, re.MULTILINE)
        assert found is not None, mail.text
        return found[1]


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The guide's files."""
    names = [path.stem for path in write_files("invitations.md", tmp_path)]
    monkeypatch.syspath_prepend(tmp_path)
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


async def test_the_code_of_the_guide_lets_a_team_in(modules: dict[str, ModuleType]) -> None:
    """Whoever copies it would mail links that lead nowhere."""
    users, outbox, hooks = InMemoryUserRepository(), Outbox(), modules["team"].Hooks()
    users.add(user(id="boss", email="boss@example.com", name="Grace", role="OWNER"))
    engine = modules["team"].build(secrets.token_urlsafe(48), users, outbox, hooks)
    async with engine:
        team = ["ada@example.com", "bob@example.com"]
        await modules["imports"].invite_team(engine, "boss", "acme", team)
        assert await modules["imports"].withdraw(engine, "boss", "acme", team[1])
        assert not await modules["imports"].withdraw(engine, "boss", "acme", team[1])
        await engine.drain()
        for address, joins in zip(team, (True, False), strict=True):
            given = AcceptInvitationInput(token=outbox.token(address), name="New", password=NEW_PASSWORD)
            if not joins:
                with pytest.raises(InvalidInvitationToken):
                    await engine.accept_invitation(given, RequestContext())
                continue
            joined = await engine.accept_invitation(given, RequestContext())
            assert isinstance(joined, AuthResult)
            assert (joined.user.role, joined.user.tenant_id) == ("MEMBER", "acme")
        await engine.drain()
    assert hooks.joined == team[:1]
    assert "Acme Inc." in outbox.sent[0].subject
