"""A clock that ran ahead, and is put back: what was revoked meanwhile stays revoked."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bymax_auth.ports.attempts import Busy, Go, Locked, RateVerdict
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import PASSWORD_RESET, OtpPurpose, OtpVerdict, ResetContext
from bymax_auth.ports.revocation import EPOCH_RETENTION, TokenState
from bymax_auth.ports.sessions import Consumed, Created, Gone, GraceSpent, UnknownToken
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.embedded.proofs import EmbeddedProofStore
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import (
    FAMILY,
    IDENTIFIERS,
    LIFETIME,
    account,
    counter,
    exchange,
    invitation,
    invitation_token,
    invitee,
    new_session,
    otp,
    sign_in,
    token,
)

MANY = 450
"""More than are removed as expired before a revocation gets to them."""


class SteppedClock(FakeClock):
    """A clock that its owner sets."""

    step = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.step


async def revoke_each(stores: EmbeddedStores) -> None:
    for number in range(MANY):
        await stores.sessions.revoke(account(), token(str(number)).hash)


async def revoke_all(stores: EmbeddedStores) -> None:
    await stores.sessions.revoke_all(account())


async def revoke_others(stores: EmbeddedStores) -> None:
    await stores.sessions.revoke_all_except(account(), token("0").hash, must_exist=False)


async def revoke_families(stores: EmbeddedStores) -> None:
    subject_of = IDENTIFIERS.subject_factory(Realm.DASHBOARD)
    for number in range(MANY):
        await stores.sessions.revoke_family(Realm.DASHBOARD, f"family-{number}", None, subject_of)


async def sign_out_each(stores: EmbeddedStores) -> None:
    for number in range(MANY):
        await stores.sessions.drop_grace(Realm.DASHBOARD, token(str(number)))


@pytest.mark.parametrize("place", [None, "auth.db"])
@pytest.mark.parametrize("revoke", [revoke_each, revoke_all, revoke_others, revoke_families, sign_out_each])
async def test_what_was_revoked_while_the_clock_ran_ahead_stays_revoked(
    tmp_path: Path, place: str | None, revoke: Callable[[EmbeddedStores], Awaitable[None]]
) -> None:
    """Sessions that a person ended would come back when the server's time is corrected."""
    clock = SteppedClock()
    stores = EmbeddedStores(None if place is None else tmp_path / place, clock=clock)
    await stores.start()
    for number in range(MANY):
        await sign_in(stores, account(), str(number), family=f"family-{number}")
    clock.step = LIFETIME
    await revoke(stores)
    clock.step = timedelta(0)
    assert await stores.sessions.list(account()) == ()
    assert await stores.sessions.snapshot(Realm.DASHBOARD, token(str(MANY - 1))) == UnknownToken()
    await stores.aclose()


async def test_a_rotated_token_signs_its_login_out_while_the_clock_runs_ahead() -> None:
    """The newest token of a browser that sends an older one would be back."""
    clock = SteppedClock()
    stores = EmbeddedStores(clock=clock)
    for number in range(MANY):
        await sign_in(stores, account(), str(number), family=f"family-{number}")
    clock.advance(timedelta(minutes=1))
    await sign_in(stores, account(), "a")
    await exchange(stores, account(), "a", "b")
    clock.step = 2 * LIFETIME
    await stores.sessions.drop_grace(Realm.DASHBOARD, token("a"))
    clock.step = timedelta(0)
    assert await stores.sessions.snapshot(Realm.DASHBOARD, token("b")) == UnknownToken()
    await stores.aclose()


AHEAD = EPOCH_RETENTION + timedelta(days=1)
"""By so much that everything which was kept is removed."""
MINUTE = timedelta(minutes=1)
OWNER = account()
VERIFICATION = otp(OtpPurpose.EMAIL_VERIFICATION)
LINK = token("link").hash
CONTEXT = ResetContext(user_id="u1", email="ada@example.com", tenant_id="tenant-a", password_fingerprint=None)
SETUP = MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")

Doing = Callable[[EmbeddedStores], Awaitable[object]]


async def nothing(_: EmbeddedStores) -> None:
    """Nothing happens."""


async def removal(stores: EmbeddedStores) -> None:
    """Somebody signs in, and everything that has expired is removed."""
    await sign_in(stores, account(user_id="u2"), "somebody")


async def is_refused(stores: EmbeddedStores) -> bool:
    """Whether an access token is refused that was issued before everything."""
    state = await stores.revocation.token_state(OWNER, "jti")
    return state.blacklisted or state.epoch > 0


async def is_refused_among_others(stores: EmbeddedStores) -> bool:
    """The same, where open connections are checked together."""
    *_, state = await stores.revocation.token_states([(account(user_id="u9"), "other"), (OWNER, "jti")])
    return state.blacklisted or state.epoch > 0


async def exchange_ahead(stores: EmbeddedStores) -> None:
    await sign_in(stores, OWNER, "a")
    await exchange(stores, OWNER, "a", "b", grace=MINUTE)


