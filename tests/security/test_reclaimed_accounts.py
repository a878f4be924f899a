"""An address that a stranger has registered belongs to whoever's provider has verified it: I-39."""

import contextlib
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountBanned,
    AuthError,
    EmailChangeTokenInvalid,
    InternalError,
    InvalidCredentials,
    OAuthEmailMismatch,
    OAuthFailed,
    PasswordResetTokenInvalid,
    RefreshTokenInvalid,
    StoreUnavailable,
    TokenInvalid,
)
from bymax_auth.ports.events import EmailVerified, OAuthAccountReclaimed
from bymax_auth.ports.hooks import Create
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.account import AuthUser
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.inputs import ForgotPasswordInput, LoginInput, RegisterInput, ResetPasswordInput
from bymax_auth.types.results import AuthResult
from tests.integration.flows.strangers import (
    ZOE,
    Doorkeeper,
    account_of,
    arrive,
    returned,
    signed_in,
    world_of,
)
from tests.integration.flows.tracing import failing_at, once
from tests.integration.flows.world import CONTEXT, NEW_PASSWORD, PASSWORD, TENANT, World

MFA = {"encryption_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "issuer": "Acme"}
STRANGER = LoginInput(email=ZOE, password=PASSWORD, tenant_id=TENANT)


def deployment(provider: InMemoryOAuthProvider, **overrides: Any) -> World:
    """Addresses are not verified here, so that a stranger can do the most with one."""
    options = {"mfa": MFA, "sessions": {"enabled": True}, "email_verification": {"required": False}}
    return world_of(provider, **{**options, **overrides})


async def squatted(world: World) -> AuthResult:
    """Zoe's address, registered by somebody else, who is signed in."""
    stranger = await world.engine.register(
        RegisterInput(email=ZOE, name="Stranger", password=PASSWORD, tenant_id=TENANT), CONTEXT
    )
    assert isinstance(stranger, AuthResult)
    await world.engine.drain()
    return stranger


async def refused(call: Awaitable[object], *expected: type[AuthError]) -> None:
    with pytest.raises(expected):
        await call


async def keeps_out(world: World, tokens: AuthResult) -> None:
    """Nothing that the stranger has is good for anything."""
    await refused(world.engine.login(STRANGER, CONTEXT), InvalidCredentials)
    await refused(world.engine.refresh(tokens.refresh_token, CONTEXT), RefreshTokenInvalid, TokenInvalid)
    await refused(world.engine.authenticate(tokens.access_token), TokenInvalid)


@pytest.fixture
def provider() -> InMemoryOAuthProvider:
    return InMemoryOAuthProvider()


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


async def sessions_of(world: World, user: AuthUser) -> tuple[Any, ...]:
    return tuple(await world.engine.list_sessions(user.id, tenant_id=TENANT))


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
    world = world_of(provider, careless, email_verification={"required": False})
    stranger = await signed_in(world, careless, provider_id="stranger", verified=False)
    assert isinstance(stranger, AuthResult)
    assert isinstance(await signed_in(world, provider), AuthResult)
    await keeps_out(world, stranger)
    await refused(signed_in(world, careless, provider_id="stranger", verified=False), OAuthEmailMismatch)
    await world.engine.aclose()


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
    await squatted(world)
    before = KEPT[why](await account_of(world))

    async def change(_number: int, name: str) -> None:
        if not meanwhile or name == "users.reclaim_with_oauth":
            world.users.replace(before)

    back = await returned(world, provider)
    if meanwhile:
        world.trace.before = change
    else:
        world.users.replace(before)
    with pytest.raises(OAuthEmailMismatch):
        await arrive(world, back)
    assert await account_of(world) == before
    await world.engine.aclose()


async def test_what_the_provider_does_not_assert_and_the_host_does_not_want_is_not_given_away(
    provider: InMemoryOAuthProvider,
) -> None:
    """Whoever types an address at a careless provider would get the account of it."""
    hooks = Doorkeeper()
    world = deployment(provider, hooks=hooks)
    stranger = await squatted(world)
    before = await account_of(world)
    with pytest.raises(OAuthEmailMismatch):
        await signed_in(world, provider, verified=False)
    hooks.decision = Create(reclaim=False)
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
    """One identity would have two accounts, and the stranger's would be emptied for nothing."""
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
        if name == "users.find_by_id":
            await world.users.remove(stranger.user.id, tenant_id=TENANT)

    back = await returned(world, provider)
    world.trace.before = delete
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    await world.engine.aclose()


async def steps_of(provider: InMemoryOAuthProvider) -> list[str]:
    """Everything that a reclamation asks for, in order."""
    world = deployment(provider)
    await squatted(world)
    back = await returned(world, provider)
    world.trace.clear()
    await arrive(world, back)
    await world.engine.aclose()
    return world.trace.calls


async def test_a_stranger_who_signs_in_at_any_step_is_out_at_the_end(
    provider: InMemoryOAuthProvider,
) -> None:
    """Of a sign-in and a reclamation at one moment, the sign-in would win."""
    steps = await steps_of(provider)
    assert steps.index("users.reclaim_with_oauth") > steps.index("sessions.revoke_all")
    for number in range(len(steps)):
        world = deployment(provider)
        await squatted(world)
        back = await returned(world, provider)
        got: list[AuthResult] = []

        async def sign_in(world: World = world, got: list[AuthResult] = got) -> None:
            try:
                result = await world.engine.login(STRANGER, CONTEXT)
            except InvalidCredentials:
                return
            assert isinstance(result, AuthResult)
            got.append(result)

        world.trace.clear()
        world.trace.before = once(number, sign_in)
        result = await arrive(world, back)
        world.trace.before = None
        assert isinstance(result, AuthResult), steps[number]
        for tokens in got:
            await keeps_out(world, tokens)
        await world.engine.authenticate(result.access_token)
        assert len(await sessions_of(world, await account_of(world))) == 1, steps[number]
        await world.engine.aclose()


async def test_a_sign_in_that_is_overtaken_at_any_step_lets_nobody_in(
    provider: InMemoryOAuthProvider,
) -> None:
    """A stranger whose password was proven just before would keep a session."""
    measured = deployment(provider)
    await squatted(measured)
    measured.trace.clear()
    await measured.engine.login(STRANGER, CONTEXT)
    steps = list(measured.trace.calls)
    await measured.engine.aclose()
    for number in range(len(steps)):
        world = deployment(provider)
        await squatted(world)
        back = await returned(world, provider)

        async def reclaim(world: World = world, back: Any = back) -> None:
            await arrive(world, back)

        world.trace.clear()
        world.trace.before = once(number, reclaim)
        try:
            tokens = await world.engine.login(STRANGER, CONTEXT)
        except InvalidCredentials:
            tokens = None
        world.trace.before = None
        if isinstance(tokens, AuthResult):
            await keeps_out(world, tokens)
        assert len(await sessions_of(world, await account_of(world))) == 1, steps[number]
        await world.engine.aclose()


async def test_a_failure_at_any_step_leaves_nobody_inside_with_the_owner(
    provider: InMemoryOAuthProvider,
) -> None:
    """An outage in the middle would leave the stranger signed in to an account that is the owner's."""
    steps = await steps_of(provider)
    for number, name in enumerate(steps):
        world = deployment(provider)
        stranger = await squatted(world)
        back = await returned(world, provider)
        world.trace.clear()
        world.trace.before = failing_at(number, StoreUnavailable)
        with contextlib.suppress(InternalError):
            await arrive(world, back)
        world.trace.before = None
        if (await account_of(world)).email_verified:
            await keeps_out(world, stranger)
        assert isinstance(await signed_in(world, provider), AuthResult), name
        await keeps_out(world, stranger)
        await world.engine.aclose()
