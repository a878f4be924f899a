"""Open connections of one process, and revocations by another one over the same data."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.ports.stores import AuthStores
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.open_logins import OpenLogin, OpenLogins
from bymax_auth.services.system import LoggingEventSink, SystemClock
from bymax_auth.types.claims import AccessClaims, DashboardClaims
from bymax_auth.types.login_end import LoginEndReason
from tests.contract.samples import IDENTIFIERS, account
from tests.contract.stores import StoreSource
from tests.servers.patience import FEED_LIMITS, PATIENCE, redis_stores
from tests.servers.redis import RedisProcess

JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
OFTEN, NEVER = timedelta(milliseconds=20), timedelta(hours=1)


def logins_over(stores: AuthStores, interval: timedelta) -> OpenLogins:
    failures = FailureReporter(LoggingEventSink())
    return OpenLogins(stores.revocation, IDENTIFIERS, SystemClock(), failures, interval=interval)


def opened(logins: OpenLogins, sub: str, jti: str) -> "asyncio.Task[LoginEndReason]":
    now = int(SystemClock().now().timestamp())
    claims = DashboardClaims(
        sub=sub,
        jti=jti,
        tenant_id="tenant-a",
        role="MEMBER",
        type="dashboard",
        status="ACTIVE",
        mfa_enabled=False,
        mfa_verified=False,
        iat=now,
        exp=now + 3600,
    )
    login: OpenLogin = logins.of(claims, nobody)
    return asyncio.create_task(login.wait())


async def nobody(_token: str) -> AccessClaims:
    raise AssertionError("nothing is renewed")


async def ends(stores: AuthStores, others: AuthStores, interval: timedelta) -> None:
    """Revoke a token and an account through `others`; their connections end, and one stays."""
    logins = logins_over(stores, interval)
    try:
        token, sessions = opened(logins, "u1", JTI), opened(logins, "u2", "j2")
        stays = opened(logins, "u3", "j3")
        await asyncio.sleep(0)
        await others.revocation.blacklist(account(user_id="u1"), JTI, timedelta(hours=1))
        await others.sessions.revoke_all(account(user_id="u2"))
        async with asyncio.timeout(PATIENCE):
            assert await token is LoginEndReason.TOKEN_REVOKED
            assert await sessions is LoginEndReason.SESSIONS_REVOKED
        assert not stays.done()
        stays.cancel()
    finally:
        await logins.aclose()


async def test_what_another_process_revokes_ends_a_connection(shared_source: StoreSource) -> None:
    """A person who signs out everywhere may reach another worker than the one that holds the socket."""
    one, two = shared_source.open(), shared_source.open()
    await one.start()
    await two.start()
    try:
        await ends(one, two, OFTEN)
    finally:
        await one.aclose()
        await two.aclose()


async def test_what_the_own_process_revokes_ends_a_connection_without_a_question(
    tmp_path: Path,
) -> None:
    """Where the store is told of it, nobody waits for the next question."""
    stores = StoreSource("embedded-file", str(tmp_path / "auth.db")).open()
    await stores.start()
    try:
        await ends(stores, stores, NEVER)
    finally:
        await stores.aclose()


@pytest.mark.parametrize("begun", ["long ago", "just now"])
async def test_the_feed_ends_a_connection_without_a_question(redis_server: RedisProcess, begun: str) -> None:
    """With a feed, another process's revocation takes milliseconds, and not up to a second."""
    if begun == "long ago":
        entry: Any = {"k": "status", "v": "x", "x": 0, "n": "first", "h": 3_600_000}
        with redis_server.client() as client:
            client.xadd("auth:feed:revocations", entry, id="5-0")
    one, two = (redis_stores(redis_server.url, revocation=FEED_LIMITS) for _ in range(2))
    await one.start()
    await two.start()
    try:
        await ends(one, two, NEVER)
    finally:
        await one.aclose()
        await two.aclose()