async def grace_is_over(stores: EmbeddedStores) -> bool:
    reissued = await stores.sessions.reissue(OWNER, token("a"), token("b"))
    seen = await stores.sessions.snapshot(Realm.DASHBOARD, token("a"))
    return (reissued, seen) == (Gone(), GraceSpent())


async def recent_sign_in(stores: EmbeddedStores) -> None:
    await stores.sessions.create(OWNER, replace(new_session(OWNER, "a"), recent_auth=MINUTE))


async def one_attempt(stores: EmbeddedStores) -> object:
    return await stores.attempts.begin(counter(), 1)


async def one_failure(stores: EmbeddedStores) -> object:
    return await stores.attempts.fail(counter(), MINUTE)


async def one_request(stores: EmbeddedStores) -> RateVerdict:
    return await stores.rate_limits.hit("login", "client", 1, MINUTE)


def answers(expected: object, asking: Doing) -> Callable[[EmbeddedStores], Awaitable[bool]]:
    async def holds(stores: EmbeddedStores) -> bool:
        return await asking(stores) == expected

    return holds


STEPS: dict[str, tuple[Doing, Doing, Callable[[EmbeddedStores], Awaitable[bool]]]] = {
    "signed out before": (
        lambda stores: stores.revocation.blacklist(OWNER, "jti", 15 * MINUTE),
        removal,
        is_refused,
    ),
    "signed out meanwhile": (nothing, removal, is_refused),
    "revoked before": (lambda stores: stores.revocation.bump_epoch(OWNER), removal, is_refused),
    "revoked before, asked with others": (
        lambda stores: stores.revocation.bump_epoch(OWNER),
        removal,
        is_refused_among_others,
    ),
    "revoked meanwhile": (nothing, lambda stores: stores.revocation.bump_epoch(OWNER), is_refused),
    "refresh token": (nothing, exchange_ahead, grace_is_over),
    "code": (
        nothing,
        lambda stores: stores.otps.put(VERIFICATION, "a" * 64, MINUTE),
        answers(OtpVerdict.EXPIRED, lambda stores: stores.otps.verify(VERIFICATION, "a" * 64, 5)),
    ),
    "link": (
        nothing,
        lambda stores: proofs_of(stores).put(PASSWORD_RESET, LINK, CONTEXT, MINUTE),
        answers(None, lambda stores: proofs_of(stores).consume(PASSWORD_RESET, LINK)),
    ),
    "page of a link": (
        nothing,
        lambda stores: proofs_of(stores).put(PASSWORD_RESET, LINK, CONTEXT, MINUTE),
        answers(None, lambda stores: proofs_of(stores).read(PASSWORD_RESET, LINK)),
    ),
    "invitation": (
        nothing,
        lambda stores: stores.invitations.put(
            invitee(), invitation_token("link"), invitation(), MINUTE, seen=None
        ),
        answers(None, lambda stores: stores.invitations.take(invitation_token("link"))),
    ),
    "pending invitation": (
        nothing,
        lambda stores: stores.invitations.put(
            invitee(), invitation_token("link"), invitation(), MINUTE, seen=None
        ),
        answers(None, lambda stores: stores.invitations.read_pending(invitee())),
    ),
    "recent authentication": (
        nothing,
        recent_sign_in,
        answers(False, lambda stores: stores.sessions.has_recent_auth(OWNER)),
    ),
    "status": (
        nothing,
        lambda stores: stores.revocation.remember_status(OWNER, CachedStatus("ACTIVE", None), MINUTE),
        answers(TokenState(False, 1, None), lambda stores: stores.revocation.token_state(OWNER, "jti")),
    ),
    "mail": (
        nothing,
        lambda stores: stores.otps.try_begin_resend(VERIFICATION, MINUTE),
        answers(True, lambda stores: stores.otps.try_begin_resend(VERIFICATION, MINUTE)),
    ),
    "enrolment": (
        nothing,
        lambda stores: stores.mfa.put_setup(OWNER, SETUP, MINUTE),
        answers(None, lambda stores: stores.mfa.read_setup(OWNER)),
    ),
    "confirmation of an enrolment": (
        nothing,
        lambda stores: stores.mfa.put_setup(OWNER, SETUP, MINUTE),
        answers(None, lambda stores: stores.mfa.take_setup(OWNER)),
    ),
    "temporary token": (
        nothing,
        lambda stores: stores.mfa.put_temp(OWNER, LINK, MINUTE),
        answers((None, 0), lambda stores: stores.mfa.temp_state(OWNER, LINK)),
    ),
    "challenge": (
        nothing,
        lambda stores: stores.mfa.put_temp(OWNER, LINK, MINUTE),
        answers(False, lambda stores: stores.mfa.consume_challenge(OWNER, "c" * 64, LINK, MINUTE)),
    ),
    "code used meanwhile": (
        nothing,
        lambda stores: stores.mfa.mark_totp_used(OWNER, "c" * 64, MINUTE),
        answers(False, lambda stores: stores.mfa.mark_totp_used(OWNER, "c" * 64, MINUTE)),
    ),
    "recovery code used meanwhile": (
        nothing,
        lambda stores: stores.mfa.claim_recovery_code(OWNER, "c" * 64, MINUTE),
        answers(False, lambda stores: stores.mfa.claim_recovery_code(OWNER, "c" * 64, MINUTE)),
    ),
    "change of the second factor": (
        nothing,
        lambda stores: stores.mfa.acquire_lock(OWNER, "nonce", MINUTE),
        answers(True, lambda stores: stores.mfa.acquire_lock(OWNER, "another", MINUTE)),
    ),
    "lockout": (
        nothing,
        one_failure,
        answers(Locked(AHEAD + MINUTE), lambda stores: stores.attempts.begin(counter(), 1)),
    ),
}


