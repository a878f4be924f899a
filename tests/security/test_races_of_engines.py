"""Whole engines race for one account, as tasks and as processes: I-15, I-20, I-22."""

import asyncio
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import AuthError, InvalidCredentials, RefreshTokenInvalid, TokenInvalid
from bymax_auth.ports.events import RefreshReuseDetected
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, ResetPasswordInput
from tests.security.deployments import (
    EMAIL,
    NEW_PASSWORD,
    PROCESSES,
    TENANT,
    Deployment,
    Fleet,
    Running,
    Work,
    fleet,
)

__all__ = ["fleet"]

CONTEXT = RequestContext(ip="203.0.113.9", user_agent="Firefox on Linux")
REFRESHES = 100
SESSIONS = 12
AT_MOST = 10_000
"""Far more than anybody manages before the end comes, however late the machine lets it come."""
DEVICES = 4

HOW = [
    pytest.param(1, id="tasks"),
    pytest.param(PROCESSES, id="processes", marks=[pytest.mark.slow, pytest.mark.processes]),
]


@pytest.fixture
async def deployment(tmp_path: Path) -> tuple[Deployment, str]:
    """A deployment in new files, and Ada's id."""
    made = Deployment(str(tmp_path), real_hashes=True)
    return made, await made.prepare()


async def race(processes: int, fleet: Any, deployment: Deployment, work: Work, given: Any) -> list[Any]:
    """Run the contest in one process or in four; the work of one is what four would share."""
    if processes > 1:
        contest: Fleet = fleet()
        return await contest.race(deployment, work, given)
    async with deployment.running() as running:
        reports = await asyncio.gather(*(work(running, who, given) for who in range(PROCESSES)))
    return [one for report in reports for one in report]


@pytest.fixture
def late_fleet(request: pytest.FixtureRequest) -> Any:
    """The fleet, started only by the first test that needs it."""
    return lambda: request.getfixturevalue("fleet")


# ── one token, a hundred refreshes ───────────────────────────────────────────────────────────────────────


