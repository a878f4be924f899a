"""Histories of one account's logins: whoever presents what, and when, each login has one live successor."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import RefreshTokenInvalid
from bymax_auth.ports.stores import AuthStores
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.testing import FakeClock, RecordingEvents, RecordingMailer
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput
from tests.contract.conftest import clock
from tests.contract.stores import StoreSource, store_source
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    EMAIL,
    PASSWORD,
    TENANT,
    PlainVerifier,
    RecordingHooks,
    config_of,
)
from tests.long import rounds
from tests.servers.patience import redis_stores

__all__ = ["clock", "store_source"]

CAP = 5
GRACE = timedelta(minutes=5)
DOUBT = timedelta(minutes=1)
"""So close to the end of a window, a server that really waits may see it closed."""
STEPS = 3
ACTIONS = rounds(40, 150)
SEEDS = range(rounds(2, 40))


@dataclass
class Browser:
    """One login: its tokens in order, and when each of them was exchanged."""

    tokens: list[str]
    exchanged: list[datetime] = field(default_factory=list)
    alive: bool = True


class Account:
    """An account on an engine, with what must be true of it."""

    def __init__(self, engine: AuthEngine, clock: FakeClock, hooks: RecordingHooks) -> None:
        self.engine, self.clock, self.hooks = engine, clock, hooks
        self.subject = engine.identifiers.subject(Realm.DASHBOARD, ANA.id, TENANT)
        self.browsers: list[Browser] = []

    @property
    def alive(self) -> list[Browser]:
        return [browser for browser in self.browsers if browser.alive]

    async def sign_in(self) -> Browser:
        self.clock.advance(timedelta(seconds=1))
        credentials = LoginInput(email=EMAIL, password=PASSWORD, tenant_id=TENANT)
        born = await self.engine.login(credentials, CONTEXT)
        self.browsers.append(Browser([born.refresh_token]))
        for oldest in self.alive[:-CAP]:
            oldest.alive = False
        return self.browsers[-1]

    async def refresh(self, token: str) -> str | None:
        try:
            return (await self.engine.refresh(token, CONTEXT)).tokens.refresh_token
        except RefreshTokenInvalid:
            return None

    def successor(self, token: str) -> str:
        ref = opaque_token_ref(token, self.engine.stores.layout)
        assert ref is not None
        return self.engine.refresh.successors.of(token, ref)[0]

    def in_doubt(self, browser: Browser, position: int) -> bool:
        if position == len(browser.exchanged):
            return False
        left = browser.exchanged[position] + GRACE - self.clock.now()
        return timedelta(0) < left < DOUBT

    def expected(self, browser: Browser, position: int) -> str | None:
        """Return what presenting this token must answer, and note what it does to the login."""
        last = len(browser.tokens) - 1
        if not browser.alive:
            return None
        if position == last:
            browser.exchanged.append(self.clock.now())
            browser.tokens.append(self.successor(browser.tokens[-1]))
            return browser.tokens[-1]
        if self.clock.now() >= browser.exchanged[position] + GRACE:
            browser.alive = False
            return None
        return browser.tokens[-1] if last - position <= STEPS else None

    async def check(self) -> None:
        listed = await self.engine.stores.sessions.list(self.subject)
        assert {session.session_hash for session in listed} == {
            sha256_hex(browser.tokens[-1]) for browser in self.alive
        }
        assert len(listed) == len(self.alive) <= CAP
        rows = await self.engine.list_sessions(ANA.id, tenant_id=TENANT)
        assert len(rows) == len(self.alive)


@pytest.fixture
async def ada(store_source: StoreSource, clock: FakeClock) -> AsyncIterator[Account]:
    """An account on an engine over each kind of store."""
    stores: AuthStores = (
        redis_stores(store_source.location.partition("#")[0], layout="tagged")
        if store_source.kind in {"redis-tagged", "redis-cluster"}
        else store_source.open(clock)
    )
    users = InMemoryUserRepository(clock=clock)
    users.add(replace(ANA, password_hash=f"plain:{PASSWORD}"))
    hooks = RecordingHooks()
    config = config_of(
        sessions={"enabled": True, "default_max_sessions": CAP},
        jwt={"refresh_grace_window": GRACE},
        platform={"enabled": False},
        password={"legacy_verifiers": (PlainVerifier(),), "rehash_on_verify": False},
    )
    engine = AuthEngine(
        config,
        users=users,
        stores=stores,
        email=RecordingMailer(clock),
        hooks=hooks,
        events=RecordingEvents(),
        clock=clock,
    )
    async with engine:
        yield Account(engine, clock, hooks)


async def test_two_tabs_that_race_stay_one_row_and_push_nobody_out(ada: Account) -> None:
    """A browser's tabs would fill the session list and sign the phone out."""
    phone = await ada.sign_in()
    browser = await ada.sign_in()
    token = browser.tokens[0]
    for _ in range(5):
        first, second = await asyncio.gather(ada.refresh(token), ada.refresh(token))
        assert first == second is not None
        token = first
    rows = await ada.engine.list_sessions(ANA.id, tenant_id=TENANT, raw_refresh=token)
    assert sorted(row.is_current for row in rows) == [False, True]
    assert await ada.refresh(phone.tokens[0]) is not None
    await ada.engine.drain()
    assert len(ada.hooks.of("on_new_session")) == 2
    assert ada.hooks.of("on_session_evicted") == []


