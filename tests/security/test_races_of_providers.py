"""Browsers that return from a provider at once, to several workers of one deployment: I-12, I-39."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.errors import AuthError
from bymax_auth.ports.accounts import LinkOutcome
from bymax_auth.types.account import AuthUser, CreateUserData
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.security.deployments import (
    PASSWORD,
    PROCESSES,
    TENANT,
    Deployment,
    Fleet,
    Running,
    fleet,
)
from tests.servers.redis import RedisProcess

__all__ = ["fleet"]

pytestmark = [pytest.mark.slow, pytest.mark.processes]

CONTEXT = RequestContext(ip="203.0.113.9", user_agent="Firefox on Linux")
ZOE = "zoe@example.com"
USES = 5
"""How often each process finishes one sign-in at once."""


@pytest.fixture(params=["embedded-file", "redis"])
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> Deployment:
    """Accounts in a file, and stores in another one or on Redis."""
    url = ""
    if request.param == "redis":
        server: RedisProcess = request.getfixturevalue("redis_server")
        url = server.url
    deployment = Deployment(str(tmp_path), url)
    await deployment.prepare()
    return deployment


async def departed(here: Deployment, count: int) -> list[str]:
    """The states of sign-ins that have begun."""
    async with here.running() as running:
        return [
            (await running.engine.oauth_initiate("stateless", TENANT, CONTEXT)).state for _ in range(count)
        ]


async def finishing(running: Running, who: int, given: list[tuple[str, str]]) -> list[Any]:
    """Return several times at once, each with the own state and person, where each contestant has one."""
    state, code = given[who % len(given)]

    async def finish() -> str:
        try:
            await running.engine.oauth_callback(
                "stateless", code=code, state=state, state_cookie=state, context=CONTEXT
            )
        except AuthError as refusal:
            return type(refusal).__name__
        return "signed in"

    outcomes = await asyncio.gather(*(finish() for _ in range(USES)))
    return [(who, outcome) for outcome in outcomes]


async def of_address(running: Running, email: str = ZOE) -> AuthUser:
    user = await running.users.find_by_email(email, tenant_id=TENANT)
    assert user is not None
    return user


async def sessions_of(running: Running, user: AuthUser) -> int:
    return len(await running.engine.list_sessions(user.id, tenant_id=TENANT))


async def test_a_return_that_is_repeated_at_once_signs_in_once(here: Deployment, fleet: Fleet) -> None:
    """A double click, or whoever reads the address in a proxy's log, would get a session of their own."""
    [state] = await departed(here, 1)
    outcomes = await fleet.race(here, finishing, [(state, f"1234 {ZOE}")])
    assert Counter(outcome for _, outcome in outcomes) == {
        "signed in": 1,
        "OAuthFailed": PROCESSES * USES - 1,
    }
    async with here.running() as running:
        assert await sessions_of(running, await of_address(running)) == 1


async def test_a_person_who_returns_in_several_tabs_has_one_account(here: Deployment, fleet: Fleet) -> None:
    """Each tab would make an account, and the next sign-in would pick any of them."""
    states = await departed(here, PROCESSES)
    outcomes = await fleet.race(here, finishing, [(state, f"1234 {ZOE}") for state in states])
    met = Counter(outcome for _, outcome in outcomes)
    signed_in = met.pop("signed in")
    conflicts = met.pop("OAuthEmailMismatch", 0)
    assert signed_in >= 1
    assert signed_in + conflicts == PROCESSES
    assert met == {"OAuthFailed": PROCESSES * (USES - 1)}
    async with here.running() as running:
        zoe = await running.users.find_by_oauth_id("stateless", "1234", tenant_id=TENANT)
        assert zoe == await of_address(running)
        assert zoe is not None
        assert await sessions_of(running, zoe) == signed_in


