"""The second step of a sign-in, in both realms."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.config.constants import MFA_TEMP_TOKEN_TTL
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    AccountBanned,
    AccountLocked,
    MfaInvalidCode,
    MfaNotEnabled,
    MfaTempTokenInvalid,
    TokenInvalid,
    TooManyRequests,
)
from bymax_auth.jwt.hs256 import sign
from bymax_auth.ports.events import (
    FactorChallengePassed,
    FactorCodeRefused,
    FactorLocked,
    FactorRealmMismatch,
    LoginChallenged,
)
from bymax_auth.types.claims import MfaTempClaims
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, ResetPasswordInput
from tests.integration.flows.factors import MFA, REFUSED, STEP, App, begun, enable, enrolled
from tests.integration.flows.world import CONTEXT, EMAIL, NEW_PASSWORD, SECRET, TENANT, RealmView, World

Worlds = Callable[..., World]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


@pytest.fixture
async def app(world: World, view: RealmView) -> App:
    """An account of either realm with a second factor."""
    return await enrolled(world, view.realm)


# ── the challenge of a sign-in ──


async def test_a_password_alone_opens_no_session(world: World, app: App) -> None:
    """A stolen password must not be enough."""
    world.hooks.told.clear()
    before = (await world.account(app.view.realm)).last_login_at
    answered = await app.view.flows.login(app.view.credentials(), CONTEXT)
    await world.engine.drain()
    assert answered.model_dump() == {"mfaRequired": True, "mfaTempToken": answered.mfa_temp_token}
    assert answered.mfa_temp_token not in repr(answered)
    assert await world.live_sessions(app.view.realm) == 0
    assert "after_login" not in world.hooks.names
    assert (await world.account(app.view.realm)).last_login_at == before
    assert world.events.last(LoginChallenged).name == (
        "login.mfa_challenge" if app.view.realm is Realm.DASHBOARD else "platform.login_mfa_challenge"
    )


async def test_a_proven_password_clears_its_failures_and_not_those_of_codes(world: World, app: App) -> None:
    """Else whoever has the password could guess codes for ever."""
    for _ in range(4):
        with pytest.raises(MfaInvalidCode):
            await app.sign_in(app.wrong_code())
    token = await app.challenge()
    with pytest.raises(MfaInvalidCode):
        await app.answer(token, app.wrong_code())
    with pytest.raises(AccountLocked):
        await app.answer(await app.challenge(), app.code())


# ── step 1: the temporary token ──


async def test_a_code_opens_a_session_that_passed_the_factor(world: World, app: App) -> None:
    """Guards that ask for the factor must let its owner in."""
    result = await app.sign_in()
    await world.engine.drain()
    claims = (await app.view.flows.authenticate(result.access_token)).claims
    assert (claims.mfa_enabled, claims.mfa_verified) == (True, True)
    assert (await world.account(app.view.realm)).last_login_at == world.clock.now()
    assert world.events.last(FactorChallengePassed).realm is app.view.realm
    assert len(world.hooks.of("after_login")) == (app.view.realm is Realm.DASHBOARD)
    refreshed = await app.view.flows.refresh(result.refresh_token, CONTEXT)
    claims = (await app.view.flows.authenticate(refreshed.tokens.access_token)).claims
    assert (claims.mfa_enabled, claims.mfa_verified) == (True, False)


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c", "é" * 40])
async def test_what_is_no_token_is_refused_before_anything_is_counted(
    world: World, app: App, token: str
) -> None:
    """A stranger must not lock an owner out of the second step."""
    world.trace.clear()
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.code())
    assert world.trace.calls == []


async def test_an_access_token_is_no_temporary_token(world: World, app: App) -> None:
    """A session must not stand for a proven password."""
    result = await app.sign_in()
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(result.access_token, app.code(1))


async def test_a_temporary_token_is_no_access_token(app: App) -> None:
    """The password alone must not open anything."""
    with pytest.raises(REFUSED):
        await app.view.flows.authenticate(await app.challenge())


async def test_a_token_of_the_other_realm_is_refused_and_not_used(world: World, app: App) -> None:
    """A user must not become an administrator with the same id, or use up their token."""
    other = Realm.PLATFORM if app.view.realm is Realm.DASHBOARD else Realm.DASHBOARD
    token = await app.challenge()
    world.trace.clear()
    with pytest.raises(MfaTempTokenInvalid):
        await world.realm(other).flows.mfa_challenge(token, app.code(), CONTEXT)
    assert world.trace.calls == []
    assert world.events.last(FactorRealmMismatch).realm is other
    await app.answer(token, app.code())


async def test_a_token_lasts_five_minutes(world: World, app: App) -> None:
    """A browser that was left at the second step must not stay half signed in."""
    token = await app.challenge()
    world.clock.advance(MFA_TEMP_TOKEN_TTL - timedelta(seconds=1))
    with pytest.raises(MfaInvalidCode):
        await app.answer(token, app.wrong_code())
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.code())


async def test_a_token_passes_once(app: App) -> None:
    """Whoever reads it from a log afterwards has nothing."""
    token = await app.challenge()
    await app.answer(token, app.code())
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.code(1))


async def kept(world: World, **named: str) -> MfaTempClaims:
    """The claims of a temporary token that the store knows."""
    now = int(world.clock.now().timestamp())
    claims = MfaTempClaims(
        sub="u1",
        jti="7b0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
        type="mfa_challenge",
        context="dashboard",
        tenant_id=TENANT,
        epoch=await world.stores.revocation.current_epoch(world.subject()),
        iat=now,
        exp=now + 300,
        **named,
    )
    await world.stores.mfa.put_temp(world.subject(), sha256_hex(claims.jti), timedelta(minutes=1))
    return claims


@pytest.mark.parametrize(
    "change",
    [
        {"sub": "somebody"},
        {"tenant_id": "other"},
        {"epoch": -1},
        {"jti": "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"},
    ],
)
async def test_a_token_that_names_another_account_has_no_marker(world: World, change: dict[str, Any]) -> None:
    """Even a signed token is good for the account it was kept for, and no other."""
    app = await enrolled(world)
    keys = world.engine.login.sign_ins.challenges.keys
    claims = await kept(world)
    if "epoch" in change:
        change = {"epoch": claims.epoch - 1}
    # A marker names the user; the account of the other tenant is looked up, and is not there.
    with pytest.raises(MfaNotEnabled if "tenant_id" in change else MfaTempTokenInvalid):
        await app.answer(sign(claims.model_copy(update=change), keys), app.code())
    await app.answer(sign(claims, keys), app.code())


NAMED = {"issuer": "https://auth.example.com", "audience": "api"}


@pytest.mark.parametrize(
    "change", [{"iss": "https://auth.example.net"}, {"iss": None}, {"aud": "admin"}, {"aud": None}], ids=str
)
async def test_a_configured_issuer_and_audience_are_stamped_and_required(
    worlds: Worlds, change: dict[str, str | None]
) -> None:
    """A token of another deployment, with the same secret and the same store, must not pass here."""
    world = worlds(mfa=MFA, jwt={"secret": SECRET, **NAMED})
    app = await enrolled(world)
    await app.sign_in()
    keys = world.engine.login.sign_ins.challenges.keys
    claims = await kept(world, iss=NAMED["issuer"], aud=NAMED["audience"])
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(sign(claims.model_copy(update=change), keys), app.code(1))
    await app.answer(sign(claims, keys), app.code(1))


async def test_a_reset_of_the_password_ends_the_challenge(world: World) -> None:
    """Whoever began to sign in with the old password must not get to the end."""
    app = await enrolled(world)
    token = await app.challenge()
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    proof = world.mail.last("password_reset_token").secret
    await world.engine.reset_password(
        ResetPasswordInput(email=EMAIL, new_password=NEW_PASSWORD, token=proof, tenant_id=TENANT), CONTEXT
    )
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.code())


async def test_sessions_that_end_during_the_challenge_end_it_too(world: World, app: App) -> None:
    """The epoch was read with the token, so that what comes after it is seen."""
    token = await app.challenge()

    async def meanwhile(number: int, name: str) -> None:
        if name == "sessions.create":
            await world.stores.sessions.revoke_all(world.subject(app.view.realm))

    world.trace.before = meanwhile
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.code())
    assert await world.live_sessions(app.view.realm) == 0


# ── steps 2 to 5: counter, account, secret ──


async def test_wrong_codes_lock_the_second_step_for_a_while(world: World, app: App) -> None:
    """A million codes must not be tried."""
    token = await app.challenge()
    for _ in range(5):
        with pytest.raises(MfaInvalidCode):
            await app.answer(token, app.wrong_code())
    assert world.events.last(FactorCodeRefused).flow == "mfa_challenge"
    with pytest.raises(AccountLocked) as locked:
        await app.answer(token, app.code())
    assert locked.value.retry_after is not None
    assert world.events.last(FactorLocked).flow == "mfa_challenge"
    world.clock.advance(timedelta(minutes=15))
    await app.sign_in()


async def test_a_right_code_forgets_earlier_mistakes(world: World, app: App) -> None:
    """A typo last week must not count today."""
    for _ in range(2):
        token = await app.challenge()
        for _ in range(4):
            with pytest.raises(MfaInvalidCode):
                await app.answer(token, app.wrong_code())
        await app.answer(token, app.code())
        world.clock.advance(timedelta(seconds=STEP))


async def test_parallel_guesses_are_counted_together(world: World, app: App) -> None:
    """Fifty requests at once must not be fifty guesses."""
    token = await app.challenge()
    guesses = [app.answer(token, app.wrong_code()) for _ in range(12)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    names = [type(outcome).__name__ for outcome in outcomes]
    assert names.count("MfaInvalidCode") == 5
    assert set(names) <= {"MfaInvalidCode", "AccountLocked", "TooManyRequests"}


@pytest.mark.parametrize("case", ["gone", "off", "no secret"])
async def test_an_account_without_a_factor_has_nothing_to_pass(world: World, app: App, case: str) -> None:
    """A token may outlive the factor that it asks for."""
    token, realm = await app.challenge(), app.view.realm
    if case == "gone":
        (world.users if realm is Realm.DASHBOARD else world.admins)._rows.clear()
    else:
        await world.change_account(realm, mfa_secret=None, mfa_enabled=case != "off")
    with pytest.raises(MfaNotEnabled):
        await app.answer(token, app.code())


async def test_a_blocked_account_is_told_so(world: World, app: App) -> None:
    """Only somebody who has proven the password gets here."""
    token = await app.challenge()
    await world.change_account(app.view.realm, status="BANNED")
    with pytest.raises(AccountBanned):
        await app.answer(token, app.code())


async def test_a_secret_that_no_key_opens_is_a_token_that_is_not_valid(world: World, app: App) -> None:
    """A host that lost its key must reset the factor; nobody gets in without it."""
    token = await app.challenge()
    await world.change_account(app.view.realm, mfa_secret="a:b:c")
    with pytest.raises(TokenInvalid):
        await app.answer(token, app.code())


async def test_an_attempt_that_took_too_long_reveals_nothing(world: World, app: App) -> None:
    """Another guess may have been admitted in its place."""
    token = await app.challenge()

    async def slow(number: int, name: str) -> None:
        if name == "attempts.begin":
            world.clock.advance(timedelta(seconds=26))

    world.trace.after = slow
    with pytest.raises(TooManyRequests) as refusal:
        await app.answer(token, app.code())
    assert refusal.value.retry_after == timedelta(seconds=1)


# ── step 6: codes of the app ──


async def test_a_wrong_code_leaves_the_token(world: World, app: App) -> None:
    """A mistyped digit must not send anybody back to the password."""
    token = await app.challenge()
    with pytest.raises(MfaInvalidCode):
        await app.answer(token, app.wrong_code())
    await app.answer(token, app.code())


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_used_code_is_refused_as_long_as_it_would_be_valid(
    world: World, app: App, steps: int
) -> None:
    """A code that somebody read over a shoulder was used by its owner first."""
    world.clock.advance(timedelta(seconds=2 * STEP))
    code = app.code(1)
    await app.sign_in(code)
    world.clock.advance(timedelta(seconds=(1 + steps) * STEP))
    with pytest.raises(MfaInvalidCode):
        await app.sign_in(code)


@pytest.mark.parametrize("window", [0, 1, 2])
async def test_as_many_steps_are_accepted_as_are_configured(worlds: Worlds, window: int) -> None:
    """A phone's clock is a little off."""
    world = worlds(mfa={**MFA, "totp_window": window})
    view = world.realm(Realm.DASHBOARD)
    app = await begun(world)
    await enable(view, app.code())
    world.clock.advance(timedelta(seconds=10 * STEP))
    for steps in (-window - 1, window + 1):
        with pytest.raises(MfaInvalidCode):
            await app.sign_in(app.code(steps))
    for steps in range(-window, window + 1):
        await app.sign_in(app.code(steps))


async def test_one_code_at_two_challenges_opens_one_session(world: World, app: App) -> None:
    """The replay mark and the acceptance are one step."""
    tokens = [await app.challenge(), await app.challenge()]
    code = app.code()
    outcomes = await asyncio.gather(*(app.answer(token, code) for token in tokens), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(error) for error in refused] == [MfaInvalidCode]
    assert await world.live_sessions(app.view.realm) == 1


async def test_two_codes_at_one_challenge_open_one_session(world: World, app: App) -> None:
    """One proven password is one session; the code that lost stays usable."""
    token = await app.challenge()
    outcomes = await asyncio.gather(
        app.answer(token, app.code()), app.answer(token, app.code(1)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(error) for error in refused] == [MfaInvalidCode]
    assert await world.live_sessions(app.view.realm) == 1
    lost = app.code() if isinstance(outcomes[0], Exception) else app.code(1)
    await app.sign_in(lost)
