"""
Contests over one state, and the processes that run them.

A contest is a coroutine that one of several contestants runs at the same moment; it returns the
name of each outcome that it met, and the test counts them.  All of them work on the same store,
whose state the test has prepared.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.ports.attempts import Busy, Go
from bymax_auth.ports.mfa import MfaSetupRecord, MfaStore
from bymax_auth.ports.one_time import PASSWORD_RESET
from bymax_auth.ports.sessions import Created, Gone, InGrace, Live
from bymax_auth.ports.stores import AuthStores
from bymax_auth.types.identity import Realm, Subject
from tests.contract.samples import (
    account,
    counter,
    new_session,
    otp,
    recovery,
    rotation,
    token,
)
from tests.contract.stores import StoreSource
from tests.servers.processes import RaceTrack, race_track, wait_for_the_others

__all__ = ["CONTESTANTS", "OWNERS", "Contest", "mfa_of", "on_one_loop", "on_threads", "racers", "temp_of"]

CONTESTANTS = 4
HOUR = timedelta(hours=1)
Contest = Callable[[AuthStores, int], Coroutine[Any, Any, list[str]]]
OWNER = account(Realm.DASHBOARD)
OWNERS = tuple(account(realm) for realm in Realm)
"""The account of each realm."""


async def many(work: Callable[[int], Coroutine[Any, Any, object]], count: int) -> list[str]:
    """The names of the outcomes of `count` calls made at once."""
    outcomes = await asyncio.gather(*(work(number) for number in range(count)))
    return [outcome if isinstance(outcome, str) else type(outcome).__name__ for outcome in outcomes]


async def rotating(stores: AuthStores, who: int) -> list[str]:
    """Exchange one token, each time for another successor."""
    return await many(
        lambda number: stores.sessions.rotate(OWNER, rotation(OWNER, "shared", f"{who}-{number}")), 50
    )


async def refreshing(stores: AuthStores, who: int) -> list[str]:
    """Present one token as the refresh flow does: look, act on what was seen, look again."""

    async def refresh(number: int) -> object:
        for _ in range(3):
            seen = await stores.sessions.snapshot(OWNER.realm, token("shared"))
            outcome: object = seen
            if isinstance(seen, Live):
                change = rotation(OWNER, "shared", f"{who}-{number}")
                outcome = await stores.sessions.rotate(OWNER, change)
            elif isinstance(seen, InGrace):
                again = recovery(OWNER, "shared", seen, f"{who}-{number}")
                outcome = await stores.sessions.recover(OWNER, again)
            if not isinstance(outcome, Gone):
                return outcome
        return "lost"

    return await many(refresh, 2)


async def sharing(stores: AuthStores, who: int) -> list[str]:
    """Present one token as tabs do, whose successor every server derives."""

    async def refresh(_number: int) -> object:
        seen = await stores.sessions.snapshot(OWNER.realm, token("shared"))
        if isinstance(seen, Live):
            return await stores.sessions.rotate(OWNER, rotation(OWNER, "shared", "next"))
        return await stores.sessions.reissue(OWNER, token("shared"), token("next"))

    return await many(refresh, 25)


async def refreshing_on(stores: AuthStores, who: int) -> list[str]:
    """Refresh five times in a row, as a tab does that shares its cookie with others."""

    async def refresh(_number: int) -> object:
        position = 0
        while position < 5:
            presented, successor = token(f"step-{position}"), token(f"step-{position + 1}")
            if isinstance(await stores.sessions.snapshot(OWNER.realm, presented), Live):
                change = rotation(OWNER, f"step-{position}", f"step-{position + 1}")
                outcome: object = await stores.sessions.rotate(OWNER, change)
            else:
                outcome = await stores.sessions.reissue(OWNER, presented, successor)
            position += not isinstance(outcome, Gone)
        return outcome

    return await many(refresh, 2)


async def signing_in_while_revoked(stores: AuthStores, who: int) -> list[str]:
    """Sign in with a fence while one contestant revokes everything."""
    if who == 0:
        return await many(lambda _: stores.sessions.revoke_all(OWNER), 1)
    return await many(
        lambda number: stores.sessions.create(OWNER, new_session(OWNER, f"{who}-{number}", expected_epoch=0)),
        10,
    )


async def rotating_while_revoked(stores: AuthStores, who: int) -> list[str]:
    """Refresh five sessions while one contestant revokes everything."""
    if who == 0:
        return await many(lambda _: stores.sessions.revoke_all(OWNER), 1)
    return await many(
        lambda number: stores.sessions.rotate(
            OWNER, rotation(OWNER, f"session-{number}", f"{who}-{number}", grace=timedelta(0))
        ),
        5,
    )


async def recovering_while_revoked(stores: AuthStores, who: int) -> list[str]:
    """Recover five sessions, whose exchange was seen, while one contestant revokes everything."""
    if who == 0:
        return await many(lambda _: stores.sessions.revoke_all(OWNER), 1)

    async def recover(number: int) -> object:
        seen = await stores.sessions.snapshot(OWNER.realm, token(f"session-{number}"))
        if not isinstance(seen, InGrace):
            return seen
        again = recovery(OWNER, f"session-{number}", seen, f"{who}-{number}")
        return await stores.sessions.recover(OWNER, again)

    return await many(recover, 5)


async def crowding(stores: AuthStores, who: int) -> list[str]:
    """Sign in with room for one session; each eviction is an outcome of its own."""

    async def sign_in(number: int) -> list[str]:
        login = f"{who}-{number}"
        created = await stores.sessions.create(OWNER, new_session(OWNER, login, family=login, cap=1))
        assert isinstance(created, Created)
        return ["Created", *("Evicted" for _ in created.evicted)]

    return [name for names in await asyncio.gather(*map(sign_in, range(10))) for name in names]


async def guessing_codes(stores: AuthStores, who: int) -> list[str]:
    """Submit wrong codes."""
    return await many(lambda number: stores.otps.verify(otp(), f"{who}-{number}", 5), 13)


async def submitting_the_code(stores: AuthStores, _who: int) -> list[str]:
    """Submit the right code."""
    return await many(lambda _: stores.otps.verify(otp(), "right", 5), 5)


async def claiming_resends(stores: AuthStores, _who: int) -> list[str]:
    """Ask for a new code."""

    async def claim(_number: int) -> str:
        return str(await stores.otps.try_begin_resend(otp(), timedelta(minutes=1)))

    return await many(claim, 5)


async def consuming_proofs(stores: AuthStores, _who: int) -> list[str]:
    """Use one reset link."""
    assert stores.proofs is not None
    proofs = stores.proofs
    return await many(lambda _: proofs.consume(PASSWORD_RESET, token("link").hash), 5)


async def guessing_passwords(stores: AuthStores, _who: int) -> list[str]:
    """Guess wrongly until locked; only a guess that was let through is evaluated."""

    async def guess(_number: int) -> object:
        while isinstance(outcome := await stores.attempts.begin(counter(), 5), Busy):  # noqa: ASYNC110
            await asyncio.sleep(0)
        if isinstance(outcome, Go):
            await stores.attempts.fail(counter(), timedelta(hours=1))
        return outcome

    return await many(guess, 10)


async def knocking(stores: AuthStores, _who: int) -> list[str]:
    """Ask more often than allowed."""

    async def hit(_number: int) -> str:
        return str((await stores.rate_limits.hit("login", "client", 10, timedelta(hours=1))).allowed)

    return await many(hit, 10)


async def raising_epochs(stores: AuthStores, _who: int) -> list[str]:
    """Raise one epoch; each value is an outcome of its own."""

    async def bump(_number: int) -> str:
        return str(await stores.revocation.bump_epoch(OWNER))

    return await many(bump, 10)


def mfa_of(stores: AuthStores) -> MfaStore:
    """The bundle's state of the second factor; every bundle that races keeps it."""
    assert stores.mfa is not None
    return stores.mfa


