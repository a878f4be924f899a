"""A store or a database that fails at any step: nothing is let through, and nothing leaks."""

from typing import Any

import pytest

from bymax_auth.errors import AuthError, InternalError, RepositoryBackendError, StoreUnavailable
from bymax_auth.types.identity import Realm
from tests.integration.flows.journeys import EVERY_JOURNEY, calls_of, journey
from tests.integration.flows.tracing import Trace, failing_at

HARMLESS = (
    "kdf.run",
    "users.update_last_login",
    "admins.update_last_login",
    "attempts.abandon",
    "mfa.release_lock",
)
"""What nobody waits for, what is no store, and a lock that ends by itself."""


HALF_DONE = {("register", "otps.put"), ("mfa challenge", "attempts.ok")}
"""What is written together with a session, which must not be lost to it."""


class DatabaseAway(Exception):
    """What a host's repository may raise."""


async def outcome_of(run: Any) -> Any:
    try:
        return await run()
    except (AuthError, InternalError) as error:
        return error


@pytest.mark.parametrize(("name", "realm"), EVERY_JOURNEY)
async def test_a_store_that_fails_at_any_step_lets_nobody_through(name: str, realm: Realm) -> None:
    """During an outage no tokens may be handed out, and no answer may blame the caller."""
    for number, call in enumerate(await calls_of(name, realm)):
        stored = not call.startswith(("users.", "admins.", "kdf."))
        async with journey(name, realm) as at:
            live = await at.world.live_sessions(realm)
            at.world.trace.before = failing_at(number, StoreUnavailable if stored else DatabaseAway)
            if call in HARMLESS:
                continue
            outcome = await outcome_of(at.run)
            await at.world.engine.drain()
            if name == "logout":
                assert outcome in {None, at.view.account_id}
                assert "logout.cleanup_failed" in at.world.events.names
            elif (name, call) in HALF_DONE or looks_again(name, call, at.world.trace):
                assert not isinstance(outcome, Exception)
                live += name == "mfa challenge"
            else:
                expected = StoreUnavailable if stored else RepositoryBackendError
                assert type(outcome) is expected, (call, outcome)
                assert outcome.__cause__ is None
            assert await at.world.live_sessions(realm) <= live
            trace = at.world.trace
            begun = trace.count("attempts.begin") - (call == "attempts.begin")
            assert begun == trace.count("attempts.ok", "attempts.fail", "attempts.abandon"), call


def looks_again(name: str, call: str, trace: Trace) -> bool:
    """Whether the call reads an account whose factor is written already: its sessions end all the same."""
    is_written = trace.count("users.update_mfa", "admins.update_mfa") > 0
    return name == "mfa enable" and call.endswith(".find_by_id") and is_written


@pytest.mark.parametrize("realm", list(Realm))
async def test_an_attempt_that_cannot_be_given_back_changes_no_answer(realm: Realm) -> None:
    """The refusal stands; the store forgets the attempt by itself."""
    calls = await calls_of("blocked login", realm)
    async with journey("blocked login", realm) as at:
        at.world.trace.before = failing_at(calls.index("attempts.abandon"), StoreUnavailable)
        assert isinstance(await outcome_of(at.run), AuthError)


@pytest.mark.parametrize("realm", list(Realm))
async def test_a_failing_sign_in_is_as_slow_as_a_refused_one(realm: Realm) -> None:
    """An outage must not make the difference between known and unknown addresses visible."""
    calls = await calls_of("login", realm)
    for number in range(1, len(calls)):
        if calls[number] in HARMLESS:
            continue
        async with journey("login", realm) as at:
            at.world.trace.before = failing_at(number, StoreUnavailable)
            started = at.world.clock.monotonic()
            assert isinstance(await outcome_of(at.run), InternalError)
            assert at.world.clock.monotonic() - started == pytest.approx(0.3)