async def test_of_the_people_who_claim_one_address_one_gets_the_account(
    here: Deployment, fleet: Fleet
) -> None:
    """Several people would share the account that a stranger has registered."""
    async with here.running() as running:
        stranger = await running.users.create(
            CreateUserData(
                email=ZOE, name="Eve", password_hash=f"plain:{PASSWORD}", tenant_id=TENANT, status="ACTIVE"
            )
        )
    states = await departed(here, PROCESSES)
    given = [(state, f"{number} {ZOE}") for number, state in enumerate(states)]
    outcomes = await fleet.race(here, finishing, given)
    # Whoever loses may have ended the sessions in the moment in which the winner's was opened.
    winners = [who for who, outcome in outcomes if outcome == "signed in"]
    assert len(winners) <= 1
    met = Counter(outcome for _, outcome in outcomes)
    assert met["OAuthEmailMismatch"] == PROCESSES - 1
    assert met["OAuthFailed"] == PROCESSES * USES - PROCESSES + 1 - len(winners)
    async with here.running() as running:
        zoe = await of_address(running)
        assert (zoe.id, zoe.password_hash, zoe.email_verified) == (stranger.id, None, True)
        assert zoe.oauth_provider_id in ([str(who) for who in winners] or map(str, range(PROCESSES)))
        assert await sessions_of(running, zoe) == len(winners)


# ── linked identities ────────────────────────────────────────────────────────────────────────────────────


async def people(running: Running, count: int) -> list[AuthUser]:
    """Verified accounts with a password."""
    return [
        await running.users.create(
            CreateUserData(
                email=f"p{number}@example.com",
                name="Ada",
                password_hash=f"plain:{PASSWORD}",
                tenant_id=TENANT,
                status="ACTIVE",
                email_verified=True,
            )
        )
        for number in range(count)
    ]


async def links_begun(running: Running, users: list[AuthUser]) -> list[str]:
    """The states of links, each of another account and login."""
    states: list[str] = []
    for user in users:
        session: Any = await running.engine.login(
            LoginInput(email=user.email, password=PASSWORD, tenant_id=TENANT), CONTEXT
        )
        departed = await running.engine.link_identity(
            user.id,
            "stateless",
            tenant_id=TENANT,
            current_refresh=session.refresh_token,
            password=PASSWORD,
        )
        states.append(departed.state)
    return states


async def test_of_the_accounts_that_link_one_identity_at_once_one_has_it(
    here: Deployment, fleet: Fleet
) -> None:
    """Several accounts would be one person's, and the next sign-in would pick any of them."""
    async with here.running() as running:
        users = await people(running, PROCESSES)
        states = await links_begun(running, users)
    outcomes = await fleet.race(here, finishing, [(state, f"1234 {ZOE}") for state in states])
    met = Counter(outcome for _, outcome in outcomes)
    assert met == {
        "signed in": 1,
        "OAuthEmailMismatch": PROCESSES - 1,
        "OAuthFailed": PROCESSES * (USES - 1),
    }
    [winner] = [who for who, outcome in outcomes if outcome == "signed in"]
    async with here.running() as running:
        owner = await running.users.find_by_oauth_id("stateless", "1234", tenant_id=TENANT)
        assert owner is not None
        assert owner.id == users[winner].id
        held = [await running.users.list_identities(user.id, tenant_id=TENANT) for user in users]
        assert sorted(map(len, held)) == [0] * (PROCESSES - 1) + [1]


async def unlinking(running: Running, who: int, given: list[tuple[str, str]]) -> list[Any]:
    """Remove one identity, as each contestant does with another."""
    user_id, identity_id = given[who]
    try:
        await running.engine.unlink_identity(user_id, identity_id, tenant_id=TENANT)
    except AuthError as refusal:
        return [(who, type(refusal).__name__)]
    return [(who, "unlinked")]


async def test_of_the_identities_that_are_unlinked_at_once_one_way_in_stays(
    here: Deployment, fleet: Fleet
) -> None:
    """Each worker would count on what another one removes, and their owner would be locked out."""
    [state] = await departed(here, 1)
    async with here.running() as running:
        await finishing(running, 0, [(state, f"0 {ZOE}")])
        user = await of_address(running)
        for number in range(1, PROCESSES):
            outcome = await running.users.link_oauth(user.id, "stateless", str(number), tenant_id=TENANT)
            assert outcome is LinkOutcome.LINKED
        listed = await running.engine.list_identities(user.id, tenant_id=TENANT)
    outcomes = await fleet.race(here, unlinking, [(user.id, one.id) for one in listed])
    assert Counter(outcome for _, outcome in outcomes) == {"unlinked": PROCESSES - 1, "Forbidden": 1}
    async with here.running() as running:
        [left] = await running.users.list_identities(user.id, tenant_id=TENANT)
        found = await running.users.find_by_oauth_id("stateless", left.provider_id, tenant_id=TENANT)
        assert found is not None
        assert (found.id, found.oauth_provider_id) == (user.id, left.provider_id)
