"""A host's own event sink: heard, and harmless."""

import pytest

from bymax_auth import AuthEngine, LoginInput
from bymax_auth.errors import AccountLocked, InvalidCredentials
from bymax_auth.ports.events import AuthEvent
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from tests.integration.flows.world import CONTEXT, EMAIL, PASSWORD, TENANT, config_of


async def test_an_event_sink_that_fails_changes_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """A log collector that is away must not sign anyone out, nor let wrong passwords go uncounted."""

    class Away:
        def emit(self, event: AuthEvent) -> None:
            raise OSError("postgres://root:hunter2@db")

    options = config_of(platform={"enabled": False}, brute_force={"max_attempts": 1})
    engine = AuthEngine(options, users=InMemoryUserRepository(), stores=EmbeddedStores(), events=Away())
    wrong = LoginInput(email=EMAIL, password="not the password", tenant_id=TENANT)
    for refusal in (InvalidCredentials, AccountLocked):
        with pytest.raises(refusal):
            await engine.login(wrong, CONTEXT)
    assert await engine.logout(None, "a" * 64) is None
    assert "event_sink.failed" in {getattr(record, "event", None) for record in caplog.records}
    assert "hunter2" not in caplog.text
    await engine.aclose()


async def test_what_was_given_counts_although_it_is_empty() -> None:
    """A sink that is a list, and empty at first, is not one that was left out."""

    class Kept(list[AuthEvent]):
        def emit(self, event: AuthEvent) -> None:
            self.append(event)

    kept = Kept()
    options = config_of(platform={"enabled": False})
    engine = AuthEngine(options, users=InMemoryUserRepository(), stores=EmbeddedStores(), events=kept)
    with pytest.raises(InvalidCredentials):
        await engine.login(LoginInput(email=EMAIL, password=PASSWORD, tenant_id=TENANT), CONTEXT)
    assert [event.name for event in kept] == ["login.refused"]
    await engine.aclose()
