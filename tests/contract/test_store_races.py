"""
Every race over a store's state, run by tasks, by threads and by processes.

The same contests run each way: what is atomic for one event loop must be so for the workers of a
deployment that share a store.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.ports.one_time import PASSWORD_RESET, ResetContext
from bymax_auth.ports.sessions import GraceSpent
from bymax_auth.ports.stores import AuthStores
from tests.contract import racers as contests
from tests.contract.racers import (
    OWNER,
    OWNERS,
    Contest,
    Racers,
    mfa_of,
    on_one_loop,
    on_threads,
    temp_of,
)
from tests.contract.samples import exchange, otp, sign_in, token
from tests.contract.stores import KINDS, StoreSource
from tests.long import long_only

pytestmark = pytest.mark.untraced

HOUR = timedelta(hours=1)
Prepare = Callable[[AuthStores], Awaitable[None]]
Judge = Callable[[AuthStores, Counter[str]], Awaitable[None]]


async def nothing(_stores: AuthStores) -> None:
    """Start from an empty store."""


async def one_session(stores: AuthStores) -> None:
    await sign_in(stores, OWNER, "shared")


async def five_sessions(stores: AuthStores) -> None:
    for number in range(5):
        await sign_in(stores, OWNER, f"session-{number}")


async def five_exchanges(stores: AuthStores) -> None:
    await five_sessions(stores)
    for number in range(5):
        await exchange(stores, OWNER, f"session-{number}", f"successor-{number}", grace=HOUR)


async def one_code(stores: AuthStores) -> None:
    await stores.otps.put(otp(), "right", HOUR)


async def one_link(stores: AuthStores) -> None:
    assert stores.proofs is not None
    context = ResetContext(user_id="u1", email="a@b.c", tenant_id="t", password_fingerprint=None)
    await stores.proofs.put(PASSWORD_RESET, token("link").hash, context, HOUR)


async def one_temporary_token(stores: AuthStores) -> None:
    for owner in OWNERS:
        await mfa_of(stores).put_temp(owner, temp_of(owner), HOUR)


async def one_enrolment(stores: AuthStores) -> None:
    setup = MfaSetupRecord(encrypted_secret="s", recovery_codes=("d",), encrypted_codes="c")
    for owner in OWNERS:
        assert await mfa_of(stores).put_setup(owner, setup, HOUR)


async def one_lock(stores: AuthStores) -> None:
    for owner in OWNERS:
        assert await mfa_of(stores).acquire_lock(owner, "0", HOUR)


async def one_rotates(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"Rotated": 1, "Gone": 199}
    assert len(await stores.sessions.list(OWNER)) == 1


async def one_rotates_and_one_recovers(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"Rotated": 1, "Recovered": 1, "GraceSpent": 6}
    assert len(await stores.sessions.list(OWNER)) == 2
    assert isinstance(await stores.sessions.snapshot(OWNER.realm, token("shared")), GraceSpent)


async def all_get_one_session(stores: AuthStores, met: Counter[str]) -> None:
    assert met.keys() <= {"Rotated", "Reissued"}
    assert met.total() == 100
    assert [shown.session_hash for shown in await stores.sessions.list(OWNER)] == [token("next").hash]


async def a_login_and_a_phone(stores: AuthStores) -> None:
    await sign_in(stores, OWNER, "step-0")
    await sign_in(stores, OWNER, "phone", family="phone")


async def one_browser_and_the_phone(stores: AuthStores, met: Counter[str]) -> None:
    assert met.keys() <= {"Rotated", "Reissued"}
    shown = {session.session_hash for session in await stores.sessions.list(OWNER)}
    assert shown == {token("step-5").hash, token("phone").hash}


async def nobody_is_left(stores: AuthStores, met: Counter[str]) -> None:
    assert met["RevokedAll"] == 1
    assert await stores.sessions.list(OWNER) == ()
    assert await stores.revocation.current_epoch(OWNER) == 1


async def one_fits(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"Created": 40, "Evicted": 39}
    assert len(await stores.sessions.list(OWNER)) == 1


async def five_are_compared(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"wrong": 5, "max": 1, "expired": 46}
    assert (await stores.otps.verify(otp(), "right", 5)).value == "expired"


async def the_code_works_once(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"ok": 1, "expired": 19}


async def one_is_claimed(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"True": 1, "False": 19}


async def the_link_works_once(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"ResetContext": 1, "NoneType": 19}


async def five_are_evaluated(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"Go": 5, "Locked": 35}


async def ten_pass(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"True": 10, "False": 30}


async def one_in_each_realm(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"True": 2, "False": 38}


async def one_signs_in_and_the_other_codes_stay_good(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"True": 2, "False": 38}
    mfa = mfa_of(stores)
    for owner in OWNERS:
        names = [f"{owner.realm}-{who}-{number}" for who in range(4) for number in range(5)]
        unused = [await mfa.mark_totp_used(owner, token(name).hash, HOUR) for name in names]
        assert Counter(unused) == {True: 19, False: 1}
        assert (await mfa.temp_state(owner, temp_of(owner))).user_id is None


async def one_signs_in_and_the_other_tokens_stay_good(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"True": 2, "False": 38}
    mfa = mfa_of(stores)
    for owner in OWNERS:
        names = [f"{owner.realm}-{who}-{number}" for who in range(4) for number in range(5)]
        states = [await mfa.temp_state(owner, token(name).hash) for name in names]
        assert Counter(state.user_id for state in states) == {owner.user_id: 19, None: 1}


async def all_see_one_enrolment(stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"True": 2, "False": 38}
    for owner in OWNERS:
        assert await mfa_of(stores).read_setup(owner) is not None


async def one_enables_in_each_realm(_stores: AuthStores, met: Counter[str]) -> None:
    assert met == {"MfaSetupRecord": 2, "NoneType": 38}


async def each_rise_is_seen_once(stores: AuthStores, met: Counter[str]) -> None:
    assert met == Counter(str(number) for number in range(1, 41))
    assert await stores.revocation.current_epoch(OWNER) == 40


RACES = [
    pytest.param(one_session, contests.rotating, one_rotates, id="a-token-is-exchanged-once"),
    pytest.param(one_session, contests.refreshing, one_rotates_and_one_recovers, id="a-siblings-lost-reply"),
    pytest.param(one_session, contests.sharing, all_get_one_session, id="tabs-stay-signed-in"),
    pytest.param(
        a_login_and_a_phone, contests.refreshing_on, one_browser_and_the_phone, id="tabs-refresh-on-and-on"
    ),
    pytest.param(nothing, contests.signing_in_while_revoked, nobody_is_left, id="no-sign-in-escapes"),
    pytest.param(five_sessions, contests.rotating_while_revoked, nobody_is_left, id="no-refresh-escapes"),
    pytest.param(five_exchanges, contests.recovering_while_revoked, nobody_is_left, id="no-recovery-escapes"),
    pytest.param(nothing, contests.crowding, one_fits, id="the-cap-is-exact"),
    pytest.param(one_code, contests.guessing_codes, five_are_compared, id="five-codes-are-compared"),
    pytest.param(one_code, contests.submitting_the_code, the_code_works_once, id="a-code-works-once"),
    pytest.param(nothing, contests.claiming_resends, one_is_claimed, id="one-mail-is-sent"),
    pytest.param(one_link, contests.consuming_proofs, the_link_works_once, id="a-link-works-once"),
    pytest.param(nothing, contests.repeating_a_code, one_in_each_realm, id="a-totp-is-used-once"),
    pytest.param(
        one_temporary_token,
        contests.challenging,
        one_signs_in_and_the_other_codes_stay_good,
        id="a-temporary-token-signs-in-once",
    ),
    pytest.param(
        nothing,
        contests.challenging_with_one_code,
        one_signs_in_and_the_other_tokens_stay_good,
        id="a-totp-signs-in-once",
    ),
    pytest.param(
        nothing, contests.claiming_a_recovery_code, one_in_each_realm, id="a-recovery-code-is-claimed-once"
    ),
    pytest.param(
        one_temporary_token,
        contests.deleting_a_temporary_token,
        one_in_each_realm,
        id="a-temporary-token-is-deleted-once",
    ),
    pytest.param(nothing, contests.locking, one_in_each_realm, id="a-lock-is-taken-once"),
    pytest.param(one_lock, contests.releasing, one_in_each_realm, id="a-lock-is-released-by-its-holder"),
    pytest.param(nothing, contests.enrolling, all_see_one_enrolment, id="an-enrolment-begins-once"),
    pytest.param(
        one_enrolment, contests.enabling, one_enables_in_each_realm, id="an-enrolment-is-confirmed-once"
    ),
    pytest.param(nothing, contests.guessing_passwords, five_are_evaluated, id="five-guesses-are-evaluated"),
    pytest.param(nothing, contests.knocking, ten_pass, id="the-rate-limit-is-exact"),
    pytest.param(nothing, contests.raising_epochs, each_rise_is_seen_once, id="no-rise-is-lost"),
]


# Between processes each race runs on every kind, and there too each process makes its calls at once.
IN_ONE_PROCESS = [
    pytest.param(kind, marks=[long_only] * (kind in ("redis-tagged", "redis-cluster"))) for kind in KINDS
]


@pytest.mark.parametrize("store_source", IN_ONE_PROCESS, indirect=True)
@pytest.mark.parametrize("field", [on_one_loop, on_threads])
@pytest.mark.parametrize(("prepare", "contest", "judge"), RACES)
async def test_a_race_in_one_process_ends_as_if_run_in_turn(
    store_source: StoreSource,
    prepare: Prepare,
    contest: Contest,
    judge: Judge,
    field: Callable[[Contest, StoreSource, AuthStores], Awaitable[Counter[str]]],
) -> None:
    """Two requests at the same moment would each be granted what only one may have."""
    stores = store_source.open()
    await stores.start()
    try:
        await prepare(stores)
        await judge(stores, await field(contest, store_source, stores))
    finally:
        await stores.aclose()


@pytest.mark.processes
@pytest.mark.parametrize(("prepare", "contest", "judge"), RACES)
async def test_a_race_between_processes_ends_as_if_run_in_turn(
    shared_source: StoreSource, racers: Racers, prepare: Prepare, contest: Contest, judge: Judge
) -> None:
    """Two workers of one deployment would each grant what only one may."""
    source = shared_source
    stores = source.open()
    try:
        await prepare(stores)
        met = racers.run(contest, source)
        await judge(stores, met)
    finally:
        await stores.aclose()


@pytest.mark.processes
async def test_processes_that_open_a_new_store_together_share_it(tmp_path: Path, racers: Racers) -> None:
    """The workers of a first start would trip over one another creating the tables."""
    source = StoreSource("embedded-file", str(tmp_path / "auth.db"))
    met = racers.run(contests.raising_epochs, source)
    assert met == Counter(str(number) for number in range(1, 41))
