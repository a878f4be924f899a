"""A process with open connections, whose logins are checked when a test says so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import TokenInvalid
from bymax_auth.ports.revocation import TokenState
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.open_logins import OpenLogin, OpenLogins
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents
from bymax_auth.types.claims import (
    AccessClaims,
    DashboardClaims,
)
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.login_end import LoginEndReason
from tests.servers.patience import PATIENCE

IDENTIFIERS = Identifiers.of_key(b"0" * 64)
OFTEN = timedelta(milliseconds=5)
"""How often logins are checked, where a test does not want to wait for a second."""
NEVER = timedelta(hours=1)
LIFETIME = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def claims(clock: Any, sub: str = "u1", *, jti: str = "j1", epoch: int = 0) -> DashboardClaims:
    now = int(clock.now().timestamp())
    return DashboardClaims(
        sub=sub,
        jti=jti,
        tenant_id="acme",
        role="MEMBER",
        type="dashboard",
        status="ACTIVE",
        mfa_enabled=False,
        mfa_verified=False,
        iat=now,
        exp=now + int(LIFETIME.total_seconds()),
        epoch=epoch,
    )


def subject(sub: str = "u1") -> Subject:
    return IDENTIFIERS.subject(Realm.DASHBOARD, sub, "acme")


class Watched:
    """A store in front of another, which counts what it is asked, and fails where a test says so."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked: list[int] = []
        self.failure: Exception | None = None
        self.listening = 0
        self.before: Callable[[], Awaitable[None]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def listen(self, listener: Any) -> Callable[[], None]:
        self.listening += 1
        stop = self._inner.listen(listener)

        def stopped() -> None:
            self.listening -= 1
            stop()

        return stopped

    async def token_states(self, tokens: Sequence[tuple[Subject, str]]) -> Sequence[TokenState]:
        self.asked.append(len(tokens))
        if self.before is not None:
            await self.before()
        if self.failure is not None:
            raise self.failure
        states: Sequence[TokenState] = await self._inner.token_states(tokens)
        return states


class ToldNothing(Watched):
    """A store that is told of nothing, as one on Redis without a feed."""

    def listen(self, listener: Any) -> Any:
        return None


class Process:
    """One process with a store in memory, and its open connections."""

    def __init__(self, interval: timedelta = NEVER, store: type[Watched] = Watched, **options: Any) -> None:
        self.clock: Any = FakeClock()
        self.events = RecordingEvents()
        self.stores = EmbeddedStores(clock=self.clock)
        self.store = store(self.stores.revocation)
        self.accepted: dict[str, AccessClaims] = {}
        self.logins = OpenLogins(
            self.store, IDENTIFIERS, self.clock, FailureReporter(self.events), interval=interval, **options
        )

    def open(self, sub: str = "u1", **given: Any) -> OpenLogin:
        return self.logins.of(claims(self.clock, sub, **given), self.authenticate)

    async def authenticate(self, token: str) -> AccessClaims:
        if token not in self.accepted:
            raise TokenInvalid
        return self.accepted[token]

    async def settled(self) -> None:
        """Return once every wait that has begun was checked."""
        await until(lambda: bool(self.store.asked) and not self.logins._due)
        await turns()

    @property
    def kept(self) -> tuple[int, int, int, bool, bool, int]:
        """Everything that is kept for connections."""
        logins = self.logins
        entries = len(logins._waits), len(logins._by_name), len(logins._due)
        return *entries, logins._task is not None, logins._timer is not None, self.store.listening


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - turns of the loop are all that it waits for
            await asyncio.sleep(0)


async def turns() -> None:
    """Let everything run that is ready."""
    for _ in range(20):
        await asyncio.sleep(0)


NOTHING = (0, 0, 0, False, False, 0)


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    """A process that checks a login only when something tells it to."""
    made = Process()
    yield made
    await made.logins.aclose()


async def in_time(wait: Awaitable[LoginEndReason]) -> LoginEndReason:
    async with asyncio.timeout(PATIENCE):
        return await wait
