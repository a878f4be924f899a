"""
A deployment under load while its Redis is paused, killed and cut off, and a Cluster fails over.

Whatever happens, a request is answered with success or the documented envelope, nobody is
let in with a token that was taken back before, and service resumes by itself.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bymax_auth.errors import InternalError
from bymax_auth.ports.stores import AuthStores
from bymax_auth.stores.redis import Limits
from tests.integration.http.driver import Answer
from tests.integration.http.world import TENANT, World, a_world, user
from tests.integration.keeping import kept_in
from tests.long import rounds
from tests.servers.cluster import RedisCluster
from tests.servers.patience import PATIENCE, redis_stores
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisProcess

PAUSE = 3.0
PEOPLE = 6
LIMITS = Limits(connect=1.0, answer=1.0, queue=0.5)
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
REFUSED = 503


@dataclass
class Load:
    """People who use the deployment without a pause, and what they were answered."""

    world: World
    durable: bool
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    revoked: list[str] = field(default_factory=list)
    running: bool = True

    async def call(self, method: str, path: str, **options: object) -> Answer:
        """One request; it is answered, with success or an envelope."""
        answer = await asyncio.wait_for(self.world.driver.call(method, path, **options), PATIENCE)  # type: ignore[arg-type]
        self.answers[path, answer.status] += 1
        if answer.status >= 400:
            assert answer.code in {"auth.unavailable", "auth.token_invalid", "auth.refresh_token_invalid"}
        return answer

    async def live(self, person: int) -> None:
        """
        Refresh and look, for as long as the load lasts.

        An exchange whose reply was lost recovers once.  Only when that reply was lost as well may
        the session be refused, so a refusal after fewer outages is a session that Redis lost.
        """
        cookies, unanswered = await self.sign_in(person), 0
        while self.running:
            answer = await self.call("POST", "/refresh", cookies=cookies)
            unanswered += answer.status == REFUSED
            if answer.status == 200:
                cookies, unanswered = cookies | answer.cookies, 0
            elif answer.status == 401:
                assert unanswered > 1 or not self.durable, "a session that was confirmed is lost"
                cookies, unanswered = await self.sign_in(person), 0
            await self.call("GET", "/me", cookies=cookies)
            for token in self.revoked[-3:]:
                answer = await self.call("GET", "/me", bearer=token)
                assert answer.status != 200 or not self.durable, "let in after the end"
            await asyncio.sleep(0)

    async def end_sessions(self) -> None:
        """Sign one more person in and out everywhere; only what was confirmed counts as ended."""
        while self.running:
            if not (cookies := await self.sign_in(PEOPLE)):
                break
            try:
                await self.world.engine.revoke_all_sessions(f"p{PEOPLE}", tenant_id=TENANT)
            except InternalError:
                continue
            self.revoked.append(cookies["access_token"])
            await asyncio.sleep(0)

    async def sign_in(self, person: int) -> dict[str, str]:
        """Try until it works, because the password is right, or the test has ended."""
        while self.running:
            answer = await self.call(
                "POST",
                "/login",
                json_body={"email": f"p{person}@example.com", "password": "-", "tenantId": TENANT},
            )
            if answer.status == 200:
                return answer.cookies
        return {}


class OpenDoor:
    """Reads hashes that take no time, so that the load falls on Redis."""

    def matches(self, stored: str) -> bool:
        return stored == "open"

    def verify(self, password: str, stored: str) -> bool:
        return stored == "open" and password == "-"


@asynccontextmanager
async def under_load(open_stores: Callable[[], AuthStores], *, durable: bool) -> AsyncIterator[Load]:
    """
    A deployment in use; whoever met something that may not be fails the test.

    A `durable` Redis keeps all that it confirmed.  A replica that takes over may lack the last of it.
    """
    accounts = tuple(
        user(id=f"p{n}", email=f"p{n}@example.com", password_hash="open") for n in range(PEOPLE + 1)
    )
    password = {"legacy_verifiers": (OpenDoor(),), "rehash_on_verify": False}
    # An attempt that an outage cut off counts as in flight for a while; here nobody shall wait for that.
    patient = {"max_attempts": 100}
    with kept_in(open_stores):
        async with a_world(accounts=accounts, password=password, brute_force=patient) as world:
            load = Load(world, durable)
            people = [asyncio.create_task(load.live(person)) for person in range(PEOPLE)]
            ending = asyncio.create_task(load.end_sessions())
            try:
                yield load
            finally:
                load.running = False
                await asyncio.gather(*people, ending)


async def resumed(load: Load) -> None:
    """Somebody signs in again; the load fails the test when that takes too long."""
    await asyncio.wait_for(load.sign_in(0), PATIENCE)


async def kill(server: RedisProcess, _proxy: Proxy) -> None:
    server.stop()
    await asyncio.to_thread(server.start)


async def pause(server: RedisProcess, _proxy: Proxy) -> None:
    server.pause()
    await asyncio.sleep(PAUSE)
    server.resume()


async def cut(_server: RedisProcess, proxy: Proxy) -> None:
    for _ in range(5):
        await proxy.cut()
        await asyncio.sleep(0.05)


ROUNDS = rounds(5, 20)
FAULTS: list[Callable[[RedisProcess, Proxy], Awaitable[None]]] = [kill, cut, kill, cut, pause]


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.untraced
async def test_faults_let_nobody_in_and_lose_no_session() -> None:
    """An outage of a second would sign people out, or keep thieves signed in."""
    with tempfile.TemporaryDirectory(prefix="auth-faults-", ignore_cleanup_errors=True) as folder:
        server = RedisProcess(Path(folder), *DURABLE)
        server.start()
        try:
            async with Proxy(server.port) as proxy:
                async with under_load(lambda: redis_stores(proxy.url, limits=LIMITS), durable=True) as load:
                    for number in range(ROUNDS):
                        await FAULTS[number % len(FAULTS)](server, proxy)
                        await resumed(load)
                    async with asyncio.timeout(PATIENCE):
                        kept = await asyncio.gather(*(still_works(load, person) for person in range(PEOPLE)))
                assert all(kept)
        finally:
            server.stop()
    assert load.answers["/me", 200] > 0
    assert load.answers["/refresh", REFUSED] > 0, "the faults must have been felt"


async def still_works(load: Load, person: int) -> bool:
    """Whether somebody can sign in and use the session."""
    cookies = await load.sign_in(person)
    return (await load.call("GET", "/me", cookies=cookies)).status == 200


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.untraced
async def test_a_cluster_that_loses_a_master_serves_again() -> None:
    """One machine's death would take the sign-in of everybody with it."""
    with tempfile.TemporaryDirectory(prefix="auth-failover-", ignore_cleanup_errors=True) as folder:
        cluster = RedisCluster(Path(folder))
        try:
            await asyncio.to_thread(cluster.start)
            opened = lambda: redis_stores(cluster.url, layout="tagged", limits=LIMITS)  # noqa: E731
            async with under_load(opened, durable=False) as load:
                for _ in range(rounds(1, 2)):
                    victim = next(node for node in cluster.nodes[1:] if node.role() == "master")
                    await asyncio.to_thread(cluster.lose, victim)
                    working = [asyncio.create_task(still_works(load, person)) for person in range(PEOPLE)]
                    _, waiting = await asyncio.wait(working, timeout=PATIENCE)
                    assert not waiting, f"{len(waiting)} wait: {load.answers}, {cluster.views()}"
                    await asyncio.gather(*working)
                    await asyncio.to_thread(victim.start)
        finally:
            cluster.stop()
    assert load.answers["/me", 200] > 0
