"""Replacing a forgotten password: by link, by code, and by a code's verified token."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    AccountLocked,
    InvalidCredentials,
    OtpInvalid,
    OtpMaxAttempts,
    PasswordCompromised,
    PasswordResetTokenInvalid,
    RefreshTokenInvalid,
    TokenRevoked,
    ValidationFailed,
)
from bymax_auth.ports.events import EmailVerified, PasswordReset, ResetProofStale
from bymax_auth.ports.one_time import PASSWORD_RESET, OtpPurpose, ResetContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    LoginInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)
from tests.integration.flows.test_forgot_password import proof
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    World,
)

OTHER_PASSWORD = "a third passphrase altogether"
BY_CODE = {"password_reset": {"method": "otp"}}


@pytest.fixture
def by_code(worlds: Any) -> World:
    return worlds(**BY_CODE)


async def reset(world: World, **given: Any) -> None:
    request = {"email": EMAIL, "tenant_id": TENANT, "new_password": NEW_PASSWORD, **given}
    await world.engine.reset_password(ResetPasswordInput(**request), CONTEXT)


async def signs_in(world: World, password: str) -> bool:
    try:
        await world.engine.login(LoginInput(email=EMAIL, password=password, tenant_id=TENANT), CONTEXT)
    except InvalidCredentials:
        return False
    return True


async def test_a_link_replaces_the_password_and_ends_every_session(world: World) -> None:
    """Whoever recovers an account must be alone in it afterwards."""
    session = await world.login()
    token = await proof(world)
    await reset(world, token=token, email=f" {EMAIL.upper()} ")
    await world.engine.drain()
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(session.refresh_token, CONTEXT)
    with pytest.raises(TokenRevoked):
        await world.engine.authenticate(session.access_token)
    assert await signs_in(world, NEW_PASSWORD)
    assert world.mail.last("password_changed").to == EMAIL
    assert world.events.last(PasswordReset).user_id == "u1"
    [(told, context)] = world.hooks.of("after_password_reset")
    assert (told.id, context.tenant_id, context.ip) == ("u1", TENANT, CONTEXT.ip)


async def test_a_code_replaces_the_password(by_code: World) -> None:
    """The code alone is enough when no step in between is wanted."""
    await reset(by_code, otp=await proof(by_code))
    assert await signs_in(by_code, NEW_PASSWORD)


async def test_a_code_may_be_exchanged_first(by_code: World) -> None:
    """A client must be able to check the code before it asks for a new password."""
    code = await proof(by_code)
    given = VerifyResetOtpInput(email=EMAIL.upper(), otp=code, tenant_id=TENANT)
    token = await by_code.engine.verify_reset_otp(given, CONTEXT)
    assert len(token) == 64
    with pytest.raises(OtpInvalid):
        await reset(by_code, otp=code)
    await reset(by_code, verified_token=token)
    assert await signs_in(by_code, NEW_PASSWORD)


async def code_of_a_sibling(world: World, email: str = EMAIL) -> str:
    """A code as an implementation issues it that does not record the account."""
    identifiers, code = world.engine.identifiers, "246810"
    otp = identifiers.otp(OtpPurpose.PASSWORD_RESET, TENANT, email)
    fingerprint = identifiers.otp_fingerprint(otp, code)
    await world.engine.stores.otps.put(otp, fingerprint, timedelta(minutes=5))
    return code


async def test_a_code_of_a_sibling_backend_replaces_the_password(by_code: World) -> None:
    """Both serve one front end, and the mail came from the other."""
    await reset(by_code, otp=await code_of_a_sibling(by_code))
    assert await signs_in(by_code, NEW_PASSWORD)


async def test_a_code_of_a_sibling_backend_may_be_exchanged_first(by_code: World) -> None:
    """The same, with a step in between."""
    given = VerifyResetOtpInput(email=EMAIL, otp=await code_of_a_sibling(by_code), tenant_id=TENANT)
    await reset(by_code, verified_token=await by_code.engine.verify_reset_otp(given, CONTEXT))
    assert await signs_in(by_code, NEW_PASSWORD)


async def test_a_verified_token_lasts_five_minutes(by_code: World) -> None:
    """A form that is left open must not stay a way in."""
    given = VerifyResetOtpInput(email=EMAIL, otp=await proof(by_code), tenant_id=TENANT)
    token = await by_code.engine.verify_reset_otp(given, CONTEXT)
    by_code.clock.advance(timedelta(seconds=301))
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(by_code, verified_token=token)


async def test_an_account_without_a_password_may_get_one(world: World) -> None:
    """Somebody who always signed in with a provider must be able to set a password."""
    await world.change_account(Realm.DASHBOARD, password_hash=None)
    await reset(world, token=await proof(world))
    assert await signs_in(world, NEW_PASSWORD)


async def test_a_reset_lifts_the_lockout_of_its_address_and_account(worlds: Any) -> None:
    """A stranger must not keep out an owner who has just proven who they are, and has a new password."""
    for method in ("token", "otp"):
        world = worlds(password_reset={"method": method})
        for _ in range(5):
            assert not await signs_in(world, WRONG_PASSWORD)
            with pytest.raises(InvalidCredentials):
                await world.engine.change_password(
                    "u1", tenant_id=TENANT, current_password=WRONG_PASSWORD, new_password=OTHER_PASSWORD
                )
        with pytest.raises(AccountLocked):
            await signs_in(world, PASSWORD)
        await reset(world, **{method: await proof(world)})
        assert await signs_in(world, NEW_PASSWORD)
        await world.engine.change_password(
            "u1", tenant_id=TENANT, current_password=NEW_PASSWORD, new_password=OTHER_PASSWORD
        )


async def test_a_reset_that_is_refused_lifts_nothing(world: World) -> None:
    """A stranger with a made-up link must not get five more guesses."""
    for _ in range(5):
        assert not await signs_in(world, WRONG_PASSWORD)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token="0" * 64)
    with pytest.raises(AccountLocked):
        await signs_in(world, PASSWORD)


@pytest.mark.parametrize("by", ["token", "otp", "verified_token"])
async def test_a_reset_by_mail_verifies_the_address(worlds: Any, by: str) -> None:
    """Whoever lost the first mail must be able to sign in after the second one was used."""
    world = worlds(password_reset={"method": "token" if by == "token" else "otp"})
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    secret = await proof(world)
    if by == "verified_token":
        secret = await world.engine.verify_reset_otp(
            VerifyResetOtpInput(email=EMAIL, otp=secret, tenant_id=TENANT), CONTEXT
        )
        assert (await world.account(Realm.DASHBOARD)).email_verified is False
    await reset(world, **{by: secret})
    assert await signs_in(world, NEW_PASSWORD)
    assert world.events.last(EmailVerified).user_id == "u1"
    await world.engine.drain()
    [(told, _)] = world.hooks.of("after_email_verified")
    [(informed, _)] = world.hooks.of("after_password_reset")
    assert told.email_verified
    assert informed.email_verified


async def test_a_verified_address_is_not_verified_again(world: World) -> None:
    """A host that welcomes people when their address is proven must do so once."""
    await reset(world, token=await proof(world))
    await world.engine.drain()
    assert world.events.of(EmailVerified) == []
    assert world.hooks.of("after_email_verified") == []


async def test_the_first_of_two_links_kills_the_second(world: World) -> None:
    """A second mail in a stolen inbox must be worth nothing once the owner has used the first."""
    first, second = await proof(world), await proof(world)
    await reset(world, token=first)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token=second, new_password=OTHER_PASSWORD)
    assert world.events.last(ResetProofStale).user_id == "u1"
    assert await signs_in(world, NEW_PASSWORD)


async def test_of_two_links_used_at_once_one_works(world: World) -> None:
    """The same, when thief and owner are equally fast."""
    tokens = [await proof(world), await proof(world)]
    outcomes = await asyncio.gather(*(reset(world, token=token) for token in tokens), return_exceptions=True)
    assert sorted(map(type, outcomes), key=str) == sorted([type(None), PasswordResetTokenInvalid], key=str)


async def test_a_link_works_once(world: World) -> None:
    """A link in a browser's history must be worth nothing."""
    token = await proof(world)
    await reset(world, token=token)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token=token, new_password=OTHER_PASSWORD)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("too short", ValidationFailed),
        ("passwordpassword", PasswordCompromised),
        ("p" * 129, ValidationFailed),
    ],
)
async def test_a_bad_new_password_leaves_the_link_usable(
    world: World, password: str, refusal: type[Exception]
) -> None:
    """Somebody who picks a weak password must not have to start over."""
    token = await proof(world)
    with pytest.raises(refusal):
        await reset(world, token=token, new_password=password)
    await reset(world, token=token)


