"""What a caller without a schema may send: each text at its bounds, and one character beyond them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import AuthError, ValidationFailed
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    AcceptInvitationInput,
    LoginInput,
    RegisterInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)
from tests.cheap import COST_OPTIONS
from tests.integration.flows.factors import MFA
from tests.integration.flows.test_invite import ADMIN, GUEST, OPTIONS, invite
from tests.integration.flows.world import CONTEXT, EMAIL, NEW_PASSWORD, PASSWORD, TENANT, World

Call = Callable[[World, str], Awaitable[Any]]
EVERYTHING: dict[str, Any] = OPTIONS | {
    "mfa": MFA,
    "password": {"scrypt": COST_OPTIONS, "min_length": 8},
    "password_reset": {"method": "otp"},
}
TEXT = "".join(sha256_hex(str(number)) for number in range(33))
"""No known password, at any length."""

ADDRESS = {"email": EMAIL, "tenant_id": TENANT}


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    built = worlds(**EVERYTHING)
    built.users.add(ADMIN)
    return built


async def register(world: World, **changed: str) -> Any:
    applicant: dict[str, Any] = {
        "email": GUEST,
        "name": "Gus",
        "password": NEW_PASSWORD,
        "tenant_id": TENANT,
        **changed,
    }
    return await world.engine.register(RegisterInput(**applicant), CONTEXT)


async def accept(world: World, **changed: str) -> Any:
    given: dict[str, Any] = {"token": "", "name": "Gus", "password": NEW_PASSWORD, **changed}
    given["token"] = given["token"] or await invite(world)
    return await world.engine.accept_invitation(AcceptInvitationInput(**given), CONTEXT)


async def reset(world: World, **proof: str) -> Any:
    request = ResetPasswordInput(**{**ADDRESS, "new_password": NEW_PASSWORD, **proof})
    return await world.engine.reset_password(request, CONTEXT)


async def change(world: World, current: str = PASSWORD, new: str = NEW_PASSWORD) -> Any:
    return await world.engine.change_password(
        "u1", current_password=current, new_password=new, tenant_id=TENANT
    )


BOUNDS: dict[tuple[str, str], tuple[Call, int, int]] = {
    ("register", "name"): (lambda world, text: register(world, name=text), 2, 128),
    ("register", "password"): (lambda world, text: register(world, password=text), 8, 128),
    ("log in", "password"): (
        lambda world, text: world.engine.login(LoginInput(password=text, **ADDRESS), CONTEXT),
        1,
        128,
    ),
    ("accept an invitation", "token"): (lambda world, text: accept(world, token=text), 64, 64),
    ("accept an invitation", "name"): (lambda world, text: accept(world, name=text), 2, 100),
    ("accept an invitation", "password"): (lambda world, text: accept(world, password=text), 8, 128),
    ("invite", "role"): (
        lambda world, text: world.engine.invite(ADMIN.id, tenant_id=TENANT, email=GUEST, role=text),
        1,
        64,
    ),
    ("invite", "tenantName"): (
        lambda world, text: world.engine.invite(
            ADMIN.id, tenant_id=TENANT, email=GUEST, role="MEMBER", tenant_name=text
        ),
        1,
        128,
    ),
    ("verify an address", "otp"): (
        lambda world, text: world.engine.verify_email(
            tenant_id=TENANT, email=EMAIL, otp=text, context=CONTEXT
        ),
        6,
        6,
    ),
    ("exchange a code", "otp"): (
        lambda world, text: world.engine.verify_reset_otp(VerifyResetOtpInput(otp=text, **ADDRESS), CONTEXT),
        4,
        8,
    ),
    ("reset a password", "newPassword"): (
        lambda world, text: reset(world, token="x", new_password=text),
        8,
        128,
    ),
    ("reset a password", "token"): (lambda world, text: reset(world, token=text), 1, 2048),
    ("reset a password", "otp"): (lambda world, text: reset(world, otp=text), 4, 8),
    ("reset a password", "verifiedToken"): (lambda world, text: reset(world, verified_token=text), 64, 64),
    ("change a password", "currentPassword"): (lambda world, text: change(world, current=text), 1, 128),
    ("change a password", "newPassword"): (lambda world, text: change(world, new=text), 8, 128),
    ("change an address", "currentPassword"): (
        lambda world, text: world.engine.request_email_change(
            "u1", tenant_id=TENANT, new_email=GUEST, current_password=text
        ),
        1,
        128,
    ),
    ("set up a factor", "password"): (
        lambda world, text: world.realm(Realm.DASHBOARD).flows.mfa_setup(
            "u1", tenant_id=TENANT, password=text
        ),
        1,
        128,
    ),
}
"""By flow and field: how to send a text, and the fewest and most characters it may have."""


def words(bound: str, characters: int) -> str:
    return f"must be {bound} {characters} character{'' if characters == 1 else 's'}"


async def refused(sent: Awaitable[Any]) -> list[tuple[str, str]]:
    try:
        await sent
    except ValidationFailed as refusal:
        return [(error.field, error.message) for error in refusal.fields]
    except AuthError:
        pass  # the text has the right length and is wrong
    return []


@pytest.mark.parametrize(("flow", "field"), BOUNDS)
async def test_a_text_is_refused_beyond_its_bounds_and_not_at_them(
    world: World, flow: str, field: str
) -> None:
    """Someone's password or code would be refused for its length here, and accepted over HTTP."""
    send, fewest, most = BOUNDS[flow, field]
    too_few, too_many = (field, words("at least", fewest)), (field, words("at most", most))
    for length, expected in {fewest - 1: [too_few], fewest: [], most: [], most + 1: [too_many]}.items():
        assert await refused(send(world, TEXT[:length])) == expected, length