def temp_of(owner: Subject) -> str:
    """The id of an account's temporary token, as stores see it."""
    return token(f"temporary token of {owner.realm}").hash


async def in_both_realms(
    work: Callable[[Subject, int], Coroutine[Any, Any, object]], count: int
) -> list[str]:
    """The outcomes of `count` calls for the account of each realm, all made at once."""
    outcomes = await asyncio.gather(*(work(owner, number) for owner in OWNERS for number in range(count)))
    return [str(outcome) if isinstance(outcome, bool) else type(outcome).__name__ for outcome in outcomes]


async def repeating_a_code(stores: AuthStores, _who: int) -> list[str]:
    """Submit one TOTP for a change of the factor."""
    mfa = mfa_of(stores)
    return await in_both_realms(lambda owner, _: mfa.mark_totp_used(owner, token(owner.realm).hash, HOUR), 5)


async def challenging(stores: AuthStores, who: int) -> list[str]:
    """Submit a valid code for one temporary token, each time another code."""
    mfa = mfa_of(stores)
    return await in_both_realms(
        lambda owner, number: mfa.consume_challenge(
            owner, token(f"{owner.realm}-{who}-{number}").hash, temp_of(owner), HOUR
        ),
        5,
    )


async def challenging_with_one_code(stores: AuthStores, who: int) -> list[str]:
    """Submit one code for many temporary tokens."""
    mfa = mfa_of(stores)

    async def challenge(owner: Subject, number: int) -> bool:
        temp = token(f"{owner.realm}-{who}-{number}").hash
        await mfa.put_temp(owner, temp, HOUR)
        return await mfa.consume_challenge(owner, token(owner.realm).hash, temp, HOUR)

    return await in_both_realms(challenge, 5)


