"""A reset proof is as good as the password it was asked for, and survives a mistake (I-29, I-30)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import AuthError, PasswordCompromised, PasswordResetTokenInvalid, ValidationFailed
from bymax_auth.ports.one_time import OtpPurpose
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, ResetPasswordInput, VerifyResetOtpInput
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    World,
    build_world,
    stored_hash,
)

OTHER_PASSWORD = "yet another long passphrase"


async def mailed(world: World, kind: str) -> str:
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    return world.mail.last(kind).code


async def exchanged(world: World) -> str:
    otp = await mailed(world, "password_reset_otp")
    request = VerifyResetOtpInput(email=EMAIL, otp=otp, tenant_id=TENANT)
    return await world.engine.verify_reset_otp(request, CONTEXT)


async def proof_of(world: World, kind: str) -> dict[str, str]:
    match kind:
        case "token":
            return {"token": await mailed(world, "password_reset_token")}
        case "otp":
            return {"otp": await mailed(world, "password_reset_otp")}
        case _:
            return {"verified_token": await exchanged(world)}


async def reset(world: World, new_password: str, **proof: Any) -> None:
    request = ResetPasswordInput(email=EMAIL, new_password=new_password, tenant_id=TENANT, **proof)
    await world.engine.reset_password(request, CONTEXT)


@pytest.fixture(params=["token", "otp", "verified_token"])
async def pending(request: pytest.FixtureRequest) -> AsyncIterator[tuple[World, dict[str, str]]]:
    """A world in which a proof of each kind is outstanding."""
    world = build_world(password_reset={"method": "token" if request.param == "token" else "otp"})
    yield world, await proof_of(world, request.param)
    await world.engine.aclose()


async def refused(world: World, proof: dict[str, str]) -> None:
    stored = (await world.account(Realm.DASHBOARD)).password_hash
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, OTHER_PASSWORD, **proof)
    assert (await world.account(Realm.DASHBOARD)).password_hash == stored


Pending = tuple[World, dict[str, str]]


async def test_a_changed_password_takes_its_proofs_along(pending: Pending) -> None:
    """Whoever reads old mail could undo what its owner did to keep them out."""
    world, proof = pending
    await world.engine.change_password(
        ANA.id, tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    await refused(world, proof)


async def test_a_password_that_the_host_sets_takes_the_proofs_along(pending: Pending) -> None:
    """An administrator who replaces a stolen password must not have to hunt for old mail."""
    world, proof = pending
    await world.change_account(Realm.DASHBOARD, password_hash=stored_hash(NEW_PASSWORD))
    await refused(world, proof)


async def test_a_changed_address_takes_the_proofs_along(pending: Pending) -> None:
    """Whoever still reads the old mailbox must not get the account that has left it."""
    world, proof = pending
    await world.change_account(Realm.DASHBOARD, email="new@example.com")
    await refused(world, proof)


async def test_a_blocked_account_spends_its_proofs_for_nothing(pending: Pending) -> None:
    """A ban must hold against a mail that was sent before it."""
    world, proof = pending
    await world.change_account(Realm.DASHBOARD, status="BANNED")
    await refused(world, proof)
    await world.change_account(Realm.DASHBOARD, status="ACTIVE")
    with pytest.raises(AuthError):
        await reset(world, OTHER_PASSWORD, **proof)


@pytest.mark.parametrize("change", [{"password_hash": stored_hash(NEW_PASSWORD)}, {"status": "BANNED"}])
async def test_a_code_is_not_exchanged_for_an_account_that_has_changed(change: dict[str, str]) -> None:
    """A verified token would be a fresh proof made of one that is over."""
    world = build_world(password_reset={"method": "otp"})
    otp = await mailed(world, "password_reset_otp")
    await world.change_account(Realm.DASHBOARD, **change)
    request = VerifyResetOtpInput(email=EMAIL, otp=otp, tenant_id=TENANT)
    with pytest.raises(PasswordResetTokenInvalid):
        await world.engine.verify_reset_otp(request, CONTEXT)
    await world.engine.aclose()


async def test_a_change_between_the_proof_and_the_write_wins(pending: Pending) -> None:
    """The old mail must not overwrite a password that was chosen in the same moment."""
    world, proof = pending

    async def change(_number: int, name: str) -> None:
        if name == "users.update_password":
            await world.change_account(Realm.DASHBOARD, password_hash=stored_hash(NEW_PASSWORD))

    world.trace.before = change
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, OTHER_PASSWORD, **proof)
    assert (await world.account(Realm.DASHBOARD)).password_hash == stored_hash(NEW_PASSWORD)


async def test_a_code_of_an_implementation_that_records_nothing_else_works() -> None:
    """A code that a sibling backend mailed must work here, as long as its account may sign in."""
    for status, works in (("ACTIVE", True), ("BANNED", False)):
        world = build_world(password_reset={"method": "otp"})
        codes = world.engine.reset_password.codes.codes
        code = await codes.issue(
            OtpPurpose.PASSWORD_RESET, TENANT, EMAIL, length=6, ttl=timedelta(minutes=10)
        )
        await world.change_account(Realm.DASHBOARD, status=status)
        if works:
            await reset(world, NEW_PASSWORD, otp=code)
        else:
            await refused(world, {"otp": code})
        await world.engine.aclose()


@pytest.mark.parametrize("kind", ["token", "otp", "verified_token"])
async def test_a_password_that_is_refused_costs_no_proof(kind: str) -> None:
    """Somebody who picks a weak password, or none, would have to start over and wait for another mail."""
    world = build_world(password_reset={"method": "token" if kind == "token" else "otp"})
    proof = await proof_of(world, kind)
    for weak, refusal in (("short", ValidationFailed), ("passwordpassword", PasswordCompromised)):
        with pytest.raises(refusal):
            await reset(world, weak, **proof)
    await reset(world, NEW_PASSWORD, **proof)
    with pytest.raises(AuthError):
        await reset(world, OTHER_PASSWORD, **proof)
    await world.engine.aclose()
