"""Identities of providers are linked by their owner, and by nobody else."""

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    AccountBanned,
    AccountLocked,
    AuthError,
    EmailNotVerified,
    InvalidCredentials,
    OAuthEmailMismatch,
    OAuthFailed,
    ReauthenticationRequired,
    RepositoryValueRefused,
    SessionNotFound,
    TokenInvalid,
)
from bymax_auth.ports.events import (
    IdentityLinked,
    IdentityLinkStale,
    IdentityNotRecent,
    IdentityReauthenticationLocked,
    IdentityReauthenticationRefused,
    OAuthProviderFailed,
)
from bymax_auth.ports.hooks import AuthHooks
from bymax_auth.ports.one_time import OAUTH_LINK, OAUTH_STATE
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.identity import Realm
from bymax_auth.types.results import AuthResult, IdentityInfo
from tests.integration.flows.owners import (
    ELSEWHERE,
    ENDS,
    ana,
    begun,
    identities,
    linked,
    opened,
    opened_by,
    world_with,
)
from tests.integration.flows.strangers import ZOE, Doorkeeper, Return, account_of, arrive, signed_in
from tests.integration.flows.world import ANA, CONTEXT, PASSWORD, TENANT, WRONG_PASSWORD, World

STALE = IdentityLinkStale(user_id="u1", tenant_id=TENANT, provider="memory")


@pytest.fixture
def other() -> InMemoryOAuthProvider:
    return InMemoryOAuthProvider("other", uses_form_post=True)


@pytest.fixture
async def world(provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider) -> AsyncIterator[World]:
    ready = world_with(provider, other)
    yield ready
    await ready.engine.aclose()


# ── the whole way ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_linked_identity_signs_its_owner_in(world: World, provider: InMemoryOAuthProvider) -> None:
    """Somebody would add a provider, and get another account by it."""
    session = await opened(world)
    assert await identities(world) == []
    identity = await linked(world, session, provider)
    assert (identity.provider, identity.provider_id) == ("memory", "1234")
    assert identity.linked_at == world.clock.now()
    assert re.fullmatch("[0-9a-f]{32}", identity.id)
    assert await world.engine.list_identities(ANA.id, tenant_id=TENANT) == (identity,)
    result = await signed_in(world, provider, ELSEWHERE)
    assert isinstance(result, AuthResult)
    assert result.user.id == ANA.id


