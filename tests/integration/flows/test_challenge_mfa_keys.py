"""Secrets that the second step of a sign-in encrypts again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.ports.events import BackgroundTaskFailed
from bymax_auth.types.identity import Realm
from tests.integration.flows.factors import MFA, App, encryption_key, enrolled
from tests.integration.flows.world import RealmView, World

Worlds = Callable[..., World]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


@pytest.fixture
async def app(world: World, view: RealmView) -> App:
    """An account of either realm with a second factor."""
    return await enrolled(world, view.realm)


@pytest.mark.parametrize("kind", ["totp", "recovery"])
async def test_a_retired_key_drains_as_owners_sign_in(worlds: Worlds, realm: Realm, kind: str) -> None:
    """A key can leave the configuration once everybody has signed in."""
    old, new = encryption_key(), encryption_key()
    before = await enrolled(worlds(mfa={**MFA, "encryption_key": old}), realm)
    row = await before.world.account(realm)
    world = worlds(mfa={**MFA, "encryption_key": new, "previous_encryption_keys": [old]})
    (world.users if realm is Realm.DASHBOARD else world.admins).replace(row)
    app = App(world, world.realm(realm), before.secret, before.recovery_codes)
    await app.sign_in(app.code() if kind == "totp" else app.recovery_codes[0])
    await world.engine.drain()
    account = await world.account(realm)
    assert account.mfa_secret != row.mfa_secret
    assert len(account.mfa_recovery_codes) == 8 - (kind == "recovery")

    last = worlds(mfa={**MFA, "encryption_key": new})
    (last.users if realm is Realm.DASHBOARD else last.admins).replace(account)
    await replace_world(app, last).sign_in()


def replace_world(app: App, world: World) -> App:
    return replace(app, world=world, view=world.realm(app.view.realm))


@pytest.mark.parametrize("case", ["locked", "gone", "off", "another", "done", "unreadable"])
async def test_a_secret_is_encrypted_again_only_where_it_is_still_the_accounts(
    worlds: Worlds, case: str
) -> None:
    """The sign-in has passed whatever comes of it; the next one tries again."""
    old, new = encryption_key(), encryption_key()
    before = await enrolled(worlds(mfa={**MFA, "encryption_key": old}))
    row = await before.world.account(Realm.DASHBOARD)
    world = worlds(mfa={**MFA, "encryption_key": new, "previous_encryption_keys": [old]})
    world.users.replace(row)
    app = replace_world(before, world)
    subject, secrets = world.subject(), world.engine.mfa_setup.factor.secrets
    raw = secrets.open(subject, row.mfa_secret).raw
    secret_by_then: dict[str, Any] = {
        "off": {"mfa_enabled": False},
        "another": {"mfa_secret": secrets.seal(subject, b"x" * 20)},
        "done": {"mfa_secret": secrets.seal(subject, raw)},
        "unreadable": {"mfa_secret": "a:b:c"},
    }

    async def meanwhile(number: int, name: str) -> None:
        if name != "mfa.acquire_lock":
            return
        if case == "locked":
            await world.stores.mfa.acquire_lock(subject, "another", timedelta(seconds=10))
        elif case == "gone":
            world.users._rows.clear()
        else:
            await world.change_account(Realm.DASHBOARD, **secret_by_then[case])

    world.trace.before = meanwhile
    await app.sign_in()
    await world.engine.drain()
    assert world.trace.count("users.update_mfa") == 0
    assert world.events.of(BackgroundTaskFailed) == [], "it is nothing that an operator has to look at"


async def test_an_unbound_secret_is_bound_at_the_next_sign_in(worlds: Worlds, realm: Realm) -> None:
    """Where secrets are bound, an unbound one could be copied to another row."""
    key = encryption_key()
    before = await enrolled(worlds(mfa={**MFA, "encryption_key": key}), realm)
    world = worlds(mfa={**MFA, "encryption_key": key, "bind_secret_to_account": True})
    (world.users if realm is Realm.DASHBOARD else world.admins).replace(await before.world.account(realm))
    app = replace_world(before, world)
    await app.sign_in()
    await world.engine.drain()
    assert (await world.account(realm)).mfa_secret.startswith("v2:")