@pytest.mark.parametrize("change", [{"email": "eve@example.com"}, {"tenant_id": "other"}])
async def test_a_link_of_another_address_is_spent_and_refused(world: World, change: dict[str, str]) -> None:
    """A link must open the account that it was sent for, and trying it elsewhere must cost it."""
    token = await proof(world)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token=token, **change)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token=token)


async def test_the_sixth_code_fails_even_if_it_is_right(by_code: World) -> None:
    """A six-digit code must not be guessable."""
    code = await proof(by_code)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(OtpInvalid):
            await reset(by_code, otp=wrong)
    with pytest.raises(OtpMaxAttempts):
        await reset(by_code, otp=code)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("token", {}),
        ("token", {"otp": "123456"}),
        ("token", {"verified_token": "0" * 64}),
        ("token", {"token": "0" * 64, "otp": "123456"}),
        ("token", {"token": "0" * 64}),
        ("token", {"token": "Z" * 64}),
        ("token", {"token": "0" * 63}),
        ("otp", {}),
        ("otp", {"token": "0" * 64}),
        ("otp", {"otp": "123456", "verified_token": "0" * 64}),
        ("otp", {"verified_token": "0" * 64}),
    ],
)
async def test_exactly_one_proof_of_the_configured_kind_is_taken(
    worlds: Any, method: str, given: dict[str, str]
) -> None:
    """A deployment that mails links must not be open to guessing codes, nor the reverse."""
    world = worlds(password_reset={"method": method})
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, **given)
    assert world.trace.count("otps.verify", "users.update_password") == 0


