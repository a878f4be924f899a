"""What a host passes to an engine, and what it may leave out."""

from dataclasses import replace

import pytest

from bymax_auth import ConfigError
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.services.no_email import NoOpEmailProvider
from bymax_auth.services.system import LoggingEventSink, SystemClock
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import RecordingMailer
from bymax_auth.types.inputs import ForgotPasswordInput
from tests.integration.engine.engines import Bundle, engine_of
from tests.integration.flows.world import ANA, CONTEXT, EMAIL, TENANT, config_of


async def test_a_bundle_without_a_required_store_is_named() -> None:
    """A host that composes its stores must learn which it forgot."""
    with pytest.raises(ConfigError) as refusal:
        engine_of(stores=Bundle(attempts=None, otps=None))
    [problem] = [found for found in refusal.value.problems if found.code == "missing_stores"]
    assert problem.details["which"] == ("attempts", "otps")


async def test_an_incomplete_mail_provider_is_named() -> None:
    """A method that was forgotten must be found at start, not by the first person locked out."""

    class Incomplete(EmailProvider):
        async def send_password_reset_token(
            self, tenant_id: str, email: str, token: str, *, locale: str | None = None
        ) -> None:
            """Send nothing."""

    class NotEvenOne:
        """No provider at all."""

    verification = ("send_email_verification_otp", "email_verification.required")
    recovery = ("send_password_reset_token", "controllers.password_reset")
    for provider, missing in ((Incomplete(), [verification]), (NotEvenOne(), [recovery, verification])):
        with pytest.raises(ConfigError) as refusal:
            engine_of(email=provider)
        assert set(refusal.value.codes) == {"email_provider_incomplete"}
        details = [problem.details for problem in refusal.value.problems]
        assert [(one["method"], one["feature"]) for one in details] == missing


async def test_a_provider_sends_the_mails_of_enabled_features_only() -> None:
    """A host that verifies no addresses and mails codes must not write methods that nothing calls."""

    class Codes(EmailProvider):
        async def send_password_reset_token(
            self, tenant_id: str, email: str, token: str, *, locale: str | None = None
        ) -> None:
            """Send nothing."""

        def __init__(self) -> None:
            self.sent: list[str] = []

        async def send_password_reset_otp(
            self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
        ) -> None:
            self.sent.append(email)

    mail, users = Codes(), InMemoryUserRepository()
    users.add(replace(ANA, password_hash=None))
    config = config_of(
        platform={"enabled": False},
        email_verification={"required": False},
        password_reset={"method": "otp"},
    )
    async with engine_of(config=config, email=mail, users=users) as engine:
        await engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
        await engine.drain()
    assert mail.sent == [EMAIL]


async def test_what_is_left_out_has_a_default() -> None:
    """Two arguments must be enough to start."""
    engine = engine_of()
    assert isinstance(engine.email, NoOpEmailProvider)
    assert type(engine.hooks) is AuthHooks
    assert isinstance(engine.clock, SystemClock)
    assert isinstance(engine.events, LoggingEventSink)
    assert engine.platform_users is None
    await engine.aclose()


async def test_what_was_given_can_be_read() -> None:
    """An adapter must reach what the host handed in, without a second way to configure it."""
    users, admins, mail = InMemoryUserRepository(), InMemoryPlatformUserRepository(), RecordingMailer()
    stores, hooks = EmbeddedStores(), AuthHooks()
    engine = engine_of(
        config=config_of(), users=users, platform_users=admins, stores=stores, email=mail, hooks=hooks
    )
    assert (engine.users, engine.platform_users, engine.stores) == (users, admins, stores)
    assert (engine.email, engine.hooks) == (mail, hooks)
    assert engine.config.route_prefix == "auth"
    assert engine.failures.events is engine.events
    assert (await engine.tenants.resolve("acme", CONTEXT)) == "acme"
    assert len(engine.identifiers.rate_bucket("203.0.113.9")) == 64
    await engine.aclose()


async def test_stores_without_tickets_are_pointed_out(caplog: pytest.LogCaptureFixture) -> None:
    """A page that asks for a ticket gets 404, and nobody would know why."""
    engine = engine_of(stores=Bundle(ws_tickets=None))
    assert not engine.keeps_ws_tickets
    assert [record for record in caplog.messages if "missing_ws_ticket_store" in record] != []
    await engine.aclose()
    caplog.clear()
    await engine_of().aclose()
    assert [record for record in caplog.messages if "missing_ws_ticket_store" in record] == []
