"""The second step of a sign-in with a recovery code, in both realms."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bymax_auth.errors import (
    MfaInvalidCode,
    MfaStateConflict,
    MfaTempTokenInvalid,
)
from bymax_auth.types.identity import Realm
from tests.integration.flows.factors import MFA, App, encryption_key, enrolled
from tests.integration.flows.world import SECRET, RealmView, World

Worlds = Callable[..., World]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


@pytest.fixture
async def app(world: World, view: RealmView) -> App:
    """An account of either realm with a second factor."""
    return await enrolled(world, view.realm)


async def codes_left(app: App) -> int:
    return len((await app.world.account(app.view.realm)).mfa_recovery_codes)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code,
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: f"  {code.replace('-', ' ')}\t",
    ],
)
async def test_a_recovery_code_opens_a_session_however_it_is_typed(
    world: World, app: App, typed: Callable[[str], str]
) -> None:
    """The printed list is what is left of a lost phone."""
    result = await app.sign_in(typed(app.recovery_codes[3]))
    claims = (await app.view.flows.authenticate(result.access_token)).claims
    assert claims.mfa_verified
    assert await codes_left(app) == 7


async def test_a_recovery_code_passes_once(world: World, app: App) -> None:
    """A used line of the list is worth nothing, now and later."""
    code = app.recovery_codes[0]
    await app.sign_in(code)
    for _ in range(2):
        with pytest.raises(MfaInvalidCode):
            await app.sign_in(code)
        world.clock.advance(timedelta(minutes=6))


async def test_every_recovery_code_passes_until_none_is_left(world: World, app: App) -> None:
    """Running out is no error; the app still works."""
    for code in app.recovery_codes:
        await app.sign_in(code)
    assert await codes_left(app) == 0
    with pytest.raises(MfaInvalidCode):
        await app.sign_in(app.recovery_codes[0])
    await app.sign_in()


@pytest.mark.parametrize(
    "code", ["", "1234567", "0" * 24, "G" * 24, "0A1B-2C3D", "ſ" * 24, "１２３４５６", "\ud800", "12345 "]
)
async def test_what_has_no_codes_form_is_a_wrong_code(world: World, app: App, code: str) -> None:
    """It is counted like any other guess."""
    world.trace.clear()
    with pytest.raises(MfaInvalidCode):
        await app.sign_in(code)
    assert world.trace.count("attempts.fail") == 1
    assert world.trace.count("mfa.claim_recovery_code") == 0


async def test_one_recovery_code_at_two_challenges_opens_one_session(world: World, app: App) -> None:
    """Two thieves with one line of the list are one too many."""
    tokens = [await app.challenge(), await app.challenge()]
    code = app.recovery_codes[0]
    outcomes = await asyncio.gather(*(app.answer(token, code) for token in tokens), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(error) for error in refused] == [MfaInvalidCode]
    assert (await world.live_sessions(app.view.realm), await codes_left(app)) == (1, 7)


async def test_two_recovery_codes_at_one_challenge_open_one_session(world: World, app: App) -> None:
    """One proven password is one session."""
    token = await app.challenge()
    answers = [app.answer(token, code) for code in app.recovery_codes[:2]]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(error) for error in refused] == [MfaTempTokenInvalid]
    assert (await world.live_sessions(app.view.realm), await codes_left(app)) == (1, 7)


async def test_a_recovery_code_is_recognised_under_a_retired_key(worlds: Worlds) -> None:
    """A rotated secret must not void the printed lists."""
    key, old = encryption_key(), SECRET
    before = worlds(mfa={**MFA, "encryption_key": key})
    app = await enrolled(before)
    row = await before.account(Realm.DASHBOARD)
    after = worlds(
        mfa={**MFA, "encryption_key": key},
        identifier_secret=f"{SECRET[::-1]}",
        previous_identifier_secrets=[old],
    )
    after.users.replace(row)
    moved = App(after, after.realm(Realm.DASHBOARD), app.secret, app.recovery_codes)
    await moved.sign_in(moved.recovery_codes[0])
    assert await codes_left(moved) == 7


async def test_a_code_is_removed_by_its_value(world: World, app: App) -> None:
    """Its place may have changed since it was read."""
    realm = app.view.realm

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock":
            codes = (await world.account(realm)).mfa_recovery_codes
            await world.change_account(realm, mfa_recovery_codes=tuple(reversed(codes)))

    world.trace.before = meanwhile
    await app.sign_in(app.recovery_codes[0])
    world.trace.before = None
    world.clock.advance(timedelta(minutes=6))
    with pytest.raises(MfaInvalidCode):
        await app.sign_in(app.recovery_codes[0])
    for code in app.recovery_codes[1:]:
        await app.sign_in(code)


async def test_a_challenge_that_races_new_recovery_codes_restores_none(world: World, app: App) -> None:
    """The old list is void from the moment the new one is shown."""
    token = await app.challenge()
    fresh: list[tuple[str, ...]] = []

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock":
            world.trace.before = None
            fresh.append(await app.regenerate(app.code()))

    world.trace.before = meanwhile
    with pytest.raises(MfaInvalidCode):
        await app.answer(token, app.recovery_codes[0])
    assert await codes_left(app) == 8
    await app.sign_in(fresh[0][0])


async def test_a_challenge_that_races_the_removal_restores_nothing(world: World, app: App) -> None:
    """A factor that was removed must stay removed, and its sign-in ends with it."""
    token = await app.challenge()

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock":
            world.trace.before = None
            await app.disable(app.code())

    world.trace.before = meanwhile
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.recovery_codes[0])
    account = await world.account(app.view.realm)
    assert (account.mfa_enabled, account.mfa_secret, account.mfa_recovery_codes) == (False, None, None)
    assert await world.live_sessions(app.view.realm) == 0


@pytest.mark.parametrize("case", ["gone", "off"])
async def test_a_row_that_is_gone_by_then_is_not_written(world: World, app: App, case: str) -> None:
    """A row must not come back."""
    token, realm = await app.challenge(), app.view.realm

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock" and case == "gone":
            (world.users if realm is Realm.DASHBOARD else world.admins)._rows.clear()
        elif name == "mfa.acquire_lock":
            await world.change_account(realm, mfa_enabled=False)

    world.trace.before = meanwhile
    world.trace.clear()
    await app.answer(token, app.recovery_codes[0])
    assert world.trace.count("users.update_mfa", "admins.update_mfa") == 0


async def test_a_change_in_progress_is_a_conflict_for_a_recovery_code(world: World, app: App) -> None:
    """A code that could not be removed must not open a session, or it could open another."""
    token, subject = await app.challenge(), world.subject(app.view.realm)
    await world.stores.mfa.acquire_lock(subject, "another", timedelta(seconds=10))
    with pytest.raises(MfaStateConflict):
        await app.answer(token, app.recovery_codes[0])
    assert await world.live_sessions(app.view.realm) == 0
    world.clock.advance(timedelta(minutes=6))
    await app.sign_in(app.recovery_codes[0])
