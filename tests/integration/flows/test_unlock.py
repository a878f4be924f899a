"""Lockouts, as an operator sees and ends them."""

import pytest

from bymax_auth.errors import AccountLocked, InvalidCredentials, ValidationFailed
from bymax_auth.ports.events import LockoutCleared
from bymax_auth.types.identity import Realm
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    RealmView,
    World,
)


async def lock(view: RealmView) -> None:
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)


async def test_a_lockout_is_seen_and_ended(world: World, view: RealmView) -> None:
    """Support must be able to help somebody who cannot wait a quarter of an hour."""
    assert await view.flows.is_account_locked(view.email, tenant_id=view.tenant_id) is False
    assert await view.flows.account_lockout_seconds(view.email, tenant_id=view.tenant_id) == 0
    await lock(view)
    assert await view.flows.is_account_locked(f" {view.email.upper()} ", tenant_id=view.tenant_id) is True
    seconds = await view.flows.account_lockout_seconds(view.email, tenant_id=view.tenant_id)
    assert 890 < seconds <= 900

    await view.flows.unlock_account(view.email.upper(), tenant_id=view.tenant_id)
    assert await view.flows.is_account_locked(view.email, tenant_id=view.tenant_id) is False
    await view.flows.login(view.credentials(), CONTEXT)
    cleared = world.events.last(LockoutCleared)
    assert (cleared.realm, "@" in cleared.masked_email, view.email in cleared.masked_email) == (
        view.realm,
        True,
        False,
    )


async def test_unlocking_covers_the_change_of_a_password(world: World) -> None:
    """Whoever mistyped the current password must not have to wait after support has helped."""
    change = {"tenant_id": TENANT, "new_password": NEW_PASSWORD}
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await world.engine.change_password("u1", current_password=WRONG_PASSWORD, **change)
    with pytest.raises(AccountLocked):
        await world.engine.change_password("u1", current_password=PASSWORD, **change)
    await world.engine.unlock_account(EMAIL, tenant_id=TENANT)
    await world.engine.change_password("u1", current_password=PASSWORD, **change)


async def test_an_address_without_an_account_is_unlocked_too(world: World, view: RealmView) -> None:
    """The answer must not depend on whether somebody has registered."""
    await view.flows.unlock_account("nobody@example.com", tenant_id=view.tenant_id)


async def test_unlocking_grants_nothing_else(world: World, view: RealmView) -> None:
    """Whoever asks support to unlock an account still needs its password."""
    await view.flows.unlock_account(view.email, tenant_id=view.tenant_id)
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    assert await world.live_sessions(view.realm) == 0


async def test_some_failures_are_no_lockout(world: World, view: RealmView) -> None:
    """A person who mistyped once must not be shown as locked out."""
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(WRONG_PASSWORD), CONTEXT)
    assert await view.flows.is_account_locked(view.email, tenant_id=view.tenant_id) is False
    assert await view.flows.account_lockout_seconds(view.email, tenant_id=view.tenant_id) == 0


async def test_the_realms_do_not_share_lockouts(world: World) -> None:
    """A user with an operator's address must not lock the operator, nor be unlocked with them."""
    await lock(world.realm(Realm.DASHBOARD))
    view = world.realm(Realm.DASHBOARD)
    assert await world.engine.platform.is_account_locked(view.email) is False
    await world.engine.platform.unlock_account(view.email)
    assert await world.engine.is_account_locked(view.email, tenant_id=view.tenant_id) is True


async def test_a_tenant_must_fit_the_realm(world: World) -> None:
    """An answer about the wrong counter would be worse than none."""
    with pytest.raises(ValidationFailed):
        await world.engine.unlock_account("ana@example.com")
    with pytest.raises(ValidationFailed):
        await world.engine.platform.is_account_locked("ops@example.com", tenant_id="acme")
