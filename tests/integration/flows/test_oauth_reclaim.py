"""An address that a stranger has registered belongs to whoever's provider has verified it."""

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AccountBanned,
    EmailChangeTokenInvalid,
    OAuthEmailMismatch,
    OAuthFailed,
    PasswordResetTokenInvalid,
    TokenInvalid,
)
from bymax_auth.ports.events import EmailVerified, IdentityUnlinked, OAuthAccountReclaimed
from bymax_auth.ports.hooks import Create
from bymax_auth.testing import TEST_TENANT, InMemoryOAuthProvider, build_engine
from bymax_auth.types.account import AuthUser
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import ForgotPasswordInput, LoginInput, ResetPasswordInput
from bymax_auth.types.results import AuthResult
from tests.integration.flows.strangers import (
    ZOE,
    Doorkeeper,
    account_of,
    arrive,
    deployment,
    keeps_out,
    refused,
    returned,
    sessions_of,
    signed_in,
    squatted,
)
from tests.integration.flows.tracing import once
from tests.integration.flows.world import CONTEXT, NEW_PASSWORD, PASSWORD, TENANT


async def test_nothing_of_the_stranger_survives(provider: InMemoryOAuthProvider) -> None:
    """The owner and the stranger would share an account."""
    world = deployment(provider)
    stranger = await squatted(world)
    claims = (await world.engine.authenticate(stranger.access_token)).claims
    assert isinstance(claims, DashboardClaims)
    ticket = await world.engine.issue_ws_ticket(claims)
    shown = await world.engine.mfa_setup(stranger.user.id, tenant_id=TENANT, password=PASSWORD)
    await world.engine.request_email_change(
        stranger.user.id, tenant_id=TENANT, new_email="eve@example.com", current_password=PASSWORD
    )
    await world.engine.forgot_password(ForgotPasswordInput(email=ZOE, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    moving = world.mail.last("email_change_verification").code
    reset = world.mail.last("password_reset_token").code

    result = await signed_in(world, provider)

    assert isinstance(result, AuthResult)
    zoe = await account_of(world)
    assert (zoe.id, zoe.name, zoe.role, zoe.status) == (
        stranger.user.id,
        "zoe",
        stranger.user.role,
        stranger.user.status,
    )
    assert (zoe.password_hash, zoe.email_verified) == (None, True)
    assert (zoe.oauth_provider, zoe.oauth_provider_id) == ("memory", "1234")
    await keeps_out(world, stranger)
    await refused(world.engine.redeem_ws_ticket(ticket), TokenInvalid)
    await refused(world.engine.confirm_email_change(moving), EmailChangeTokenInvalid)
    given = ResetPasswordInput(email=ZOE, token=reset, new_password=NEW_PASSWORD, tenant_id=TENANT)
    await refused(world.engine.reset_password(given, CONTEXT), PasswordResetTokenInvalid)
    own = await world.engine.mfa_setup(zoe.id, tenant_id=TENANT)
    assert own.secret != shown.secret
    assert not {*own.recovery_codes} & {*shown.recovery_codes}
    assert [session.session_hash for session in await sessions_of(world, zoe)] != []
    assert len(await sessions_of(world, zoe)) == 1
    assert (await world.engine.authenticate(result.access_token)).claims.sub == zoe.id
    await world.engine.aclose()


async def test_the_host_is_told_of_it(provider: InMemoryOAuthProvider) -> None:
    """What the stranger has planted under the account's id would go on working."""
    world = deployment(provider)
    await squatted(world)
    await signed_in(world, provider)
    zoe = await account_of(world)
    [(user, about)] = world.hooks.of("after_account_reclaimed")
    assert (user.id, user.email_verified, about.user_id, about.email) == (zoe.id, True, zoe.id, ZOE)
    assert [told[0].id for told in world.hooks.of("after_email_verified")] == [zoe.id]
    assert [told[0].id for told in world.hooks.of("after_login")] == [zoe.id]
    for event in (OAuthAccountReclaimed, EmailVerified):
        assert world.events.of(event) == [event(user_id=zoe.id, tenant_id=TENANT)]
    await signed_in(world, provider)
    assert len(world.hooks.of("after_account_reclaimed")) == 1
    await world.engine.aclose()


async def test_an_identity_that_the_stranger_has_linked_is_gone(provider: InMemoryOAuthProvider) -> None:
    """A provider that verifies nothing would be the stranger's second key."""
    careless = InMemoryOAuthProvider("careless")
    world = deployment(provider, careless)
    stranger = await signed_in(world, careless, provider_id="stranger", verified=False)
    assert isinstance(stranger, AuthResult)
    assert isinstance(await signed_in(world, provider), AuthResult)
    await keeps_out(world, stranger)
    await refused(signed_in(world, careless, provider_id="stranger", verified=False), OAuthEmailMismatch)
    await world.engine.aclose()


async def test_a_mailed_reset_takes_the_identity_of_a_stranger_away() -> None:
    """A provider that verifies nothing lets the stranger in, to an account that is verified by now."""
    careless = InMemoryOAuthProvider("careless")
    world = deployment(careless)
    stranger = await signed_in(world, careless, provider_id="stranger", verified=False)
    assert isinstance(stranger, AuthResult)
    await world.engine.forgot_password(ForgotPasswordInput(email=ZOE, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    reset = world.mail.last("password_reset_token").code
    given = ResetPasswordInput(email=ZOE, token=reset, new_password=NEW_PASSWORD, tenant_id=TENANT)
    await world.engine.reset_password(given, CONTEXT)
    await keeps_out(world, stranger)
    await refused(signed_in(world, careless, provider_id="stranger", verified=False), OAuthEmailMismatch)
    owner = await world.engine.login(LoginInput(email=ZOE, password=NEW_PASSWORD, tenant_id=TENANT), CONTEXT)
    assert isinstance(owner, AuthResult)
    assert await world.users.list_identities(owner.user.id, tenant_id=TENANT) == ()
    # The audit log names what is gone.
    gone = IdentityUnlinked(user_id=owner.user.id, tenant_id=TENANT, provider="careless")
    assert world.events.of(IdentityUnlinked) == [gone]
    await world.engine.aclose()


async def test_a_reset_leaves_the_identities_of_a_verified_account() -> None:
    """A forgotten password would take the provider away as well."""
    careful = InMemoryOAuthProvider("careful")
    world = deployment(careful)
    await signed_in(world, careful)
    await world.engine.forgot_password(ForgotPasswordInput(email=ZOE, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    reset = world.mail.last("password_reset_token").code
    given = ResetPasswordInput(email=ZOE, token=reset, new_password=NEW_PASSWORD, tenant_id=TENANT)
    await world.engine.reset_password(given, CONTEXT)
    assert isinstance(await signed_in(world, careful), AuthResult)
    await world.engine.aclose()


async def test_a_sign_in_of_the_stranger_in_progress_takes_nothing_back(
    provider: InMemoryOAuthProvider,
) -> None:
    """Whoever is faster by one step would own the account for good."""
    number, steps = 0, 1
    while number < steps:
        careless = InMemoryOAuthProvider("careless")
        world = deployment(provider, careless)
        await signed_in(world, careless, provider_id="stranger", verified=False)
        stranger = await returned(world, careless, provider_id="stranger", verified=False)
        owner = await returned(world, provider)
        world.trace.clear()
        if number > 0:  # the first turn counts the steps
            world.trace.before = once(number - 1, partial(arrive, world, owner))
        with suppress(OAuthFailed, OAuthEmailMismatch):
            await arrive(world, stranger, "careless")
        if number == 0:
            steps += len(world.trace.calls)
        world.trace.before = None
        await signed_in(world, provider)
        zoe = await account_of(world)
        assert (zoe.oauth_provider, zoe.oauth_provider_id) == ("memory", "1234"), number
        await refused(signed_in(world, careless, provider_id="stranger", verified=False), OAuthEmailMismatch)
        await world.engine.aclose()
        number += 1


async def test_an_account_that_nobody_could_use_becomes_usable(provider: InMemoryOAuthProvider) -> None:
    """Where addresses are verified, a stranger could keep the owner out for ever."""
    world = deployment(provider, email_verification={"required": True})
    await squatted(world)
    result = await signed_in(world, provider)
    assert isinstance(result, AuthResult)
    assert result.user.email_verified
    await world.engine.aclose()


Change = Callable[[AuthUser], AuthUser]
KEPT: dict[str, Change] = {
    "a verified address": lambda user: dataclasses.replace(user, email_verified=True),
    "a second factor": lambda user: dataclasses.replace(user, mfa_enabled=True, mfa_secret="sealed"),
}


@pytest.mark.parametrize("why", KEPT)
@pytest.mark.parametrize("meanwhile", [False, True])
async def test_an_account_that_somebody_may_claim_is_not_given_away(
    provider: InMemoryOAuthProvider, why: str, meanwhile: bool
) -> None:
    """A provider would take over an account that its owner has proven, or protects against a lost mailbox."""
    world = deployment(provider)
    owner = await squatted(world)
    await world.engine.forgot_password(ForgotPasswordInput(email=ZOE, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    reset = world.mail.last("password_reset_token").code
    before = KEPT[why](await account_of(world))

    async def change(_number: int, name: str) -> None:
        if name == "users.remove_credentials":
            world.users.replace(before)

    back = await returned(world, provider)
    if meanwhile:
        world.trace.before = change
    else:
        world.users.replace(before)
    world.trace.clear()
    with pytest.raises(OAuthEmailMismatch):
        await arrive(world, back)
    world.trace.before = None
    assert world.trace.count("users.remove_credentials") == meanwhile
    assert await account_of(world) == before
    # Whoever is refused must not be able to sign the owner out, or to spoil their mails.
    await world.engine.authenticate(owner.access_token)
    await world.engine.refresh(owner.refresh_token, CONTEXT)
    given = ResetPasswordInput(email=ZOE, token=reset, new_password=NEW_PASSWORD, tenant_id=TENANT)
    await world.engine.reset_password(given, CONTEXT)
    await world.engine.aclose()


async def test_what_the_provider_does_not_assert_and_the_host_does_not_want_is_not_given_away(
    provider: InMemoryOAuthProvider,
) -> None:
    """Whoever types an address at a careless provider would get the account of it."""
    hooks = Doorkeeper(newcomer=Create(reclaim=True))
    world = deployment(provider, hooks=hooks)
    stranger = await squatted(world)
    before = await account_of(world)
    with pytest.raises(OAuthEmailMismatch):
        await signed_in(world, provider, verified=False)
    hooks.newcomer = Create()
    with pytest.raises(OAuthEmailMismatch):
        await signed_in(world, provider)
    assert await account_of(world) == before
    await world.engine.authenticate(stranger.access_token)
    await world.engine.aclose()


async def test_a_ban_is_not_reclaimed(provider: InMemoryOAuthProvider) -> None:
    """Whoever was banned would come back through a provider."""
    world = deployment(provider)
    await squatted(world)
    banned = dataclasses.replace(await account_of(world), status="BANNED")
    world.users.replace(banned)
    with pytest.raises(AccountBanned):
        await signed_in(world, provider)
    with pytest.raises(OAuthEmailMismatch):
        await signed_in(world, provider, verified=False)
    assert await account_of(world) == banned
    await world.engine.aclose()


async def test_a_person_who_has_an_account_reclaims_no_other(provider: InMemoryOAuthProvider) -> None:
    """One identity would have two accounts."""
    world = deployment(provider)
    await squatted(world)
    other = world.users.add(dataclasses.replace(await account_of(world), id="u9", email="zoe@new.example"))

    async def link(_number: int, name: str) -> None:
        if name == "users.reclaim_with_oauth":
            await world.users.link_oauth(other.id, "memory", "1234", tenant_id=TENANT)

    back = await returned(world, provider)
    world.trace.before = link
    with pytest.raises(OAuthEmailMismatch):
        await arrive(world, back)
    assert (await account_of(world)).email_verified is False
    await world.engine.aclose()


async def test_an_account_that_is_deleted_meanwhile_signs_nobody_in(provider: InMemoryOAuthProvider) -> None:
    """A session of an account that does not exist could not be ended."""
    world = deployment(provider)
    stranger = await squatted(world)

    async def delete(_number: int, name: str) -> None:
        if name == "revocation.current_epoch":
            await world.users.remove(stranger.user.id, tenant_id=TENANT)

    back = await returned(world, provider)
    world.trace.before = delete
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    await world.engine.aclose()


async def test_without_a_store_of_second_factors_an_account_is_reclaimed() -> None:
    """A bundle that a host composes need not keep enrolments while there are none."""
    provider = InMemoryOAuthProvider()
    ready = build_engine()
    bundle: Any = ready.stores
    bundle.mfa = None
    engine = AuthEngine(
        ready.engine.config.auth,
        users=ready.users,
        stores=bundle,
        platform_users=ready.admins,
        hooks=Doorkeeper(newcomer=Create(reclaim=True)),
        oauth_providers=[provider],
    )
    squatted = ready.add_user("zoe@example.com", email_verified=False)
    async with engine:
        redirect = await engine.oauth_initiate("memory", TEST_TENANT, RequestContext())
        back = provider.sign_in(redirect.authorize_url, email="zoe@example.com")
        result = await engine.oauth_callback(
            "memory", **back, state_cookie=redirect.state, context=RequestContext()
        )
        assert isinstance(result, AuthResult)
        assert result.user.id == squatted.id
