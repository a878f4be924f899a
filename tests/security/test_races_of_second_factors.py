"""Whole engines race for one second factor, as tasks and as processes: I-15."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.crypto import totp
from bymax_auth.errors import AuthError
from bymax_auth.types.context import RequestContext
from bymax_auth.types.results import MfaChallengeResult
from tests.security.deployments import (
    PASSWORD,
    PROCESSES,
    TENANT,
    Deployment,
    Fleet,
    Running,
    Work,
    fleet,
)
from tests.servers.redis import RedisProcess

__all__ = ["fleet"]

CONTEXT = RequestContext(ip="203.0.113.9", user_agent="Firefox on Linux")

FIELDS = [
    "tasks",
    pytest.param("processes", marks=[pytest.mark.slow, pytest.mark.processes]),
    pytest.param("processes on Redis", marks=[pytest.mark.slow, pytest.mark.processes]),
]


@dataclass(frozen=True, slots=True)
class Owner:
    """Ada with an authenticator app and a printed list."""

    user_id: str
    secret: str
    recovery_codes: tuple[str, ...]

    def code(self, steps: int) -> str:
        """The code of a step after this one, which lasts for two minutes."""
        return f"{totp.generate(totp.base32_decode(self.secret), int(time.time()) + 30 * steps):06d}"


@dataclass(frozen=True, slots=True)
class Given:
    """What the contestants share: who they are, temporary tokens, and codes."""

    owner: Owner
    tokens: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contest:
    """A deployment, Ada, and the processes that race for her second factor; tasks of this one without any."""

    here: Deployment
    owner: Owner
    fleet: Fleet | None

    async def run(self, work: Work, given: Given) -> Counter[str]:
        """Let four contestants do the work at once, and count the outcomes."""
        if self.fleet is not None:
            return Counter(await self.fleet.race(self.here, work, given))
        async with self.here.running() as running:
            reports = await asyncio.gather(*(work(running, who, given) for who in range(PROCESSES)))
        return Counter(one for report in reports for one in report)


@pytest.fixture(params=FIELDS)
async def contest(request: pytest.FixtureRequest, tmp_path: Path) -> Contest:
    """Ada has begun an enrolment.  Servers and processes start with the first test that needs them."""
    server: RedisProcess | None = None
    if request.param == "processes on Redis":
        server = request.getfixturevalue("redis_server")
    here = Deployment(str(tmp_path), server.url if server else "")
    user_id = await here.prepare()
    async with here.running() as running:
        shown = await running.engine.mfa_setup(user_id, tenant_id=TENANT, password=PASSWORD)
    owner = Owner(user_id, shown.secret, shown.recovery_codes)
    return Contest(here, owner, None if request.param == "tasks" else request.getfixturevalue("fleet"))


async def outcome(call: Any) -> str:
    try:
        await call
    except AuthError as refusal:
        return type(refusal).__name__
    return "won"


async def enabled(here: Deployment, owner: Owner) -> None:
    async with here.running() as running:
        await confirm(running, owner, owner.code(-1))


async def confirm(running: Running, owner: Owner, code: str) -> None:
    await running.engine.mfa_verify_enable(owner.user_id, code, tenant_id=TENANT, context=CONTEXT)


async def challenges(here: Deployment, number: int) -> tuple[str, ...]:
    async with here.running() as running:
        answers = [await running.engine.login(running.credentials(), CONTEXT) for _ in range(number)]
    assert all(isinstance(answer, MfaChallengeResult) for answer in answers)
    return tuple(answer.mfa_temp_token for answer in answers if isinstance(answer, MfaChallengeResult))


async def state(here: Deployment, owner: Owner) -> tuple[Any, int]:
    """Ada's row, and how many sessions she has."""
    async with here.running() as running:
        row = await running.users.find_by_id(owner.user_id, tenant_id=TENANT)
        sessions = await running.engine.list_sessions(owner.user_id, tenant_id=TENANT)
    return row, len(sessions)


async def confirms(running: Running, who: int, given: Given) -> list[str]:
    return [await outcome(confirm(running, given.owner, given.codes[who % len(given.codes)]))]


async def answers(running: Running, who: int, given: Given) -> list[str]:
    token, code = given.tokens[who % len(given.tokens)], given.codes[who % len(given.codes)]
    return [await outcome(running.engine.mfa_challenge(token, code, CONTEXT))]


