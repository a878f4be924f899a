"""Guesses are counted before they are judged, however many come at once (I-15, I-27, I-28)."""

import asyncio
import hashlib
from typing import Any

import pytest

from bymax_auth.errors import AccountLocked, AuthError, InvalidCredentials, TooManyRequests
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    RealmView,
    World,
    build_world,
)

LIMIT = 5
GUESSES = 40


@pytest.mark.parametrize("realm", list(Realm))
async def test_forty_passwords_at_once_are_five_guesses(
    realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guesser who sends everything in one burst would get it judged before the count is written."""
    world = build_world()
    view = world.realm(realm)
    derived: list[int] = []
    derive = hashlib.scrypt

    def counted(*given: Any, **named: Any) -> bytes:
        derived.append(1)
        return derive(*given, **named)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    outcomes = await asyncio.gather(
        *(view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT) for _ in range(GUESSES)),
        return_exceptions=True,
    )
    refusals = [type(outcome) for outcome in outcomes]
    assert set(refusals) <= {InvalidCredentials, AccountLocked, TooManyRequests}
    assert len(derived) == refusals.count(InvalidCredentials) == LIMIT
    with pytest.raises(AccountLocked):
        await view.flows.login(view.credentials(PASSWORD), CONTEXT)
    await world.engine.aclose()


async def test_the_right_password_in_a_burst_is_one_of_the_guesses() -> None:
    """A burst with every password of a list would find the right one."""
    world = build_world()
    view = world.realm(Realm.DASHBOARD)
    burst = [*[WRONG_PASSWORD] * LIMIT, PASSWORD, *[WRONG_PASSWORD] * LIMIT]
    outcomes = await asyncio.gather(
        *(view.flows.login(view.credentials(password), CONTEXT) for password in burst),
        return_exceptions=True,
    )
    assert all(isinstance(outcome, AuthError) for outcome in outcomes)
    await world.engine.aclose()


async def test_fifty_codes_at_once_are_five_guesses() -> None:
    """A million codes are not many for whoever may try as many as fit through the wire."""
    world = build_world()
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    await world.engine.resend_verification(tenant_id=TENANT, email=EMAIL, context=CONTEXT)
    await world.engine.drain()
    right = world.mail.last("email_verification_otp").code
    wrong = [f"{(int(right) + shift) % 1_000_000:06d}" for shift in range(1, 50)]
    burst = [*wrong[:LIMIT], right, *wrong[LIMIT:]]
    outcomes = await asyncio.gather(*(verify(world, code) for code in burst), return_exceptions=True)
    assert {getattr(outcome, "code", None) for outcome in outcomes} == {"auth.otp_invalid"}
    assert (await world.account(Realm.DASHBOARD)).email_verified is False
    await world.engine.aclose()


async def verify(world: World, code: str) -> None:
    await world.engine.verify_email(tenant_id=TENANT, email=EMAIL, otp=code, context=CONTEXT)


@pytest.mark.parametrize("spelling", [EMAIL.upper(), f"  {EMAIL}\t", EMAIL.title()])
async def test_the_spelling_of_an_address_gives_no_fresh_budget(spelling: str) -> None:
    """Five guesses for each way of writing an address are as many as anybody needs."""
    world = build_world()
    view: RealmView = world.realm(Realm.DASHBOARD)
    for _ in range(LIMIT):
        with pytest.raises(InvalidCredentials):
            await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    with pytest.raises(AccountLocked):
        await world.engine.login(LoginInput(email=spelling, password=PASSWORD, tenant_id=TENANT), CONTEXT)
    await world.engine.aclose()
