"""Signing in with stored hashes that another configuration, keyboard or backend has made."""

from typing import Any

import pytest

from bymax_auth.errors import InvalidCredentials
from bymax_auth.types.identity import Realm
from tests.cheap import COST_OPTIONS
from tests.integration.flows.world import (
    CONTEXT,
    NEW_PASSWORD,
    PASSWORD,
    RealmView,
    World,
    stored_hash,
)


async def test_a_weak_hash_is_replaced_behind_the_answer(world: World, view: RealmView) -> None:
    """Raising the cost must reach accounts as their owners sign in."""
    weak = stored_hash(log2_n=12)
    await world.change_account(view.realm, password_hash=weak)
    await view.flows.login(view.credentials(), CONTEXT)
    await world.engine.drain()
    renewed = (await world.account(view.realm)).password_hash
    assert renewed != weak
    assert "ln=14" in renewed
    await view.flows.login(view.credentials(), CONTEXT)


async def test_a_rehash_does_not_undo_a_reset(world: World, view: RealmView) -> None:
    """A password replaced while its old hash was being renewed must stay replaced."""
    await world.change_account(view.realm, password_hash=stored_hash(log2_n=12))
    repository = "users" if view.realm is Realm.DASHBOARD else "admins"
    other = stored_hash(NEW_PASSWORD)

    async def reset_first(_number: int, name: str) -> None:
        if name == f"{repository}.update_password":
            await world.change_account(view.realm, password_hash=other)

    world.trace.before = reset_first
    await view.flows.login(view.credentials(), CONTEXT)
    await world.engine.drain()
    assert (await world.account(view.realm)).password_hash == other


async def test_a_hash_that_another_sign_in_renewed_meanwhile_is_no_other_password(
    world: World, view: RealmView
) -> None:
    """Two devices that sign in together after the cost was raised must both get in."""
    await world.change_account(view.realm, password_hash=stored_hash(log2_n=12))

    async def renew(_number: int, name: str) -> None:
        if name == "revocation.current_epoch":
            await world.change_account(view.realm, password_hash=stored_hash())

    world.trace.before = renew
    await view.flows.login(view.credentials(), CONTEXT)
    await world.engine.drain()
    assert await world.live_sessions(view.realm) == 1
    assert (await world.account(view.realm)).password_hash == stored_hash()


async def test_a_host_may_turn_renewal_off(worlds: Any) -> None:
    """A host that shares hashes with an older system must keep them."""
    world = worlds(password={"scrypt": COST_OPTIONS, "rehash_on_verify": False})
    weak = stored_hash(log2_n=12)
    await world.change_account(Realm.DASHBOARD, password_hash=weak)
    await world.login()
    await world.engine.drain()
    assert (await world.account(Realm.DASHBOARD)).password_hash == weak


SET_AS, TYPED_AS = "\u00e1gua mole em pedra dura", "a\u0301gua mole em pedra dura"


@pytest.mark.parametrize(("chosen", "typed"), [(SET_AS, TYPED_AS), (TYPED_AS, SET_AS)], ids=["nfc", "nfd"])
async def test_a_password_that_is_set_on_one_keyboard_is_typed_on_another(
    world: World, chosen: str, typed: str
) -> None:
    """Somebody who changed a password on Windows must get in from a Mac, and the reverse."""
    engine = world.engine
    await engine.change_password("u1", tenant_id="acme", current_password=PASSWORD, new_password=chosen)
    for text in (chosen, typed):
        await engine.login(world.realm(Realm.DASHBOARD).credentials(text), CONTEXT)


async def test_a_password_that_was_hashed_as_sent_is_hashed_anew(world: World, view: RealmView) -> None:
    """An account that a sibling backend created on a Mac must work on every keyboard from then on."""
    await world.change_account(view.realm, password_hash=stored_hash(TYPED_AS))
    with pytest.raises(InvalidCredentials):
        await view.flows.login(view.credentials(SET_AS), CONTEXT)
    await view.flows.login(view.credentials(TYPED_AS), CONTEXT)
    await world.engine.drain()
    await view.flows.login(view.credentials(SET_AS), CONTEXT)
    await view.flows.login(view.credentials(TYPED_AS), CONTEXT)
