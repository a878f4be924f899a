"""An invitation that is accepted, and a ticket that is redeemed, by several workers at once: I-15."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.errors import AuthError
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import AcceptInvitationInput
from bymax_auth.types.results import AuthResult
from tests.security.deployments import NEW_PASSWORD, PROCESSES, TENANT, Deployment, Fleet, Running, fleet
from tests.servers.redis import RedisProcess

__all__ = ["fleet"]

pytestmark = [pytest.mark.slow, pytest.mark.processes]

CONTEXT = RequestContext(ip="203.0.113.9", user_agent="Firefox on Linux")
GUEST = "guest@example.com"
USES = 5
"""How often each process redeems the ticket at once; an acceptance takes the time of a password's hash."""


@pytest.fixture(params=["embedded-file", "redis"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Deployment:
    """Accounts in a file, and stores in another one or on Redis."""
    if request.param == "embedded-file":
        return Deployment(str(tmp_path))
    server: RedisProcess = request.getfixturevalue("redis_server")
    return Deployment(str(tmp_path), server.url)


async def outcomes(*calls: Any) -> list[Any]:
    async def outcome(call: Any) -> str:
        try:
            await call
        except AuthError as refusal:
            return type(refusal).__name__
        return "used"

    return await asyncio.gather(*map(outcome, calls))


async def accepting(running: Running, _who: int, token: str) -> list[Any]:
    accepted = AcceptInvitationInput(token=token, name="Gus", password=NEW_PASSWORD)
    return await outcomes(running.engine.accept_invitation(accepted, CONTEXT))


async def test_an_invitation_that_is_accepted_many_times_at_once_makes_one_account(
    here: Deployment, fleet: Fleet
) -> None:
    """A double click would show the guest an error, or make two accounts of one invitation."""
    ada = await here.prepare()
    async with here.running() as running:
        await running.engine.invite(ada, tenant_id=TENANT, email=GUEST, role="USER")
        await running.engine.drain()
        token = running.mailer.last("invitation").code
    met = Counter(await fleet.race(here, accepting, token))
    assert met == {"used": 1, "InvalidInvitationToken": PROCESSES - 1}
    async with here.running() as running:
        guest = await running.users.find_by_email(GUEST, tenant_id=TENANT)
        assert guest is not None
        assert len(await running.engine.list_sessions(guest.id, tenant_id=TENANT)) == 1


async def redeeming(running: Running, _who: int, ticket: str) -> list[Any]:
    return await outcomes(*(running.engine.redeem_ws_ticket(ticket) for _ in range(USES)))


async def test_a_ticket_that_is_redeemed_many_times_at_once_opens_one_socket(
    here: Deployment, fleet: Fleet
) -> None:
    """Whoever reads a ticket in a proxy's log would be as fast as the page that asked for it."""
    await here.prepare()
    async with here.running() as running:
        born = await running.engine.login(running.credentials(), CONTEXT)
        assert isinstance(born, AuthResult)
        claims = (await running.engine.authenticate(born.access_token)).claims
        assert isinstance(claims, DashboardClaims)
        ticket = await running.engine.issue_ws_ticket(claims)
    met = Counter(await fleet.race(here, redeeming, ticket))
    assert met == {"used": 1, "TokenInvalid": PROCESSES * USES - 1}
