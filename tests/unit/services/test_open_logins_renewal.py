"""Which token an open connection depends on: a fresh one, one behind a ticket, an operator's."""

import asyncio
from typing import Any

import pytest

from bymax_auth.errors import TokenInvalid
from bymax_auth.types.claims import (
    AdmittingToken,
    PlatformClaims,
    TicketClaims,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.login_end import LoginEndReason
from tests.unit.services.connections import (
    IDENTIFIERS,
    LIFETIME,
    MINUTE,
    Process,
    claims,
    in_time,
    process,
    subject,
)

__all__ = ["process"]


async def test_several_tasks_may_await_one_login(process: Process) -> None:
    """The one that is cancelled must not end the others' wait."""
    login = process.open()
    first, second = (asyncio.ensure_future(login) for _ in range(2))
    await process.settled()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await process.stores.revocation.bump_epoch(subject())
    assert await in_time(second) is LoginEndReason.SESSIONS_REVOKED
    assert await in_time(login) is LoginEndReason.SESSIONS_REVOKED


async def test_a_fresh_token_lets_the_connection_go_on(process: Process) -> None:
    """People who stay for hours would be cut off with every token."""
    login = process.open(jti="j1")
    waiting = asyncio.ensure_future(login)
    await process.settled()
    process.clock.advance(MINUTE)
    fresh = process.accepted["fresh"] = claims(process.clock, jti="j2", epoch=1)
    assert await login.renew("fresh") is fresh
    assert login.expires_at == process.clock.now() + LIFETIME
    await process.stores.revocation.blacklist(subject(), "j1", MINUTE)
    await process.stores.revocation.bump_epoch(subject())
    await process.settled()
    assert not waiting.done()
    await process.stores.revocation.blacklist(subject(), "j2", MINUTE)
    assert await in_time(waiting) is LoginEndReason.TOKEN_REVOKED


async def test_a_login_that_has_expired_can_be_renewed_and_awaited_again(process: Process) -> None:
    """A host may ask for a fresh token only when the old one is over."""
    login = process.open()
    process.clock.advance(LIFETIME)
    assert await in_time(login) is LoginEndReason.EXPIRED
    process.accepted["fresh"] = claims(process.clock, jti="j2")
    await login.renew("fresh")
    waiting = asyncio.ensure_future(login)
    await process.settled()
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.parametrize("token", ["of somebody else", "of another tenant", "of an operator", "garbage"])
async def test_only_a_token_of_the_same_account_renews(process: Process, token: str) -> None:
    """A socket that was opened for one person would act for another."""
    now = int(process.clock.now().timestamp())
    process.accepted = {
        "of somebody else": claims(process.clock, "u2", jti="j2"),
        "of another tenant": claims(process.clock, jti="j2").model_copy(update={"tenant_id": "globex"}),
        "of an operator": PlatformClaims(
            sub="u1",
            jti="j2",
            role="ROOT",
            type="platform",
            mfa_enabled=False,
            mfa_verified=False,
            iat=now,
            exp=now + 60,
        ),
    }
    login = process.open(jti="j1")
    expires_at = login.expires_at
    waiting = asyncio.ensure_future(login)
    await process.settled()
    with pytest.raises(TokenInvalid):
        await login.renew(token)
    assert login.expires_at == expires_at
    await process.stores.revocation.blacklist(subject(), "j1", MINUTE)
    assert await in_time(waiting) is LoginEndReason.TOKEN_REVOKED


async def test_a_token_that_is_renewed_while_it_is_checked_is_not_judged_by_the_old_one(
    process: Process,
) -> None:
    """The answer about the old token would end the login that has just been renewed."""
    login = process.open(jti="j1")
    process.accepted["fresh"] = claims(process.clock, jti="j2")
    await process.stores.revocation.blacklist(subject(), "j1", MINUTE)

    async def renew() -> None:
        process.store.before = None
        await login.renew("fresh")

    process.store.before = renew
    waiting = asyncio.ensure_future(login)
    await process.settled()
    await process.settled()
    assert not waiting.done()
    waiting.cancel()


async def test_the_login_of_a_ticket_is_that_of_the_token_behind_it(process: Process) -> None:
    """A ticket's own claims live for thirty seconds, and no revocation names them."""
    behind = claims(process.clock, jti="j1", epoch=0)
    own: dict[str, Any] = dict(behind) | {"jti": "own", "exp": behind.iat + 30}
    admitting = AdmittingToken(behind.jti, behind.epoch, behind.exp)
    by_ticket = TicketClaims(**own, admitted_by=admitting)
    login = process.logins.of(by_ticket, process.authenticate)
    assert login.expires_at == process.clock.now() + LIFETIME
    waiting = asyncio.ensure_future(login)
    await process.settled()
    await process.stores.revocation.blacklist(subject(), "own", MINUTE)
    await process.settled()
    assert not waiting.done()
    await process.stores.revocation.blacklist(subject(), "j1", MINUTE)
    assert await in_time(waiting) is LoginEndReason.TOKEN_REVOKED


async def test_an_operators_login_ends_with_the_operators_sessions(process: Process) -> None:
    """A user's id may equal an operator's, and the two are told apart."""
    now = int(process.clock.now().timestamp())
    root = PlatformClaims(
        sub="u1",
        jti="j9",
        role="ROOT",
        type="platform",
        mfa_enabled=False,
        mfa_verified=False,
        iat=now,
        exp=now + 60,
    )
    waiting = asyncio.ensure_future(process.logins.of(root, process.authenticate))
    await process.settled()
    await process.stores.revocation.bump_epoch(subject())
    await process.settled()
    assert not waiting.done()
    await process.stores.revocation.bump_epoch(IDENTIFIERS.subject(Realm.PLATFORM, "u1", None))
    assert await in_time(waiting) is LoginEndReason.SESSIONS_REVOKED
