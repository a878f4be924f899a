"""Sign-in with a provider: what the host decides, and the account that it leads to."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel

from bymax_auth.errors import (
    AccountBanned,
    AuthError,
    EmailNotVerified,
    OAuthEmailMismatch,
    OAuthFailed,
    RepositoryConflict,
    RepositoryValueRefused,
)
from bymax_auth.ports.events import HookFailed, InternalFailure, LoginChallenged, OAuthProviderFailed
from bymax_auth.ports.hooks import Allow, Create, Link, Reject
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.account import AuthUser, CreateWithOAuthData
from bymax_auth.types.oauth import OAuthProfile
from bymax_auth.types.results import AuthResult, MfaChallengeResult
from tests.integration.flows.strangers import (
    ZOE,
    Doorkeeper,
    account_of,
    arrive,
    returned,
    signed_in,
    world_of,
)
from tests.integration.flows.world import EMAIL, TENANT, World, build_world

MFA = {"encryption_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "issuer": "Acme"}


@pytest.fixture
async def world(provider: InMemoryOAuthProvider) -> AsyncIterator[World]:
    ready = world_of(provider)
    yield ready
    await ready.engine.aclose()


async def known(world: World, provider: InMemoryOAuthProvider) -> AuthUser:
    """Zoe's account, after her first sign-in."""
    await signed_in(world, provider)
    return await account_of(world)


# ── the hook ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_without_a_host_that_decides_everybody_is_refused(provider: InMemoryOAuthProvider) -> None:
    """An account at a provider is no right to one here."""
    world = build_world(oauth_providers=(provider,))
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider)
    assert await world.users.find_by_email(ZOE, tenant_id=TENANT) is None
    await world.engine.aclose()


@pytest.mark.parametrize(
    ("decision", "event"),
    [
        (Reject("not a customer"), None),
        (Allow(), HookFailed(origin="on_oauth_login", exception="Allow")),
        (True, HookFailed(origin="on_oauth_login", exception="bool")),
        (RuntimeError("hunter2"), HookFailed(origin="on_oauth_login", exception="RuntimeError")),
        (AccountBanned(), None),
    ],
    ids=["rejects", "answers registration", "answers nonsense", "fails", "raises a refusal"],
)
async def test_a_hook_that_does_not_let_somebody_in_keeps_them_out(
    world: World, provider: InMemoryOAuthProvider, decision: Any, event: HookFailed | None
) -> None:
    """A host whose check is broken would let everybody in."""
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = decision
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider)
    assert world.events.of(HookFailed) == ([] if event is None else [event])
    assert await world.users.find_by_email(ZOE, tenant_id=TENANT) is None


