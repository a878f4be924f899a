"""The client against the published Nest original, where its package and a Node that runs it can be had."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from os import environ

import httpx2
import pytest

from benchmarks.node import Unavailable, nest_command
from bymax_auth.client import ApiError, AuthClient, Authenticated, BymaxAuth, NoSession, RotatedTokens
from bymax_auth.errors import InvalidCredentials
from tests.servers.patience import PATIENCE
from tests.servers.redis import RedisProcess

PASSWORD = "lantern-orbit-velvet-92"
ACCOUNT = {"email": "user0@example.com", "password": PASSWORD, "tenant_id": "acme"}
TASKS = 50
STALE = "eyJhbGciOiJIUzI1NiJ9.e30.c3RhbGU"
"""A token that no server has signed."""


@asynccontextmanager
async def nest(redis: str) -> AsyncGenerator[str]:
    """The address of a running server; it ends when its input does."""
    try:
        command = await asyncio.to_thread(nest_command)
    except Unavailable as reason:
        pytest.skip(str(reason))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env={**environ, "BENCHMARK_REDIS": redis}
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        async with asyncio.timeout(PATIENCE):
            greeting = json.loads(await process.stdout.readline())
        yield f"http://127.0.0.1:{greeting['port']}"
    finally:
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await process.wait()


@pytest.mark.slow
@pytest.mark.processes
async def test_a_login_is_used_renewed_and_ended(redis_server: RedisProcess) -> None:
    """Both servers speak one protocol, and whoever moves between them keeps the client."""
    paths: Counter[str] = Counter()

    async def count(request: httpx2.Request) -> None:
        paths[request.url.path] += 1

    async with nest(redis_server.url) as url, httpx2.AsyncClient(event_hooks={"request": [count]}) as http:
        auth = AuthClient(url, http=http)
        with pytest.raises(ApiError) as wrong:
            await auth.login(**{**ACCOUNT, "password": "not the password"})
        assert wrong.value.refusal is InvalidCredentials
        signed_in = await auth.login(**ACCOUNT)
        assert isinstance(signed_in, Authenticated)
        assert (await auth.me()).email == ACCOUNT["email"]
        before = auth.session.held
        assert (await auth.refresh()).refresh_token != before.refresh_token

        # The access token expires: many callers meet, and one exchange serves them all.
        auth.session.replace(RotatedTokens(access_token=STALE, refresh_token=auth.session.held.refresh_token))
        paths.clear()
        users = await asyncio.gather(*(auth.me() for _ in range(TASKS)))
        assert {user.email for user in users} == {ACCOUNT["email"]}
        assert paths["/auth/refresh"] == 1
        async with httpx2.AsyncClient(auth=BymaxAuth(auth)) as api:
            assert (await api.get(f"{url}/auth/me")).status_code == 200

        kept = auth.session.held
        await auth.logout()
        with pytest.raises(NoSession):
            await auth.me()
        auth.session.replace(kept)
        with pytest.raises(ApiError) as ended:
            await auth.refresh()
        assert ended.value.status == 401