async def test_after_login_names_the_address_of_the_account(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """An address that nobody has verified would be logged, or mailed to, as that of somebody else."""
    await linked(world, await opened(world), provider)
    await signed_in(world, provider, ZOE, verified=False)
    (user, about) = world.hooks.of("after_login")[-1]
    assert (user.email, about.user_id, about.email) == (ANA.email, ANA.id, ANA.email)


async def test_host_and_log_are_told_of_a_link(world: World, provider: InMemoryOAuthProvider) -> None:
    """The owner of a hijacked session could not be warned."""
    session = await opened(world)
    for _ in range(2):  # the second time it is no news
        await linked(world, session, provider)
    assert world.events.of(IdentityLinked) == [
        IdentityLinked(user_id="u1", tenant_id=TENANT, provider="memory")
    ]
    [(user, profile, about)] = world.hooks.of("after_identity_linked")
    assert (user.id, profile.provider_id, profile.email) == ("u1", "1234", ELSEWHERE)
    assert (about.user_id, about.tenant_id, about.ip) == ("u1", TENANT, CONTEXT.ip)
    assert not hasattr(user, "password_hash")
    assert world.hooks.of("on_oauth_login") == []


async def test_several_identities_lead_to_one_account(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """The second would take the place of the first."""
    session = await opened(world)
    await linked(world, session, provider)
    back = await begun(world, session, other, provider_id="99")
    await world.engine.oauth_form_post("other", state=back.state, user='{"name":"Ana"}')
    assert isinstance(await arrive(world, back, "other"), IdentityInfo)
    assert other.callbacks[-1].user == '{"name":"Ana"}'
    assert await identities(world) == [("memory", "1234"), ("other", "99")]
    for name, person in ((provider, "1234"), (other, "99")):
        result = await signed_in(world, name, provider_id=person)
        assert isinstance(result, AuthResult)
        assert result.user.id == ANA.id


# ── who may begin ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_link_is_begun_with_the_password(world: World, provider: InMemoryOAuthProvider) -> None:
    """Whoever finds an unlocked browser would add a way in that survives a new password."""
    session = await opened(world)
    world.trace.clear()
    for wrong in (None, WRONG_PASSWORD):
        with pytest.raises(InvalidCredentials):
            await begun(world, session, provider, password=wrong)
    assert world.trace.count("proofs.put") == 0
    [refused, _] = world.events.of(IdentityReauthenticationRefused)
    assert (refused.user_id, refused.flow) == ("u1", "identity-change")
    for _ in range(3):
        with pytest.raises(InvalidCredentials):
            await begun(world, session, provider, password=WRONG_PASSWORD)
    with pytest.raises(AccountLocked):
        await begun(world, session, provider)
    assert len(world.events.of(IdentityReauthenticationLocked)) == 1
    await world.engine.unlock_account("ana@example.com", tenant_id=TENANT)
    await begun(world, session, provider)


async def test_without_a_password_the_sign_in_must_be_recent(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A session that was stolen long after the sign-in would be good for a way in of its own."""
    session = await opened(world)
    world.users.replace(dataclasses.replace(await ana(world), password_hash=None))
    back = await begun(world, session, provider, password=None)
    assert isinstance(await arrive(world, back), IdentityInfo)
    world.clock.advance(timedelta(minutes=6))
    with pytest.raises(ReauthenticationRequired):
        await begun(world, session, provider, password=None)
    assert world.events.of(IdentityNotRecent) == [IdentityNotRecent(user_id="u1", tenant_id=TENANT)]


@pytest.mark.parametrize("name", ["", "google", "Memory", "../memory", "identities"])
async def test_nobody_is_sent_to_an_unknown_provider(world: World, name: str) -> None:
    """A name that is not registered must cost nothing."""
    session = await opened(world)
    world.trace.clear()
    with pytest.raises(OAuthFailed):
        await begun(world, session, InMemoryOAuthProvider(name))
    assert world.trace.calls == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "BANNED"}, AccountBanned),
        ({"email_verified": False}, EmailNotVerified),
        (None, TokenInvalid),
    ],
)
async def test_an_account_that_is_not_its_owners_beyond_doubt_links_nothing(
    world: World, provider: InMemoryOAuthProvider, changes: dict[str, Any] | None, refusal: type[AuthError]
) -> None:
    """Who registers a stranger's address would keep a way in after the stranger has reset the password."""
    session = await opened(world)
    late = await begun(world, session, provider)
    if changes is None:
        assert await world.users.remove(ANA.id, tenant_id=TENANT)
    else:
        world.users.replace(dataclasses.replace(await ana(world), **changes))
    with pytest.raises(refusal):
        await begun(world, session, provider)
    with pytest.raises(OAuthFailed if changes is None else refusal):
        await arrive(world, late)
    assert await identities(world) == []


@pytest.mark.parametrize("token", [None, "", "a" * 64, "no token"])
async def test_a_link_needs_the_session_that_begins_it(
    world: World, provider: InMemoryOAuthProvider, token: str | None
) -> None:
    """A link that is bound to no login would go on after its owner has signed out."""
    with pytest.raises(SessionNotFound):
        await world.engine.link_identity(
            ANA.id, "memory", tenant_id=TENANT, current_refresh=token, password=PASSWORD
        )
    zoe = await signed_in(world, provider)
    assert isinstance(zoe, AuthResult)
    with pytest.raises(SessionNotFound):
        await begun(world, zoe, provider)


# By whatever order ids are compared, somebody else's comes before Ana's or after it.
SOMEBODY_ELSE = pytest.mark.parametrize(
    ("user_id", "tenant_id"), [("u0", TENANT), ("u2", TENANT), (ANA.id, "abel"), (ANA.id, "zeta")]
)


@SOMEBODY_ELSE
async def test_a_link_is_begun_with_nobody_elses_session(
    world: World, provider: InMemoryOAuthProvider, user_id: str, tenant_id: str
) -> None:
    """A link would be bound to a login that its owner cannot end."""
    theirs = await opened_by(world, user_id, tenant_id)
    with pytest.raises(SessionNotFound):
        await begun(world, theirs, provider)


@SOMEBODY_ELSE
async def test_a_link_is_finished_with_nobody_elses_session(
    world: World, provider: InMemoryOAuthProvider, user_id: str, tenant_id: str
) -> None:
    """Whoever signs in at a shared computer would add an account at the provider to Ana's."""
    back = await begun(world, await opened(world), provider)
    theirs = await opened_by(world, user_id, tenant_id)
    with pytest.raises(OAuthFailed):
        await arrive(world, back, access_token=theirs.access_token)
    assert await identities(world) == []


# ── the return ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_renewed_session_is_the_same_login(world: World, provider: InMemoryOAuthProvider) -> None:
    """A person whose other tab renews the session would have to begin again."""
    session = await opened(world)
    back = await begun(world, session, provider)
    await world.engine.refresh(session.refresh_token, CONTEXT)
    assert isinstance(await arrive(world, back), IdentityInfo)


@pytest.mark.parametrize("end", ENDS)
async def test_a_link_ends_with_what_it_was_begun_with(
    world: World, provider: InMemoryOAuthProvider, end: str
) -> None:
    """A thief who is thrown out would come back by a provider a minute later."""
    session = await opened(world)
    back = await begun(world, session, provider)
    await ENDS[end](world, session)
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    assert await identities(world) == []
    assert world.events.of(IdentityLinkStale) == [STALE]
    assert "before_identity_linked" not in world.hooks.names


async def test_a_browser_in_which_somebody_else_has_signed_in_links_nothing(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """Zoe, at a shared computer, would add her account at the provider to Ana's."""
    session = await opened(world)
    zoe = await signed_in(world, provider, provider_id="zoe")
    assert isinstance(zoe, AuthResult)
    admin: Any = await world.engine.platform.login(world.realm(Realm.PLATFORM).credentials(), CONTEXT)
    callbacks = len(provider.callbacks)
    for token in (zoe.access_token, admin.access_token, "", "a.b.c", session.access_token[:-2]):
        back = await begun(world, session, provider)
        with pytest.raises(OAuthFailed):
            await arrive(world, back, access_token=token)
    assert len(provider.callbacks) == callbacks
    assert world.events.of(IdentityLinkStale) == [STALE] * 5
    assert await identities(world) == []
    back = await begun(world, session, provider)
    assert isinstance(await arrive(world, back, access_token=session.access_token), IdentityInfo)


BROKEN: dict[str, Callable[[Return], Return]] = {
    "no cookie": lambda back: dataclasses.replace(back, cookie=None),
    "another browser's cookie": lambda back: dataclasses.replace(back, cookie="a" * 64),
    "no token": lambda back: dataclasses.replace(back, state="x", cookie="x"),
}


@pytest.mark.parametrize("change", BROKEN)
async def test_another_browser_finishes_no_link(
    world: World, provider: InMemoryOAuthProvider, change: str
) -> None:
    """A thief would have their account at the provider linked by sending somebody an address."""
    back = await begun(world, await opened(world), provider)
    world.trace.clear()
    with pytest.raises(OAuthFailed):
        await arrive(world, BROKEN[change](back))
    assert world.trace.calls == []
    assert isinstance(await arrive(world, back), IdentityInfo)


async def test_a_link_is_used_once_and_for_its_provider(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """Whoever finds the address in the browser's history, or another provider, would add an identity."""
    session = await opened(world)
    used, misled, late = [await begun(world, session, provider) for _ in range(3)]
    outcomes = await asyncio.gather(*(arrive(world, used) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, IdentityInfo) for outcome in outcomes) == 1
    for name in ("other", "memory"):
        with pytest.raises(OAuthFailed):
            await arrive(world, misled, name)
    world.clock.advance(timedelta(minutes=10))
    with pytest.raises(OAuthFailed):
        await arrive(world, late)
    assert len(provider.callbacks) == 1
    assert other.callbacks == []


async def test_the_state_of_a_link_signs_nobody_in(world: World, provider: InMemoryOAuthProvider) -> None:
    """An application that shares the store would open a session with it."""
    back = await begun(world, await opened(world), provider)
    key = sha256_hex(back.state)
    assert await world.stores.proofs.read(OAUTH_STATE, key) is None
    kept = await world.stores.proofs.read(OAUTH_LINK, key)
    assert kept is not None
    assert (kept.user_id, kept.tenant_id, kept.provider) == ("u1", TENANT, "memory")
    await arrive(world, back)
    assert await world.live_sessions() == 1


async def test_an_identity_of_another_account_is_not_taken(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """One person would have two accounts, and a sign-in would pick either."""
    await signed_in(world, provider)
    back = await begun(world, await opened(world), provider)
    with pytest.raises(OAuthEmailMismatch):
        await arrive(world, back)
    assert await identities(world) == []
    assert await identities(world, (await account_of(world, ZOE)).id) == [("memory", "1234")]


@pytest.mark.parametrize("refusal", [RuntimeError("hunter2"), AccountBanned()])
async def test_the_host_may_refuse_an_identity(provider: InMemoryOAuthProvider, refusal: Exception) -> None:
    """A company could not keep private accounts out of its customers'."""

    class Strict(Doorkeeper):
        async def before_identity_linked(self, profile: Any, user: Any, context: Any) -> None:
            assert (profile.provider_id, user.id, context.user_id) == ("1234", "u1", "u1")
            raise refusal

    world = world_with(provider, hooks=Strict())
    with pytest.raises(OAuthFailed):
        await linked(world, await opened(world), provider)
    assert await identities(world) == []
    await world.engine.aclose()


async def test_a_host_without_hooks_refuses_nobody(provider: InMemoryOAuthProvider) -> None:
    """Linking would ask every host for a hook."""
    world = world_with(provider, hooks=AuthHooks())
    await linked(world, await opened(world), provider)
    assert await identities(world) == [("memory", "1234")]
    await world.engine.aclose()


async def test_an_identity_that_no_column_holds_is_refused(provider: InMemoryOAuthProvider) -> None:
    """A long identifier would be an error of the server, each time."""

    class Narrow(InMemoryUserRepository):
        async def link_oauth(self, *_arguments: Any, **_named: Any) -> Any:
            raise RepositoryValueRefused("oauthProviderId", "must be at most 5 characters")

    def narrow(rows: InMemoryUserRepository) -> InMemoryUserRepository:
        rows.__class__ = Narrow
        return rows

    world = world_with(provider, users=narrow)
    with pytest.raises(OAuthFailed):
        await linked(world, await opened(world), provider)
    assert world.events.of(OAuthProviderFailed) == [OAuthProviderFailed(provider="memory", kind="decode")]
    await world.engine.aclose()
