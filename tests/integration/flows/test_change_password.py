"""Changing a known password."""

import asyncio
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountLocked,
    AccountSuspended,
    InvalidCredentials,
    PasswordCompromised,
    RefreshTokenInvalid,
    TokenRevoked,
    ValidationFailed,
)
from bymax_auth.ports.events import PasswordChanged, ReauthenticationLocked, ReauthenticationRefused
from bymax_auth.types.identity import Realm
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    World,
    stored_hash,
)


async def change(world: World, **given: Any) -> None:
    request = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "tenant_id": TENANT, **given}
    await world.engine.change_password("u1", **request)


async def test_the_callers_session_lives_on_and_every_other_ends(world: World) -> None:
    """Whoever changes a password in fear must be rid of everybody else, and stay signed in."""
    mine, theirs = await world.login(), await world.login()
    await change(world, current_refresh=mine.refresh_token)
    await world.engine.drain()
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(theirs.refresh_token, CONTEXT)
    with pytest.raises(TokenRevoked):
        await world.engine.authenticate(mine.access_token)
    await world.engine.refresh(mine.refresh_token, CONTEXT)
    assert world.mail.last("password_changed").to == EMAIL
    assert world.events.last(PasswordChanged).user_id == "u1"
    with pytest.raises(InvalidCredentials):
        await world.login()


@pytest.mark.parametrize("token", [None, "garbage", "0" * 64])
async def test_without_a_live_session_to_spare_everything_ends(world: World, token: str | None) -> None:
    """A token that names nothing must not spare the thief's."""
    await world.login()
    await change(world, current_refresh=token)
    assert await world.live_sessions() == 0


@pytest.mark.parametrize("case", ["gone", "no password", "wrong password"])
async def test_whoever_cannot_prove_the_password_is_refused(world: World, case: str) -> None:
    """A stolen session must not be enough to take an account over."""
    born = await world.login()
    if case == "gone":
        world.users._rows.clear()
    elif case == "no password":
        await world.change_account(Realm.DASHBOARD, password_hash=None)
    with pytest.raises(InvalidCredentials):
        await change(world, current_password=WRONG_PASSWORD)
    assert world.trace.count("users.update_password") == 0
    await world.engine.authenticate(born.access_token)


async def test_a_blocked_account_changes_nothing(world: World) -> None:
    """A guard that remembers better days must be put right, too."""
    await world.change_account(Realm.DASHBOARD, status="SUSPENDED")
    with pytest.raises(AccountSuspended):
        await change(world)
    assert world.trace.calls[-1] == "revocation.forget_status"


async def test_wrong_passwords_lock_the_change_and_not_the_sign_in(world: World) -> None:
    """A thief with a session must not guess the password, nor lock the owner out."""
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await change(world, current_password=WRONG_PASSWORD)
    assert world.events.last(ReauthenticationRefused).flow == "change-password"
    with pytest.raises(AccountLocked):
        await change(world)
    assert world.events.last(ReauthenticationLocked).user_id == "u1"
    await world.login()


async def test_the_right_password_forgets_earlier_mistakes(world: World) -> None:
    """A typo last week must not count today."""
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await change(world, current_password=WRONG_PASSWORD)
    await change(world)
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await change(world, current_password=WRONG_PASSWORD)
    await change(world, current_password=NEW_PASSWORD, new_password=PASSWORD)


@pytest.mark.parametrize(
    ("given", "refusal", "field"),
    [
        ({"new_password": "too short to do"[:14]}, ValidationFailed, "newPassword"),
        ({"new_password": "p" * 129}, ValidationFailed, "newPassword"),
        ({"current_password": ""}, ValidationFailed, "currentPassword"),
        ({"current_password": "p" * 129}, ValidationFailed, "currentPassword"),
        ({"tenant_id": ""}, ValidationFailed, "tenantId"),
        ({"new_password": "passwordpassword"}, PasswordCompromised, None),
    ],
)
async def test_a_password_that_must_not_be_set_changes_nothing(
    world: World, given: dict[str, str], refusal: type[Exception], field: str | None
) -> None:
    """A refused change must leave password and sessions as they were."""
    await world.login()
    with pytest.raises(refusal) as refused:
        await change(world, **given)
    assert [error.field for error in refused.value.fields] == ([] if field is None else [field])  # type: ignore[attr-defined]
    assert world.trace.count("users.update_password") == 0
    assert await world.live_sessions() == 1


async def test_a_reset_that_lands_first_has_the_last_word(world: World) -> None:
    """A thief with the old password must not undo the owner's recovery."""
    recovered = stored_hash(NEW_PASSWORD)

    async def recover(_number: int, name: str) -> None:
        if name == "users.update_password":
            await world.change_account(Realm.DASHBOARD, password_hash=recovered)

    world.trace.before = recover
    with pytest.raises(InvalidCredentials):
        await change(world, new_password="the thief's own passphrase")
    assert (await world.account(Realm.DASHBOARD)).password_hash == recovered


@pytest.mark.parametrize("became", [None, "gone"])
async def test_an_account_that_lost_its_password_meanwhile_gets_none(
    world: World, became: str | None
) -> None:
    """A change must not bring back what an administrator has just taken away."""

    async def take_away(_number: int, name: str) -> None:
        if name == "users.update_password":
            if became == "gone":
                world.users._rows.clear()
            else:
                await world.change_account(Realm.DASHBOARD, password_hash=None)

    world.trace.before = take_away
    with pytest.raises(InvalidCredentials):
        await change(world)


async def test_a_sign_in_that_renews_the_hash_does_not_stop_the_change(world: World) -> None:
    """Changing a password right after signing in must work, also when the hash is renewed meanwhile."""
    await world.change_account(Realm.DASHBOARD, password_hash=stored_hash(log2_n=12))
    renewed = False

    async def renew(_number: int, name: str) -> None:
        nonlocal renewed
        if name == "users.update_password" and not renewed:
            renewed = True
            await world.change_account(Realm.DASHBOARD, password_hash=stored_hash())

    world.trace.before = renew
    await change(world)
    with pytest.raises(InvalidCredentials):
        await world.login()


async def test_a_hash_that_never_stands_still_is_given_up(world: World) -> None:
    """A request must end, whatever others do."""
    costs = iter([12, 13, 12, 13])

    async def renew(_number: int, name: str) -> None:
        if name == "users.update_password":
            await world.change_account(Realm.DASHBOARD, password_hash=stored_hash(log2_n=next(costs)))

    world.trace.before = renew
    with pytest.raises(InvalidCredentials):
        await change(world)
    assert world.trace.count("users.update_password") == 2


async def test_of_two_changes_at_once_one_wins(world: World) -> None:
    """Two forms sent together must leave one known password behind."""
    outcomes = await asyncio.gather(
        change(world), change(world, new_password="yet another passphrase"), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