@pytest.mark.parametrize(
    ("method", "given", "field"),
    [
        ("token", {"token": ""}, "token"),
        ("token", {"token": "0" * 2049}, "token"),
        ("otp", {"otp": "123"}, "otp"),
        ("otp", {"otp": "1" * 9}, "otp"),
        ("otp", {"verified_token": "0" * 65}, "verifiedToken"),
        ("token", {"token": "0" * 64, "tenant_id": None}, "tenantId"),
        ("token", {"token": "0" * 64, "new_password": "seven77"}, "newPassword"),
    ],
)
async def test_a_broken_bound_is_named(worlds: Any, method: str, given: dict[str, Any], field: str) -> None:
    """A client must be able to show the error beside the right box."""
    world = worlds(password_reset={"method": method})
    with pytest.raises(ValidationFailed) as refusal:
        await reset(world, **given)
    assert refusal.value.fields[0].field == field


async def test_a_code_of_another_form_is_not_exchanged(by_code: World) -> None:
    """A megabyte in the box must not reach the store."""
    for otp in ("123", "1" * 9):
        with pytest.raises(ValidationFailed):
            await by_code.engine.verify_reset_otp(
                VerifyResetOtpInput(email=EMAIL, otp=otp, tenant_id=TENANT), CONTEXT
            )
    assert by_code.trace.calls == []


@pytest.mark.parametrize("status", ["BANNED", "gone"])
@pytest.mark.parametrize("method", ["token", "otp"])
async def test_an_account_blocked_after_the_mail_is_not_recovered(
    worlds: Any, method: str, status: str
) -> None:
    """A ban must hold against a mail that was sent before it."""
    world = worlds(password_reset={"method": method})
    secret = await proof(world)
    if status == "gone":
        world.users._rows.clear()
        world.users._by_email.clear()
    else:
        await world.change_account(Realm.DASHBOARD, status=status)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, **{method: secret})
    assert world.trace.count("users.update_password") == 0


async def test_a_code_of_a_deleted_account_is_not_exchanged(by_code: World) -> None:
    """There must be somebody whose password the token would replace."""
    code = await proof(by_code)
    by_code.users._rows.clear()
    by_code.users._by_email.clear()
    with pytest.raises(PasswordResetTokenInvalid):
        await by_code.engine.verify_reset_otp(
            VerifyResetOtpInput(email=EMAIL, otp=code, tenant_id=TENANT), CONTEXT
        )


async def test_a_record_without_a_binding_is_honoured(world: World) -> None:
    """Links that a sibling backend sent must work after a move."""
    token = "ab" * 32
    unbound = ResetContext(user_id="u1", email=EMAIL, tenant_id=TENANT, password_fingerprint=None)
    await world.stores.proofs.put(PASSWORD_RESET, sha256_hex(token), unbound, timedelta(seconds=600))
    await reset(world, token=token)
    assert await signs_in(world, NEW_PASSWORD)