async def refresh_many(running: Running, _who: int, token: str) -> list[Any]:
    """Refresh with one token, many times at once."""
    outcomes = await asyncio.gather(
        *(refreshed(running, token) for _ in range(REFRESHES // PROCESSES)),
    )
    return [*outcomes, ("reuse", len(running.events.of(RefreshReuseDetected)))]


async def refreshed(running: Running, token: str) -> tuple[str, Any]:
    try:
        pair = (await running.engine.refresh(token, CONTEXT)).tokens
    except AuthError as refusal:
        return "refused", (refusal.code, type(refusal).__name__)
    return "pair", (pair.access_token, pair.refresh_token)


@pytest.mark.parametrize("processes", HOW)
async def test_a_hundred_refreshes_of_one_token_are_one_rotation(
    deployment: tuple[Deployment, str], late_fleet: Any, processes: int
) -> None:
    """Tabs that wake together would sign their owner out, or leave a session for each of them."""
    here, user_id = deployment
    async with here.running() as running:
        born = await running.engine.login(running.credentials(), CONTEXT)
    outcomes = await race(processes, late_fleet, here, refresh_many, born.refresh_token)

    kinds = Counter(kind for kind, _ in outcomes if kind != "reuse")
    assert kinds == {"pair": REFRESHES}
    assert {value for kind, value in outcomes if kind == "reuse"} == {0}

    pairs = [value for kind, value in outcomes if kind == "pair"]
    with sqlite3.connect(here.store) as raw:
        live = raw.execute("SELECT hash, family FROM sessions").fetchall()
        spent = raw.execute(
            "SELECT spent FROM grace WHERE hash = ?", (sha256_hex(born.refresh_token),)
        ).fetchall()
        families = raw.execute("SELECT count(*) FROM families").fetchone()
    raw.close()
    [successor] = {refresh_token for _, refresh_token in pairs}
    assert [hashed for hashed, _ in live] == [sha256_hex(successor)]
    assert (spent, families) == ([(0,)], (1,))

    async with here.running() as running:
        for access_token, _ in pairs:
            assert (await running.engine.authenticate(access_token)).claims.sub == user_id
        await running.engine.refresh(successor, CONTEXT)
        assert running.events.of(RefreshReuseDetected) == []


# ── what ends sessions, in the middle of what opens them ────────────────────────────────────────────────
#
# The first contestant goes a little way with the others and then ends everything; each of the others
# goes on until it has met the end, so the end always comes while work is under way.


async def refresh_until_refused(running: Running, who: int, given: tuple[str, list[str]]) -> list[Any]:
    """Refresh a share of the sessions over and over; the first contestant ends them all."""
    user_id, tokens = given

    async def chain(token: str, length: int) -> list[tuple[str, str]]:
        issued: list[tuple[str, str]] = []
        while len(issued) < length:
            kind, value = await refreshed(running, token)
            if kind == "refused":
                return issued
            issued.append(value)
            token = value[1]
        assert who == 0, "the end never came"
        return issued

    chains = [chain(token, 2 if who == 0 else AT_MOST) for token in tokens[who::PROCESSES]]
    issued = [pair for pairs in await asyncio.gather(*chains) for pair in pairs]
    if who == 0:
        await running.engine.revoke_all_sessions(user_id, tenant_id=TENANT)
    return issued


@pytest.mark.parametrize("processes", HOW)
async def test_no_refresh_outlives_the_end_of_every_session(
    deployment: tuple[Deployment, str], late_fleet: Any, processes: int
) -> None:
    """Whoever signs out everywhere because a phone was stolen would leave the thief signed in."""
    here, user_id = deployment
    async with here.running() as running:
        born = [await running.engine.login(running.credentials(), CONTEXT) for _ in range(SESSIONS)]
    first = [(result.access_token, result.refresh_token) for result in born]
    given = (user_id, [token for _, token in first])
    issued = await race(processes, late_fleet, here, refresh_until_refused, given)
    assert len(issued) >= SESSIONS // PROCESSES

    async with here.running() as running:
        subject = running.engine.identifiers.subject(Realm.DASHBOARD, user_id, TENANT)
        assert len(await running.engine.stores.sessions.list(subject)) == 0
        for pair in [*first, *issued]:
            await assert_dead(running, *pair)


async def sign_in_until_refused(running: Running, who: int, proof: str) -> list[Any]:
    """Sign in with the old password over and over; the first contestant replaces it."""

    async def chain(length: int) -> list[tuple[str, str]]:
        issued: list[tuple[str, str]] = []
        while len(issued) < length:
            try:
                result = await running.engine.login(running.credentials(), CONTEXT)
            except InvalidCredentials:
                return issued
            issued.append((result.access_token, result.refresh_token))
        assert who == 0, "the end never came"
        return issued

    if who > 0:
        chains = await asyncio.gather(*(chain(AT_MOST) for _ in range(DEVICES)))
        return [pair for pairs in chains for pair in pairs]
    issued = await chain(1)
    reset = ResetPasswordInput(email=EMAIL, new_password=NEW_PASSWORD, token=proof, tenant_id=TENANT)
    await running.engine.reset_password(reset, CONTEXT)
    return issued


@pytest.mark.parametrize("processes", HOW)
async def test_no_sign_in_with_the_old_password_outlives_a_reset(
    deployment: tuple[Deployment, str], late_fleet: Any, processes: int
) -> None:
    """Whoever resets a password that was found out would leave its finder signed in."""
    here, user_id = deployment
    async with here.running() as running:
        await running.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
        await running.engine.drain()
        proof = running.mailer.last("password_reset_token").code
    issued = await race(processes, late_fleet, here, sign_in_until_refused, proof)
    assert issued != []

    async with here.running() as running:
        for pair in issued:
            await assert_dead(running, *pair)
        result = await running.engine.login(running.credentials(NEW_PASSWORD), CONTEXT)
        assert (await running.engine.authenticate(result.access_token)).claims.sub == user_id


async def sign_in_until_after(running: Running, who: int, user_id: str) -> list[Any]:
    """Sign in over and over; the first contestant ends every session."""
    issued: list[tuple[str, str]] = []
    while len(issued) < (1 if who == 0 else AT_MOST):
        try:
            result = await running.engine.login(running.credentials(), CONTEXT)
        except InvalidCredentials:
            continue  # it was under way when the end came
        issued.append((result.access_token, result.refresh_token))
        if running.engine.authenticate.access_tokens.verify(result.access_token).epoch > 0:
            return issued
    assert who == 0, "the end never came"
    await running.engine.revoke_all_sessions(user_id, tenant_id=TENANT)
    return issued


@pytest.mark.parametrize("processes", HOW)
async def test_a_sign_in_lives_only_when_it_began_after_the_end_of_every_session(
    deployment: tuple[Deployment, str], late_fleet: Any, processes: int
) -> None:
    """A device that was just signing in would be missed by "sign out everywhere"."""
    here, user_id = deployment
    issued = await race(processes, late_fleet, here, sign_in_until_after, user_id)

    async with here.running() as running:
        epochs = Counter[int]()
        for access_token, refresh_token in issued:
            epoch = running.engine.authenticate.access_tokens.verify(access_token).epoch
            epochs[epoch] += 1
            if epoch == 0:
                await assert_dead(running, access_token, refresh_token)
            else:
                assert (await running.engine.authenticate(access_token)).claims.epoch == 1
                await running.engine.refresh(refresh_token, CONTEXT)
        assert set(epochs) == {0, 1}


async def assert_dead(running: Running, access_token: str, refresh_token: str) -> None:
    with pytest.raises(RefreshTokenInvalid):
        await running.engine.refresh(refresh_token, CONTEXT)
    with pytest.raises(TokenInvalid):
        await running.engine.authenticate(access_token)
