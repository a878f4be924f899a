"""Links of a change of address that are opened at the same moment, by workers of one deployment."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.errors import AuthError
from bymax_auth.types.account import AuthUser, CreateUserData
from tests.security.deployments import EMAIL, PASSWORD, PROCESSES, TENANT, Deployment, Fleet, Running, fleet
from tests.servers.redis import RedisProcess

__all__ = ["fleet"]

pytestmark = pytest.mark.processes

NEW_EMAIL = "ada@new.example"
CLICKS = 5


@pytest.fixture(params=["embedded-file", "redis"])
async def deployment(
    request: pytest.FixtureRequest, tmp_path: Path, fleet: Fleet
) -> tuple[Deployment, Fleet]:
    """Ada's account in a file, and stores in another one or on Redis."""
    url = ""
    if request.param == "redis":
        server: RedisProcess = request.getfixturevalue("redis_server")
        url = server.url
    here = Deployment(str(tmp_path), url)
    await here.prepare()
    return here, fleet


async def confirming(running: Running, who: int, tokens: list[str]) -> list[Any]:
    """Open one link several times at once: the own one, where each contestant has one."""
    token = tokens[who % len(tokens)]

    async def confirm() -> str:
        try:
            await running.engine.confirm_email_change(token)
        except AuthError as refusal:
            return type(refusal).__name__
        return "changed"

    outcomes = await asyncio.gather(*(confirm() for _ in range(CLICKS)))
    await running.engine.drain()
    notices = ["notified"] * len(running.mailer.of("email_changed"))
    return [(who, outcome) for outcome in [*outcomes, *notices]]


async def links_of(running: Running, user: AuthUser, *addresses: str) -> list[str]:
    for address in addresses:
        await running.engine.request_email_change(
            user.id, tenant_id=TENANT, new_email=address, current_password=PASSWORD
        )
    return [mail.code for mail in running.mailer.of("email_change_verification")][-len(addresses) :]


async def of_address(running: Running, email: str) -> AuthUser:
    user = await running.users.find_by_email(email, tenant_id=TENANT)
    assert user is not None
    return user


async def test_a_link_that_is_opened_many_times_at_once_works_once(
    deployment: tuple[Deployment, Fleet],
) -> None:
    """A double click would tell the owner that the link is invalid, or change the address twice."""
    here, processes = deployment
    async with here.running() as running:
        ada = await of_address(running, EMAIL)
        tokens = await links_of(running, ada, NEW_EMAIL)
    outcomes = await processes.race(here, confirming, tokens)
    assert Counter(outcome for _, outcome in outcomes) == {
        "changed": 1,
        "notified": 1,
        "EmailChangeTokenInvalid": PROCESSES * CLICKS - 1,
    }
    async with here.running() as running:
        assert (await of_address(running, NEW_EMAIL)).id == ada.id
        assert await running.users.find_by_email(EMAIL, tenant_id=TENANT) is None


async def test_of_the_links_of_one_account_one_works(deployment: tuple[Deployment, Fleet]) -> None:
    """Several mailboxes would be told that the account is theirs."""
    here, processes = deployment
    async with here.running() as running:
        ada = await of_address(running, EMAIL)
        addresses = [f"ada{number}@new.example" for number in range(PROCESSES)]
        tokens = await links_of(running, ada, *addresses)
    outcomes = await processes.race(here, confirming, tokens)
    [winner] = [who for who, outcome in outcomes if outcome == "changed"]
    assert Counter(outcome for _, outcome in outcomes) == {
        "changed": 1,
        "notified": 1,
        "EmailChangeTokenInvalid": PROCESSES * CLICKS - 1,
    }
    async with here.running() as running:
        assert (await of_address(running, addresses[winner])).id == ada.id


async def test_of_the_accounts_that_want_one_address_one_gets_it(
    deployment: tuple[Deployment, Fleet],
) -> None:
    """Two people would read each other's mail, and reset each other's password."""
    here, processes = deployment
    async with here.running() as running:
        people = [await of_address(running, EMAIL)]
        for number in range(1, PROCESSES):
            data = CreateUserData(
                email=f"person{number}@example.com",
                name="Person",
                password_hash=f"plain:{PASSWORD}",
                tenant_id=TENANT,
                status="ACTIVE",
                email_verified=True,
            )
            people.append(await running.users.create(data))
        tokens = [token for person in people for token in await links_of(running, person, NEW_EMAIL)]
    outcomes = await processes.race(here, confirming, tokens)
    [winner] = [who for who, outcome in outcomes if outcome == "changed"]
    # Each token is consumed by one click, and the others find none.
    assert Counter(outcome for _, outcome in outcomes) == {
        "changed": 1,
        "notified": 1,
        "EmailAlreadyExists": PROCESSES - 1,
        "EmailChangeTokenInvalid": PROCESSES * (CLICKS - 1),
    }
    async with here.running() as running:
        assert (await of_address(running, NEW_EMAIL)).id == people[winner].id
        for who, person in enumerate(people):
            found = await running.users.find_by_id(person.id, tenant_id=TENANT)
            assert found is not None
            assert found.email == (NEW_EMAIL if who == winner else person.email)
