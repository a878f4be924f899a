"""Whom an access token speaks for, and what its holder may read of the account."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.errors import (
    PlatformAuthRequired,
    StoreUnavailable,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
    TokenSignatureInvalid,
)
from bymax_auth.types.account import OwnAccount, SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.integration.flows.world import CONTEXT, RealmView, World


def refusal(realm: Realm, reason: type[TokenInvalid]) -> type[Exception]:
    """What each realm answers: users a reason for the logs, operators one word."""
    return reason if realm is Realm.DASHBOARD else PlatformAuthRequired


async def test_a_token_speaks_for_its_account(world: World, view: RealmView) -> None:
    """A request must be made in the name of whoever signed in."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    proven = await view.flows.authenticate(born.access_token)
    assert (proven.claims.sub, proven.status) == (view.account_id, None)
    assert proven.claims.type == view.realm.value


async def test_the_cached_status_comes_along(world: World) -> None:
    """A status gate behind the check must not ask the store again."""
    born = await world.login()
    await world.engine.assert_user_active("u1", tenant_id="acme")
    await world.engine.drain()
    proven = await world.engine.authenticate(born.access_token)
    assert proven.status == CachedStatus("ACTIVE", email_verified=True)


async def test_an_expired_token_is_refused(world: World, view: RealmView) -> None:
    """A token that leaked long ago must be worthless."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    world.clock.advance(timedelta(minutes=15))
    with pytest.raises(refusal(view.realm, TokenExpired)):
        await view.flows.authenticate(born.access_token)


async def test_a_forged_token_is_refused_unread(world: World, view: RealmView) -> None:
    """Anybody can write a token; only the server can sign one."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    world.trace.clear()
    forged = born.access_token.rpartition(".")[0] + "." + "A" * 43
    with pytest.raises(refusal(view.realm, TokenSignatureInvalid)) as refused:
        await view.flows.authenticate(forged)
    assert refused.value.__cause__ is None
    assert world.trace.calls == []


async def test_a_token_of_the_other_realm_is_refused(world: World) -> None:
    """A user must not become an operator by sending the same token elsewhere, nor the reverse."""
    user, admin = await world.login(), await world.login(Realm.PLATFORM)
    with pytest.raises(PlatformAuthRequired):
        await world.engine.platform.authenticate(user.access_token)
    with pytest.raises(TokenInvalid):
        await world.engine.authenticate(admin.access_token)


async def test_a_token_older_than_the_epoch_is_refused(world: World, view: RealmView) -> None:
    """Ending every session must end what is already in flight."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.revoke_all_sessions(view.account_id, tenant_id=view.tenant_id)
    with pytest.raises(refusal(view.realm, TokenRevoked)):
        await view.flows.authenticate(born.access_token)


async def test_a_token_of_the_current_epoch_is_good_however_high_that_is(
    world: World, view: RealmView
) -> None:
    """Somebody whose sessions were ended a few hundred times could never be signed in again."""
    for _ in range(300):
        await world.stores.revocation.bump_epoch(world.subject(view.realm))
    born = await view.flows.login(view.credentials(), CONTEXT)
    assert (await view.flows.authenticate(born.access_token)).claims.epoch == 300


async def test_only_a_lower_epoch_than_the_stored_one_is_revoked(
    worlds: Callable[..., World], realm: Realm
) -> None:
    """A store that starts anew would sign everybody out who had ever ended their sessions."""
    before, after = worlds(), worlds()
    await before.stores.revocation.bump_epoch(before.subject(realm))
    born = await before.login(realm)
    assert (await after.realm(realm).flows.authenticate(born.access_token)).claims.epoch == 1


async def test_an_outage_is_not_an_answer_about_the_caller(world: World, view: RealmView) -> None:
    """During an outage nobody is signed out, and nobody is let in."""
    born = await view.flows.login(view.credentials(), CONTEXT)

    async def fail(_number: int, _name: str) -> None:
        raise StoreUnavailable

    world.trace.before = fail
    with pytest.raises(StoreUnavailable):
        await view.flows.authenticate(born.access_token)


async def test_me_is_the_account_without_its_secrets(world: World, view: RealmView) -> None:
    """A client must see who is signed in, and nothing that must stay on the server."""
    shown = await view.flows.me(view.account_id, tenant_id=view.tenant_id)
    assert shown.id == view.account_id
    assert "password_hash" not in shown.model_dump()


async def test_me_needs_no_tenant_on_the_platform(world: World) -> None:
    """Operators have none."""
    assert (await world.engine.platform.me("a1")).id == "a1"


async def test_a_blocked_account_may_read_why(world: World, view: RealmView) -> None:
    """A suspended person must be shown that they are suspended."""
    await world.change_account(view.realm, status="SUSPENDED")
    assert (await view.flows.me(view.account_id, tenant_id=view.tenant_id)).status == "SUSPENDED"


async def test_a_missing_account_has_nothing_to_read(world: World, view: RealmView) -> None:
    """A deleted account's token must not show somebody else's data."""
    with pytest.raises(TokenInvalid):
        await view.flows.me("nobody", tenant_id=view.tenant_id)


async def test_an_account_has_a_profile_only_where_the_host_has_a_model_of_it(world: World) -> None:
    """A front end must not find a member that the host's documentation does not name."""
    without = await world.engine.me("u1", tenant_id="acme")
    shows_profiles = replace(world.engine.me, shows_profile=True)
    with_profile = await shows_profiles("u1", tenant_id="acme")

    assert type(without) is SafeAuthUser
    assert type(with_profile) is OwnAccount
    assert with_profile.profile is None


async def test_an_administrator_is_shown_without_a_profile(world: World) -> None:
    """The host's model describes its users."""
    shows_profiles = replace(world.engine.platform.me, shows_profile=True)

    assert type(await shows_profiles("a1")) is SafeAuthPlatformUser
