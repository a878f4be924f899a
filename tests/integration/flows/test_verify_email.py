"""Proving an address, and asking for another code."""

from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.config.resolvers import TenantUnresolved
from bymax_auth.errors import OtpExpired, OtpInvalid, OtpMaxAttempts, StoreUnavailable, ValidationFailed
from bymax_auth.ports.events import EmailVerified, InternalFailure
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.integration.flows.world import CONTEXT, EMAIL, TENANT, World


@pytest.fixture
async def unverified(world: World) -> World:
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    return world


async def resend(world: World, email: str = EMAIL, tenant_id: str | None = TENANT) -> None:
    await world.engine.resend_verification(tenant_id=tenant_id, email=email, context=CONTEXT)
    await world.engine.drain()


async def verify(world: World, otp: str, email: str = EMAIL, tenant_id: str = TENANT) -> None:
    await world.engine.verify_email(tenant_id=tenant_id, email=email, otp=otp, context=CONTEXT)


async def test_the_right_code_verifies(unverified: World) -> None:
    """Somebody who opened the mail must get in."""
    world = unverified
    stale = CachedStatus("ACTIVE", email_verified=False)
    await world.stores.revocation.remember_status(world.subject(), stale, timedelta(seconds=60))
    await resend(world)
    await verify(world, world.mail.last().code, f" {EMAIL.upper()} ")
    await world.engine.drain()
    assert (await world.account(Realm.DASHBOARD)).email_verified is True
    assert (await world.stores.revocation.token_state(world.subject(), "any")).status is None
    assert world.events.last(EmailVerified).user_id == "u1"
    [(told, context)] = world.hooks.of("after_email_verified")
    assert (told.id, told.email_verified, context.email, context.ip) == ("u1", True, EMAIL, CONTEXT.ip)
    await world.login()


async def test_a_code_works_once(unverified: World) -> None:
    """A mail that is forwarded later must be worth nothing."""
    await resend(unverified)
    code = unverified.mail.last().code
    await verify(unverified, code)
    with pytest.raises(OtpExpired):
        await verify(unverified, code)


async def test_a_wrong_code_is_refused_slowly(unverified: World) -> None:
    """Guessing must be slow, and the answer must not say what was wrong."""
    await resend(unverified)
    wrong = "000000" if unverified.mail.last().code != "000000" else "111111"
    started = unverified.clock.monotonic()
    with pytest.raises(OtpInvalid):
        await verify(unverified, wrong)
    assert unverified.clock.monotonic() - started == pytest.approx(0.1)


async def test_the_sixth_guess_fails_even_if_it_is_right(unverified: World) -> None:
    """A six-digit code must not be guessable."""
    await resend(unverified)
    code = unverified.mail.last().code
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(OtpInvalid):
            await verify(unverified, wrong)
    with pytest.raises(OtpMaxAttempts):
        await verify(unverified, code)


async def test_a_code_belongs_to_its_tenant(unverified: World) -> None:
    """A code of one customer must not verify at another."""
    await resend(unverified)
    with pytest.raises(OtpInvalid):
        await verify(unverified, unverified.mail.last().code, tenant_id="other")


async def test_a_code_without_an_account_is_refused_like_a_wrong_one(unverified: World) -> None:
    """An account deleted meanwhile must not answer in a way of its own."""
    await resend(unverified)
    code = unverified.mail.last().code
    unverified.users._rows.clear()
    unverified.users._by_email.clear()
    with pytest.raises(OtpInvalid):
        await verify(unverified, code)


@pytest.mark.parametrize("otp", ["", "12345", "1234567", "12345\ud800"])
async def test_a_code_of_another_form_is_named(world: World, otp: str) -> None:
    """A client must learn that the box wants six digits."""
    with pytest.raises(ValidationFailed) as refusal:
        await verify(world, otp)
    assert refusal.value.fields[0].field == "otp"
    assert world.trace.calls == []


async def test_a_new_code_replaces_the_old_one(unverified: World) -> None:
    """The newest mail must be the one that counts."""
    await resend(unverified)
    old = unverified.mail.last().code
    unverified.clock.advance(timedelta(seconds=60))
    await resend(unverified)
    new = unverified.mail.last().code
    if old != new:
        with pytest.raises(OtpInvalid):
            await verify(unverified, old)
    await verify(unverified, new)


@pytest.mark.parametrize(
    "case", ["unverified", "verified", "unknown", "cooldown", "outage", "broken repository"]
)
async def test_asking_again_answers_the_same_for_everybody(world: World, case: str) -> None:
    """Asking for a code must not say whether an address has an account."""
    if case != "verified":
        await world.change_account(Realm.DASHBOARD, email_verified=False)
    if case == "cooldown":
        await resend(world)
        world.mail.clear()

    async def fail(_number: int, name: str) -> None:
        if case == "outage" and name == "otps.put":
            raise StoreUnavailable
        if case == "broken repository" and name == "users.find_by_email":
            raise OSError("the database is away")

    world.trace.before = fail
    started = world.clock.monotonic()
    await resend(world, "nobody@example.com" if case == "unknown" else EMAIL)
    assert world.clock.monotonic() - started == pytest.approx(0.3)
    assert len(world.mail.sent) == (case == "unverified")
    failed = case in {"outage", "broken repository"}
    assert len(world.events.of(InternalFailure)) == failed


@pytest.mark.parametrize("failure", [TenantUnresolved, RuntimeError])
async def test_a_refusing_resolver_is_not_heard_through_a_resend(
    worlds: Any, failure: type[Exception]
) -> None:
    """The uniform answer must hold whatever the host's resolver does."""

    class Resolver:
        async def resolve(self, parts: Any) -> str:
            raise failure

    world = worlds(tenancy={"resolver": Resolver()})
    started = world.clock.monotonic()
    await resend(world)
    assert world.clock.monotonic() - started == pytest.approx(0.3)
    assert world.trace.calls == []


async def test_a_resend_without_a_tenant_is_a_mistake_of_the_client(world: World) -> None:
    """A client that names no tenant must learn so: there is no address to be silent about."""
    with pytest.raises(ValidationFailed) as refusal:
        await resend(world, tenant_id=None)
    assert refusal.value.fields[0].field == "tenantId"


async def test_a_mail_server_in_trouble_changes_no_answer(unverified: World) -> None:
    """A failing mail must not tell who has an account."""
    unverified.mail.failure = OSError("connection refused")
    started = unverified.clock.monotonic()
    await resend(unverified)
    assert unverified.clock.monotonic() - started == pytest.approx(0.3)