def proofs_of(stores: EmbeddedStores) -> EmbeddedProofStore:
    return stores.proofs


@pytest.mark.parametrize("place", [None, "auth.db"])
@pytest.mark.parametrize("step", STEPS)
async def test_nothing_is_granted_by_a_clock_that_is_put_back(
    tmp_path: Path, place: str | None, step: str
) -> None:
    """A revoked token would open the application again, or a used link stay good for years."""
    clock = SteppedClock()
    stores = EmbeddedStores(None if place is None else tmp_path / place, clock=clock)
    await stores.start()
    before, meanwhile, is_over = STEPS[step]
    await before(stores)
    clock.step = AHEAD
    await meanwhile(stores)
    clock.step = timedelta(0)
    assert await is_over(stores)
    await stores.aclose()


@pytest.mark.parametrize("none", [timedelta(0), timedelta(milliseconds=-1)])
async def test_an_adjustment_of_the_clock_opens_no_window_that_is_switched_off(none: timedelta) -> None:
    """A copied token, or a sign-in of long ago, would pass for the seconds that the clock goes back."""
    clock = SteppedClock()
    stores = EmbeddedStores(clock=clock)
    await stores.sessions.create(OWNER, replace(new_session(OWNER, "a"), recent_auth=none))
    await exchange(stores, OWNER, "a", "b", grace=none)
    clock.step = timedelta(seconds=-1)
    assert not await stores.sessions.has_recent_auth(OWNER)
    assert await stores.sessions.snapshot(Realm.DASHBOARD, token("a")) == Consumed(FAMILY)


async def test_a_used_code_is_kept_for_as_long_as_a_clock_may_go_back_unnoticed() -> None:
    """A code that was used would be good again for the seconds by which a clock is adjusted."""
    clock, adjustment = SteppedClock(), timedelta(seconds=59)
    stores = EmbeddedStores(clock=clock)
    assert await stores.mfa.mark_totp_used(OWNER, "c" * 64, MINUTE)
    clock.advance(timedelta(seconds=2))
    clock.step = adjustment
    await removal(stores)
    clock.step = timedelta(0)
    assert not await stores.mfa.mark_totp_used(OWNER, "c" * 64, MINUTE)


async def test_each_step_back_revokes_every_token_so_far() -> None:
    """A token of an account whose epoch was high, and was forgotten, would be accepted."""
    clock = SteppedClock()
    stores = EmbeddedStores(clock=clock)
    for _ in range(3):
        await stores.revocation.bump_epoch(OWNER)
    for lowest in (4, 5):
        clock.step = AHEAD
        await one_request(stores)
        clock.step = timedelta(0)
        await one_request(stores)
        for subject in (OWNER, account(user_id="u3")):
            assert await stores.revocation.current_epoch(subject) == lowest
    fenced = replace(new_session(OWNER, "a"), expected_epoch=5)
    assert await stores.sessions.create(OWNER, fenced) == Created(5)
    assert await stores.revocation.bump_epoch(OWNER) == 6
    assert await stores.revocation.bump_epoch(account(user_id="u3")) == 6


async def test_what_counts_requests_and_attempts_lasts_no_longer_for_a_step() -> None:
    """A client, or an address, would be refused for as long as the clock ran ahead."""
    clock = SteppedClock()
    stores = EmbeddedStores(clock=clock)
    clock.step = AHEAD
    assert await one_attempt(stores) == Go()
    assert (await one_request(stores)).allowed
    clock.step = timedelta(0)
    assert await one_attempt(stores) == Busy()
    assert await one_request(stores) == RateVerdict(False, MINUTE)
    clock.advance(MINUTE)
    assert await one_attempt(stores) == Go()
    assert (await one_request(stores)).allowed


async def test_a_clock_that_is_adjusted_ends_nothing() -> None:
    """Every client would refresh, and every code be mailed again, after each correction by a second."""
    clock = SteppedClock()
    stores = EmbeddedStores(clock=clock)
    await stores.revocation.blacklist(OWNER, "jti", MINUTE)
    clock.step = timedelta(seconds=119)
    await stores.otps.put(VERIFICATION, "a" * 64, MINUTE)
    clock.step = timedelta(seconds=59)
    await removal(stores)
    assert await stores.revocation.token_state(OWNER, "jti") == TokenState(True, 0, None)
    assert await stores.otps.verify(VERIFICATION, "a" * 64, 5) is OtpVerdict.OK