async def claiming_a_recovery_code(stores: AuthStores, _who: int) -> list[str]:
    """Submit one recovery code."""
    mfa = mfa_of(stores)
    return await in_both_realms(
        lambda owner, _: mfa.claim_recovery_code(owner, token(owner.realm).hash, HOUR), 5
    )


async def deleting_a_temporary_token(stores: AuthStores, _who: int) -> list[str]:
    """Use one temporary token with a recovery code."""
    mfa = mfa_of(stores)
    return await in_both_realms(lambda owner, _: mfa.delete_temp(owner, temp_of(owner)), 5)


async def locking(stores: AuthStores, who: int) -> list[str]:
    """Begin a change of the factor."""
    mfa = mfa_of(stores)
    return await in_both_realms(lambda owner, number: mfa.acquire_lock(owner, f"{who}-{number}", HOUR), 5)


async def releasing(stores: AuthStores, who: int) -> list[str]:
    """End a change that the first contestant holds."""
    mfa = mfa_of(stores)
    return await in_both_realms(lambda owner, _: mfa.release_lock(owner, f"{who}"), 5)


async def enrolling(stores: AuthStores, who: int) -> list[str]:
    """Begin an enrolment, each time with another secret."""
    mfa = mfa_of(stores)
    return await in_both_realms(
        lambda owner, number: mfa.put_setup(
            owner,
            MfaSetupRecord(encrypted_secret=f"{who}-{number}", recovery_codes=(), encrypted_codes=""),
            HOUR,
        ),
        5,
    )


async def enabling(stores: AuthStores, _who: int) -> list[str]:
    """Confirm one enrolment."""
    mfa = mfa_of(stores)
    return await in_both_realms(lambda owner, _: mfa.take_setup(owner), 5)


async def on_one_loop(contest: Contest, source: StoreSource, stores: AuthStores) -> Counter[str]:
    """All contestants as tasks of one event loop."""
    met = await asyncio.gather(*(contest(stores, who) for who in range(CONTESTANTS)))
    return Counter(name for names in met for name in names)


async def on_threads(contest: Contest, source: StoreSource, stores: AuthStores) -> Counter[str]:
    """Each contestant in a thread and an event loop of its own."""
    # A connection to a server belongs to one event loop, so there each contestant opens its own.
    running = (
        _contend_alone(contest, source, who) if source.on_redis else contest(stores, who)
        for who in range(CONTESTANTS)
    )
    met = await asyncio.gather(*(asyncio.to_thread(asyncio.run, race) for race in running))
    return Counter(name for names in met for name in names)


class Racers:
    """Processes that wait for one another before each contest."""

    def __init__(self, track: RaceTrack) -> None:
        self._track = track

    def run(self, contest: Contest, source: StoreSource) -> Counter[str]:
        """Let every process open the data and run the contest at the same moment."""
        return Counter(name for names in self._track.run(_contend, contest, source) for name in names)


@pytest.fixture(scope="session")
def racers() -> Iterator[Racers]:
    """Four processes, started once."""
    with race_track(CONTESTANTS) as track:
        yield Racers(track)


def _contend(contest: Contest, source: StoreSource, who: int) -> list[str]:
    wait_for_the_others()
    return asyncio.run(_contend_alone(contest, source, who))


async def _contend_alone(contest: Contest, source: StoreSource, who: int) -> list[str]:
    stores = source.open()
    try:
        return await contest(stores, who)
    finally:
        await stores.aclose()
