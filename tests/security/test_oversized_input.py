"""What is too long is refused before anything is computed over it (I-25)."""

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from bymax_auth.errors import AuthError
from bymax_auth.types.inputs import (
    ForgotPasswordInput,
    LoginInput,
    RegisterInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)
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

HUGE = "a" * 2**16
HUGE_HEX = "ab" * 2**15
HUGE_TOKEN = f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{HUGE}.{HUGE}"

Call = Callable[[World], Awaitable[Any]]


def login(**changed: Any) -> Call:
    credentials = {"email": EMAIL, "password": PASSWORD, "tenant_id": TENANT, **changed}
    return lambda world: world.engine.login(LoginInput(**credentials), CONTEXT)


def register(**changed: Any) -> Call:
    fields = {"email": "new@example.com", "name": "New", "password": PASSWORD, "tenant_id": TENANT, **changed}
    return lambda world: world.engine.register(RegisterInput(**fields), CONTEXT)


def reset(**changed: Any) -> Call:
    fields = {"email": EMAIL, "new_password": NEW_PASSWORD, "tenant_id": TENANT, **changed}
    return lambda world: world.engine.reset_password(ResetPasswordInput(**fields), CONTEXT)


def verify_email(**changed: Any) -> Call:
    fields = {"tenant_id": TENANT, "email": EMAIL, "otp": "123456", **changed}
    return lambda world: world.engine.verify_email(**fields, context=CONTEXT)


def change(**changed: Any) -> Call:
    fields = {"tenant_id": TENANT, "current_password": PASSWORD, "new_password": NEW_PASSWORD, **changed}
    return lambda world: world.engine.change_password(ANA.id, **fields)


REFUSED: dict[str, Call] = {
    "refresh token": lambda world: world.engine.refresh(HUGE_HEX, CONTEXT),
    "access token": lambda world: world.engine.authenticate(HUGE_TOKEN),
    "access token of one part": lambda world: world.engine.authenticate(HUGE),
    "access token of many parts": lambda world: world.engine.authenticate("." * 2**16),
    "operator's refresh token": lambda world: world.engine.platform.refresh(HUGE_HEX, CONTEXT),
    "operator's access token": lambda world: world.engine.platform.authenticate(HUGE_TOKEN),
    "session hash": lambda world: world.engine.revoke_session(ANA.id, HUGE_HEX, tenant_id=TENANT),
    "own session": lambda world: world.engine.revoke_other_sessions(
        ANA.id, tenant_id=TENANT, raw_refresh=HUGE_HEX
    ),
    "address": login(email=f"{HUGE}@example.com"),
    "password": login(password=HUGE),
    "tenant": login(tenant_id=HUGE),
    "new account's address": register(email=f"{HUGE}@example.com"),
    "new account's name": register(name=HUGE),
    "new account's password": register(password=HUGE),
    "new account's tenant": register(tenant_id=HUGE),
    "code": verify_email(otp=HUGE),
    "verified address": verify_email(email=f"{HUGE}@example.com"),
    "reset link": reset(token=HUGE_HEX),
    "reset code": reset(otp=HUGE),
    "verified token": reset(verified_token=HUGE_HEX),
    "replaced password": reset(new_password=HUGE, token="0" * 64),
    "exchanged code": lambda world: world.engine.verify_reset_otp(
        VerifyResetOtpInput(email=EMAIL, otp=HUGE, tenant_id=TENANT), CONTEXT
    ),
    "forgotten address": lambda world: world.engine.forgot_password(
        ForgotPasswordInput(email=HUGE, tenant_id=TENANT), CONTEXT
    ),
    "resent address": lambda world: world.engine.resend_verification(
        tenant_id=TENANT, email=HUGE, context=CONTEXT
    ),
    "current password": change(current_password=HUGE),
    "changed password": change(new_password=HUGE),
}

IGNORED: dict[str, tuple[Call, Call]] = {
    "signing out": (
        lambda world: world.engine.logout(HUGE_TOKEN, HUGE_HEX),
        lambda world: world.engine.logout(None, None),
    ),
    "listing": (
        lambda world: world.engine.list_sessions(ANA.id, tenant_id=TENANT, raw_refresh=HUGE_HEX),
        lambda world: world.engine.list_sessions(ANA.id, tenant_id=TENANT),
    ),
}
"""Calls that go on without what is too long, and the same calls without it."""


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_too_long_is_refused_unhashed(what: str) -> None:
    """Megabytes that cost their sender nothing would each cost the server a hash over all of them."""
    world = build_world(password_reset={"method": "token" if what == "reset link" else "otp"})
    with pytest.raises(AuthError):
        await REFUSED[what](world)
    assert await hashes_of(world, REFUSED[what]) == []
    await world.engine.aclose()


@pytest.mark.parametrize("what", IGNORED)
async def test_what_is_too_long_is_passed_over_unhashed(what: str) -> None:
    """A call that forgives a bad token must not pay for it either."""
    world = build_world()
    given, absent = IGNORED[what]
    await absent(world)  # names of accounts are kept once they were derived
    assert await hashes_of(world, given) == await hashes_of(world, absent)
    await world.engine.aclose()


async def test_what_is_well_formed_is_hashed() -> None:
    """The count must be able to see a hash."""
    world = build_world()
    assert await hashes_of(world, lambda world: world.engine.refresh("ab" * 32, CONTEXT)) != []
    token = (await world.login()).access_token
    assert await hashes_of(world, lambda world: world.engine.authenticate(token)) != []
    await world.engine.aclose()


async def hashes_of(world: World, call: Call) -> list[str]:
    """The hashing functions that the interpreter called meanwhile, on this thread."""
    called: list[str] = []

    def see(_frame: object, event: str, called_function: Any) -> None:
        if event == "c_call":
            owner = getattr(called_function, "__self__", None)
            module = getattr(owner, "__name__", type(owner).__module__)
            if module in {"_hashlib", "_sha256", "_sha2"} and "compare" not in called_function.__name__:
                called.append(called_function.__name__)

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        with suppress(AuthError):
            await call(world)
    finally:
        sys.setprofile(before)
    return called
