"""What was ended stays ended, whatever is presented afterwards (I-22, I-23)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import AuthError
from bymax_auth.types.identity import Realm
from tests.integration.flows.journeys import BUILD
from tests.integration.flows.world import CONTEXT, NEW_PASSWORD, PASSWORD, RealmView, World, build_world


class Login:
    """A sign-in whose first reply to a refresh was lost: `old` is inside its grace, `new` is live."""

    def __init__(self, world: World, view: RealmView, old: Any, new: Any) -> None:
        self.world, self.view, self.old, self.new = world, view, old, new

    @property
    def named(self) -> dict[str, Any]:
        return {} if self.view.tenant_id is None else {"tenant_id": self.view.tenant_id}


async def sign_out(at: Login) -> None:
    await at.view.flows.logout(at.new.access_token, at.new.refresh_token)


async def sign_out_with_the_old_token(at: Login) -> None:
    await at.view.flows.logout(None, at.old.refresh_token)


async def end_every_session(at: Login) -> None:
    await at.view.flows.revoke_all_sessions(at.view.account_id, **at.named)


async def end_that_session(at: Login) -> None:
    hashed = sha256_hex(at.new.refresh_token)
    await at.world.engine.revoke_session(at.view.account_id, hashed, **at.named)


async def end_it_from_another_device(at: Login) -> None:
    other = await at.world.login(at.view.realm)
    await at.world.engine.revoke_other_sessions(
        at.view.account_id, **at.named, raw_refresh=other.refresh_token
    )


async def change_the_password_elsewhere(at: Login) -> None:
    await at.world.engine.change_password(
        at.view.account_id, **at.named, current_password=PASSWORD, new_password=NEW_PASSWORD
    )


async def replay_an_older_token(at: Login) -> None:
    """`new` is exchanged and its grace passes; presenting it again is theft, and ends the login."""
    newer = (await at.view.flows.refresh(at.new.refresh_token, CONTEXT)).tokens
    at.world.clock.advance(timedelta(seconds=31))
    with pytest.raises(AuthError):
        await at.view.flows.refresh(at.new.refresh_token, CONTEXT)
    at.old, at.new = at.new, newer


async def ban(at: Login) -> None:
    await at.world.change_account(at.view.realm, status="BANNED")
    with pytest.raises(AuthError):
        await at.view.flows.refresh(at.new.refresh_token, CONTEXT)
    await at.world.change_account(at.view.realm, status="ACTIVE")


End = Callable[[Login], Awaitable[None]]
ENDS: list[End] = [sign_out, sign_out_with_the_old_token, end_every_session, replay_an_older_token, ban]
ON_USERS: list[End] = [end_that_session, end_it_from_another_device, change_the_password_elsewhere]
CASES = [
    pytest.param(realm, end, id=f"{realm}-{end.__name__}")
    for realm in Realm
    for end in [*ENDS, *(ON_USERS if realm is Realm.DASHBOARD else [])]
]


@pytest.mark.parametrize(("realm", "end"), CASES)
async def test_a_token_inside_its_grace_brings_nothing_back(realm: Realm, end: End) -> None:
    """Whoever copied a token could reopen a session that its owner has just ended."""
    world = build_world(**BUILD)
    await world.change_account(realm, password_hash=f"plain:{PASSWORD}")
    view = world.realm(realm)
    born = await world.login(realm)
    at = Login(world, view, born, (await view.flows.refresh(born.refresh_token, CONTEXT)).tokens)
    await end(at)
    mine = await world.engine.stores.sessions.list(world.subject(realm))
    for _ in range(2):
        for pair in (at.old, at.new, born):
            with pytest.raises(AuthError):
                await view.flows.refresh(pair.refresh_token, CONTEXT)
    left = await world.engine.stores.sessions.list(world.subject(realm))
    assert [session.session_hash for session in left] == [session.session_hash for session in mine]
    assert len(left) == (1 if end is end_it_from_another_device else 0)
    await world.engine.aclose()


@pytest.mark.parametrize("realm", list(Realm))
async def test_without_an_end_the_same_token_leads_on(realm: Realm) -> None:
    """The test above must be able to fail: a lost reply is forgiven while the session lives."""
    world = build_world(**BUILD)
    await world.change_account(realm, password_hash=f"plain:{PASSWORD}")
    view = world.realm(realm)
    born = await world.login(realm)
    pairs = [(await view.flows.refresh(born.refresh_token, CONTEXT)).tokens for _ in range(3)]
    assert len({pair.refresh_token for pair in pairs}) == 1
    assert len(await world.engine.stores.sessions.list(world.subject(realm))) == 1
    await world.engine.aclose()