async def test_of_several_confirmations_one_enables(contest: Contest) -> None:
    """An owner would be left with an app that never works."""
    here, owner = contest.here, contest.owner
    given = Given(owner, codes=(owner.code(1), owner.code(2)))
    assert (await contest.run(confirms, given))["won"] == 1
    row, _ = await state(here, owner)
    assert row.mfa_enabled


@pytest.mark.parametrize("kind", ["code", "recovery code"])
async def test_one_code_at_several_challenges_opens_one_session(contest: Contest, kind: str) -> None:
    """Whoever reads a code over a shoulder must not be as fast as its owner."""
    here, owner = contest.here, contest.owner
    await enabled(here, owner)
    code = owner.code(2) if kind == "code" else owner.recovery_codes[0]
    given = Given(owner, await challenges(here, PROCESSES), (code,))
    outcomes = await contest.run(answers, given)
    assert outcomes == {"won": 1, "MfaInvalidCode": PROCESSES - 1}
    row, sessions = await state(here, owner)
    assert (sessions, len(row.mfa_recovery_codes)) == (1, 8 if kind == "code" else 7)


@pytest.mark.parametrize("kind", ["code", "recovery code"])
async def test_several_codes_at_one_challenge_open_one_session(contest: Contest, kind: str) -> None:
    """One proven password is one session."""
    here, owner = contest.here, contest.owner
    await enabled(here, owner)
    codes = (owner.code(1), owner.code(2)) if kind == "code" else owner.recovery_codes[:PROCESSES]
    given = Given(owner, await challenges(here, 1), codes)
    assert (await contest.run(answers, given))["won"] == 1
    row, sessions = await state(here, owner)
    assert (sessions, len(row.mfa_recovery_codes)) == (1, 8 if kind == "code" else 7)


async def test_recovery_codes_that_are_used_at_once_are_all_spent(contest: Contest) -> None:
    """A code that was used would work again, because another was crossed out at the same moment."""
    here, owner = contest.here, contest.owner
    await enabled(here, owner)
    before = (await state(here, owner))[0].mfa_recovery_codes
    given = Given(owner, await challenges(here, PROCESSES), owner.recovery_codes[:PROCESSES])
    outcomes = await contest.run(answers, given)
    row, sessions = await state(here, owner)
    assert outcomes["won"] + outcomes["MfaStateConflict"] == PROCESSES
    assert sessions == outcomes["won"] >= 1
    assert set(row.mfa_recovery_codes) >= set(before[PROCESSES:])
    assert len(row.mfa_recovery_codes) == len(before) - outcomes["won"]


async def answers_or_disables(running: Running, who: int, given: Given) -> list[str]:
    if who:
        return await answers(running, who, given)
    disable = running.engine.mfa_disable(
        given.owner.user_id, given.owner.code(2), tenant_id=TENANT, context=CONTEXT
    )
    return [f"disable {await outcome(disable)}"]


async def test_a_challenge_never_outlives_the_removal(contest: Contest) -> None:
    """A factor that was removed must stay removed, and every session ends with it."""
    here, owner = contest.here, contest.owner
    await enabled(here, owner)
    given = Given(owner, await challenges(here, PROCESSES), owner.recovery_codes[:PROCESSES])
    outcomes = await contest.run(answers_or_disables, given)
    row, sessions = await state(here, owner)
    if outcomes["disable won"]:
        assert (row.mfa_enabled, row.mfa_secret, row.mfa_recovery_codes) == (False, None, None)
        assert sessions == 0
    else:
        assert outcomes["disable MfaStateConflict"] == 1
        assert row.mfa_enabled


async def answers_or_regenerates(running: Running, who: int, given: Given) -> list[str]:
    if who:
        return await answers(running, who, given)
    call = running.engine.mfa_recovery_codes(
        given.owner.user_id, given.owner.code(2), tenant_id=TENANT, context=CONTEXT
    )
    return [f"regenerate {await outcome(call)}"]


async def test_a_challenge_never_restores_recovery_codes(contest: Contest) -> None:
    """The old list is void from the moment the new one is shown."""
    here, owner = contest.here, contest.owner
    await enabled(here, owner)
    before = set((await state(here, owner))[0].mfa_recovery_codes)
    given = Given(owner, await challenges(here, PROCESSES), owner.recovery_codes[:PROCESSES])
    outcomes = await contest.run(answers_or_regenerates, given)
    after = (await state(here, owner))[0].mfa_recovery_codes
    if outcomes["regenerate won"]:
        assert (len(after), before & set(after)) == (8, set())
    else:
        assert outcomes["regenerate MfaStateConflict"] == 1
        assert len(after) == 8 - outcomes["won"]
