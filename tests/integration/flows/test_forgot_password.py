"""Asking for a way to replace a forgotten password."""

from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.config.resolvers import TenantUnresolved
from bymax_auth.errors import StoreUnavailable, ValidationFailed
from bymax_auth.ports.events import InternalFailure
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, ResendResetOtpInput
from tests.integration.flows.world import CONTEXT, EMAIL, TENANT, World


async def ask(world: World, email: str = EMAIL, tenant_id: str | None = TENANT) -> None:
    await world.engine.forgot_password(ForgotPasswordInput(email=email, tenant_id=tenant_id), CONTEXT)
    await world.engine.drain()


async def proof(world: World) -> str:
    """Ask once more, and return what the mail says."""
    world.clock.advance(timedelta(seconds=60))
    await ask(world)
    return world.mail.last().code


CASES = ["known", "unknown", "blocked", "cooldown", "outage", "broken repository", "mail server away"]


@pytest.mark.parametrize("method", ["token", "otp"])
@pytest.mark.parametrize("door", ["forgot", "resend"])
@pytest.mark.parametrize("case", CASES)
async def test_asking_answers_the_same_for_everybody(worlds: Any, case: str, door: str, method: str) -> None:
    """Asking must not say whether an address has an account, and must mail exactly where it may."""
    world = worlds(password_reset={"method": method})
    if case == "blocked":
        await world.change_account(Realm.DASHBOARD, status="SUSPENDED")
    if case == "cooldown":
        await ask(world)
        world.mail.clear()
    if case == "mail server away":
        world.mail.failure = OSError("connection refused")

    async def fail(_number: int, name: str) -> None:
        if case == "outage" and name in {"otps.put", "proofs.put"}:
            raise StoreUnavailable
        if case == "broken repository" and name == "users.find_by_email":
            raise OSError("the database is away")

    world.trace.before = fail
    started = world.clock.monotonic()
    email = "nobody@example.com" if case == "unknown" else EMAIL
    if door == "forgot":
        await ask(world, email)
    else:
        await world.engine.resend_reset_otp(ResendResetOtpInput(email=email, tenant_id=TENANT), CONTEXT)
        await world.engine.drain()
    assert world.clock.monotonic() - started == pytest.approx(0.3)
    kind = "password_reset_token" if method == "token" else "password_reset_otp"
    assert [mail.kind for mail in world.mail.sent] == ([kind] if case == "known" else [])
    assert len(world.events.of(InternalFailure)) == (case in {"outage", "broken repository"})


async def test_a_link_that_could_not_be_mailed_is_forgotten(world: World) -> None:
    """A token that nobody received must not lie in the store, waiting to be found."""
    world.mail.failure = OSError("connection refused")
    await ask(world)
    assert world.trace.calls[-1] == "proofs.delete"


@pytest.mark.parametrize("failure", [TenantUnresolved, RuntimeError])
async def test_a_refusing_resolver_is_not_heard(worlds: Any, failure: type[Exception]) -> None:
    """The uniform answer must hold whatever the host's resolver does."""

    class Resolver:
        async def resolve(self, parts: Any) -> str:
            raise failure

    world = worlds(tenancy={"resolver": Resolver()})
    started = world.clock.monotonic()
    await ask(world)
    assert world.clock.monotonic() - started == pytest.approx(0.3)
    assert world.trace.calls == []


async def test_asking_without_a_tenant_is_a_mistake_of_the_client(world: World) -> None:
    """A client that names no tenant must learn so: there is no address to be silent about."""
    with pytest.raises(ValidationFailed):
        await ask(world, tenant_id=None)


async def test_codes_have_the_length_that_was_configured(worlds: Any) -> None:
    """A host that asks for eight digits must get eight."""
    world = worlds(password_reset={"method": "otp", "otp_length": 8})
    assert len(await proof(world)) == 8