async def test_the_hook_sees_who_comes_and_which_account_has_the_identity(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A host could not tell a new person from a known one, or would see secrets."""
    await signed_in(world, provider, "  ZOE@Example.com ")
    await signed_in(world, provider, ZOE)
    (first, second) = world.hooks.of("on_oauth_login")
    zoe = await account_of(world)
    profile = OAuthProfile(provider="memory", provider_id="1234", email=ZOE, email_verified=True)
    assert (first[0], first[1], second[0]) == (profile, None, profile)
    assert (second[1].id, second[2].user_id, second[2].email) == (zoe.id, zoe.id, ZOE)
    assert (first[2].user_id, first[2].email, first[2].tenant_id) == (None, ZOE, TENANT)
    assert not hasattr(second[1], "password_hash")


# ── create ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_host_may_choose_role_and_status_of_a_new_account(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """Everybody of a company's own directory would start as a guest."""
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = Create(role="ADMIN", status="ACTIVE")
    result = await signed_in(world, provider)
    assert isinstance(result, AuthResult)
    assert (result.user.role, result.user.status) == ("ADMIN", "ACTIVE")


@pytest.mark.parametrize("wrong", [{"role": ""}, {"status": "\n"}, {"role": "r" * 65}])
def test_no_account_is_created_with_a_role_that_no_token_can_carry(wrong: dict[str, str]) -> None:
    """Its owner could sign in, and would be refused everywhere."""
    with pytest.raises(ValueError, match="1 to 64 printable"):
        Create(**wrong)
    with pytest.raises(TypeError):
        Create(role=1)  # type: ignore[arg-type]


async def test_a_verified_account_of_the_same_address_is_not_entered(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """Whoever gets an address at a provider would own the account that has it here."""
    before = await account_of(world, EMAIL)
    for verified in (True, False):
        with pytest.raises(OAuthEmailMismatch):
            await signed_in(world, provider, "ANA@example.com", verified=verified)
    assert await account_of(world, EMAIL) == before


async def test_a_known_person_is_not_created_again(world: World, provider: InMemoryOAuthProvider) -> None:
    """A host that always creates would make an account of each new address of one person."""
    zoe = await known(world, provider)
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = Create()
    for email in (ZOE, "zoe@new.example"):
        with pytest.raises(OAuthEmailMismatch):
            await signed_in(world, provider, email)
    assert await world.users.find_by_oauth_id("memory", "1234", tenant_id=TENANT) == await account_of(world)
    assert (await account_of(world)).id == zoe.id


class Faster(InMemoryUserRepository):
    """Somebody else takes the address between the look-up and the creation."""

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        raise RepositoryConflict

    @classmethod
    def over(cls, _rows: Any) -> "Faster":
        return cls()


async def test_an_address_that_was_taken_meanwhile_is_a_conflict(provider: InMemoryOAuthProvider) -> None:
    """The browser would see an error of the server."""
    world = world_of(provider, users=Faster.over)
    with pytest.raises(OAuthEmailMismatch):
        await signed_in(world, provider)
    assert world.events.of(InternalFailure) == []
    await world.engine.aclose()


class Narrow(InMemoryUserRepository):
    """A host whose columns are narrow."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        raise RepositoryValueRefused(self._field, "must be at most 5 characters")


@pytest.mark.parametrize("field", ["name", "email", "oauthProvider", "oauthProviderId"])
async def test_what_a_provider_says_and_no_column_holds_refuses_the_sign_in(
    provider: InMemoryOAuthProvider, field: str
) -> None:
    """A long name would be an error of the server, each time."""
    world = world_of(provider, users=lambda _rows: Narrow(field))
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider)
    assert world.events.of(OAuthProviderFailed) == [OAuthProviderFailed(provider="memory", kind="decode")]
    await world.engine.aclose()


async def test_what_the_host_says_and_no_column_holds_is_the_hosts_mistake(
    provider: InMemoryOAuthProvider,
) -> None:
    """A status that the table does not know would be told to nobody."""
    world = world_of(provider, users=lambda _rows: Narrow("status"))
    with pytest.raises(RepositoryValueRefused):
        await signed_in(world, provider)
    await world.engine.aclose()


class Profile(BaseModel):
    company: str


async def test_the_host_gives_the_profile_of_a_new_account(provider: InMemoryOAuthProvider) -> None:
    """A model with a required field would keep everybody out, or be stored without it."""
    hooks = Doorkeeper(Create(profile=Profile(company="Acme")))
    world = world_of(provider, hooks=hooks, profile=Profile)
    await signed_in(world, provider)
    assert (await account_of(world)).profile == Profile(company="Acme")
    hooks.decision = Create()
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider, "eve@example.com", provider_id="5")
    assert world.events.of(HookFailed) == [HookFailed(origin="on_oauth_login", exception="ValidationFailed")]
    await world.engine.aclose()


# ── link ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_known_identity_signs_in_to_its_account_whatever_its_address_is_now(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """An address that a person has given up must not lock them out, nor let its next owner in."""
    zoe = await known(world, provider)
    result = await signed_in(world, provider, "zoe@new.example")
    assert isinstance(result, AuthResult)
    assert (result.user.id, result.user.email) == (zoe.id, ZOE)
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = Create()
    with pytest.raises(OAuthEmailMismatch):
        await signed_in(world, provider, ZOE, provider_id="the next owner")


async def test_an_account_that_was_found_by_its_address_cannot_be_linked(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A host's one-line hook would hand over every account whose address a provider says."""
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = Link()
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider, EMAIL)
    assert (await account_of(world, EMAIL)).oauth_provider is None


# ── what an account must be ──────────────────────────────────────────────────────────────────────────────


async def test_a_blocked_account_is_told_so_and_gets_no_session(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A ban would hold for the password alone."""
    zoe = await known(world, provider)
    world.users.replace(dataclasses.replace(zoe, status="BANNED"))
    with pytest.raises(AccountBanned):
        await signed_in(world, provider)
    assert len(await world.engine.list_sessions(zoe.id, tenant_id=TENANT)) == 1


async def test_a_new_account_that_waits_for_approval_gets_no_session(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """The host's approval would be decoration."""
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = Create(status="SUSPENDED")
    with pytest.raises(AuthError) as refused:
        await signed_in(world, provider)
    assert refused.value.code == "auth.account_suspended"
    assert (await account_of(world)).status == "SUSPENDED"


@pytest.mark.parametrize("required", [True, False])
async def test_an_address_that_the_provider_has_not_verified_is_not_promoted(
    provider: InMemoryOAuthProvider, required: bool
) -> None:
    """Somebody who typed another's address at a careless provider would have a verified account of it."""
    world = world_of(provider, email_verification={"required": required})
    if required:
        with pytest.raises(EmailNotVerified):
            await signed_in(world, provider, verified=False)
    else:
        assert isinstance(await signed_in(world, provider, verified=False), AuthResult)
    assert (await account_of(world)).email_verified is False
    await world.engine.aclose()


async def test_a_second_factor_is_asked_for(provider: InMemoryOAuthProvider) -> None:
    """Whoever has somebody's account at the provider would have this one too."""
    world = world_of(provider, mfa=MFA)
    zoe = await known(world, provider)
    world.users.replace(dataclasses.replace(zoe, mfa_enabled=True, mfa_secret="sealed"))
    world.hooks.told.clear()
    challenge = await signed_in(world, provider)
    assert isinstance(challenge, MfaChallengeResult)
    assert world.events.of(LoginChallenged) == [LoginChallenged(user_id=zoe.id, tenant_id=TENANT)]
    assert "after_login" not in world.hooks.names
    assert len(await world.engine.list_sessions(zoe.id, tenant_id=TENANT)) == 1
    await world.engine.aclose()


# ── what happens meanwhile ───────────────────────────────────────────────────────────────────────────────


async def test_sessions_that_are_ended_meanwhile_stay_ended(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A sign-in in progress would survive what its owner does to end all of them."""
    zoe = await known(world, provider)

    async def end(_number: int, name: str) -> None:
        if name == "sessions.create":
            world.trace.before = None
            await world.engine.revoke_all_sessions(zoe.id, tenant_id=TENANT)

    back = await returned(world, provider)
    world.trace.before = end
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    assert not await world.engine.list_sessions(zoe.id, tenant_id=TENANT)


async def test_a_new_person_whose_id_had_an_epoch_is_signed_in_with_it(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A database that gives the id of a deleted account again would refuse the first sign-in."""

    async def end(_number: int, name: str) -> None:
        if name == "sessions.create":
            world.trace.before = None
            await world.engine.revoke_all_sessions((await account_of(world)).id, tenant_id=TENANT)

    back = await returned(world, provider)
    world.trace.before = end
    result = await arrive(world, back)
    assert isinstance(result, AuthResult)
    await world.engine.authenticate(result.access_token)


@pytest.mark.parametrize("change", [{"oauth_provider": None, "oauth_provider_id": None}, None, {"id": "u9"}])
async def test_an_identity_that_is_taken_away_meanwhile_signs_nobody_in(
    world: World, provider: InMemoryOAuthProvider, change: dict[str, Any] | None
) -> None:
    """Somebody who unlinks a stolen account at the provider would let the thief in at the same moment."""
    zoe = await known(world, provider)

    async def unlink(_number: int, name: str) -> None:
        if name == "revocation.current_epoch":
            world.trace.before = None
            if change is None or "id" in change:
                assert await world.users.remove(zoe.id, tenant_id=TENANT)
            if change is not None:
                changed = dataclasses.replace(zoe, **change)
                (world.users.add if "id" in change else world.users.replace)(changed)

    back = await returned(world, provider)
    world.trace.before = unlink
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    assert len(await world.engine.list_sessions(zoe.id, tenant_id=TENANT)) == 1