async def present(ada: Account, source: random.Random) -> None:
    """Present any token that any login ever had."""
    browser = source.choice(ada.browsers)
    position = source.randrange(max(0, len(browser.tokens) - 6), len(browser.tokens))
    if not ada.in_doubt(browser, position):
        token = browser.tokens[position]
        assert await ada.refresh(token) == ada.expected(browser, position)


async def present_together(ada: Account, source: random.Random) -> None:
    """Present the live token and the one before, several times at once."""
    browser = source.choice(ada.browsers)
    last = len(browser.tokens) - 1
    if last > 0 and ada.in_doubt(browser, last - 1):
        return
    late = last > 0 and browser.exchanged[last - 1] + GRACE > ada.clock.now()
    tokens = [browser.tokens[last]] * 3 + [browser.tokens[last - 1]] * (2 * late)
    source.shuffle(tokens)
    answers = await asyncio.gather(*map(ada.refresh, tokens))
    before = browser.tokens[last]
    after = ada.expected(browser, last)
    for token, answer in zip(tokens, answers, strict=True):
        assert answer == after or (answer == before and token != before), "one successor, or the live one"


async def revoke_meanwhile(ada: Account, source: random.Random) -> None:
    """Revoke a login while its tabs refresh: whatever they are told is dead."""
    if not ada.alive:
        return
    browser = source.choice(ada.alive)
    token = browser.tokens[-1]
    revoked = ada.engine.revoke_session(ANA.id, sha256_hex(token), tenant_id=TENANT)
    await asyncio.gather(ada.refresh(token), revoked, ada.refresh(token))
    browser.alive = False
    assert await ada.refresh(ada.successor(token)) is None


async def sign_out(ada: Account, source: random.Random) -> None:
    """Sign out with a token of the login, current or not."""
    browser = source.choice(ada.browsers)
    await ada.engine.logout(None, source.choice(browser.tokens[-2:]))
    browser.alive = False


async def sign_in(ada: Account, _source: random.Random) -> None:
    """Sign in on one more device."""
    await ada.sign_in()


async def revoke_everything(ada: Account, _source: random.Random) -> None:
    """Revoke every session of the account."""
    await ada.engine.revoke_all_sessions(ANA.id, tenant_id=TENANT)
    for browser in ada.browsers:
        browser.alive = False


async def wait(ada: Account, source: random.Random) -> None:
    """Let time pass, within the window or beyond it."""
    ada.clock.advance(source.choice((timedelta(seconds=90), GRACE)))


ACTIONS_BY_WEIGHT = {
    present: 10,
    present_together: 6,
    wait: 4,
    sign_in: 3,
    revoke_meanwhile: 2,
    sign_out: 1,
    revoke_everything: 1,
}


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_history_has_one_live_successor_for_each_login(ada: Account, seed: int) -> None:
    """Some order of tabs, lost replies and revocations would add a session, lose one or hide a thief."""
    source = random.Random(seed)
    await ada.sign_in()
    for _ in range(ACTIONS):
        [act] = source.choices(list(ACTIONS_BY_WEIGHT), list(ACTIONS_BY_WEIGHT.values()))
        await act(ada, source)
        await ada.check()
