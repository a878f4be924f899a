"""A reset proof is as good as the password it was asked for, and survives a mistake (I-29, I-30)."""

from typing import Any

import pytest

from bymax_auth.errors import AuthError, PasswordCompromised, PasswordResetTokenInvalid, ValidationFailed
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


@pytest.mark.parametrize("kind", ["token", "verified_token"])
async def test_a_changed_password_takes_its_proofs_along(kind: str) -> None:
    """Whoever reads old mail could undo what its owner did to keep them out."""
    world = build_world(password_reset={"method": "token" if kind == "token" else "otp"})
    proof = await proof_of(world, kind)
    await world.engine.change_password(
        ANA.id, tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, OTHER_PASSWORD, **proof)
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
