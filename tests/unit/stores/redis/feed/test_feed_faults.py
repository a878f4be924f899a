"""The feed against servers that are paused, killed, flushed, trimmed and replaced, in any order."""

import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.exceptions import RedisError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis.connection.connect import Limits
from bymax_auth.types.session import CachedStatus
from tests.long import rounds
from tests.servers.pair import MovingAddress, RedisPair, order
from tests.unit.stores.redis.feed.test_feed import ANA, STREAM, Process, asked, begin

WHO = st.integers(0, 1)
LIFE = timedelta(minutes=30)
BOUND = 1.0
MOST_FAILOVERS = 3
"""In one example: each costs as much time as twenty other steps."""

FAULTS = ("pause", "resume", "resume", "kill", "restart", "restart", "flush", "trim", "delete")


@dataclass(frozen=True)
class Confirmed:
    """What a process was told has been done, and when."""

    who: int
    moment: float


class Faults(RuleBasedStateMachine):
    """Two processes, whose clocks move together, and what was confirmed to whom when."""

    def __init__(self, pair: RedisPair) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.pair = pair
        self.paused = False
        self.begin_anew()
        self.names = itertools.count()
        self.revoked: dict[str, Confirmed] = {}
        self.epochs: dict[int, Confirmed] = {}
        self.failovers = 0
        self.version = 0
        self.read = [0, 0]
        self.forgotten: dict[int, Confirmed] = {}
        self.address = MovingAddress(self.pair.master.port)
        self.processes = self.loop.run_until_complete(self.open())

    async def open(self) -> list[Process]:
        await self.address.__aenter__()
        limits = Limits(connect=0.1, answer=0.1)
        return [Process(self.address.url, patience=limits) for _ in range(2)]

    def answers(self) -> bool:
        return self.pair.master.running and not self.paused

    def begin_anew(self) -> None:
        """Each example has the servers as they start: empty, running, and one following the other."""
        self.resume()
        self.restart()
        with asked(self.pair.master) as client:
            client.execute_command("FLUSHALL")
        begin(self.pair.master)
        if not self.pair.follows:
            self.reunite()

    @rule(who=WHO)
    def revoke(self, who: int) -> None:
        jti, process = f"j{next(self.names)}", self.processes[who]
        with contextlib.suppress(StoreUnavailable):
            self.loop.run_until_complete(process.revocation.blacklist(ANA, jti, LIFE))
            self.revoked[jti] = Confirmed(who, process.moment)

    @rule(who=WHO)
    def raise_epoch(self, who: int) -> None:
        process = self.processes[who]
        with contextlib.suppress(StoreUnavailable):
            epoch = self.loop.run_until_complete(process.revocation.bump_epoch(ANA))
            self.epochs[epoch] = Confirmed(who, process.moment)

    @rule(who=WHO)
    def change_status(self, who: int) -> None:
        """The account changes, and then its cached status is forgotten."""
        process = self.processes[who]
        self.version += 1
        with contextlib.suppress(StoreUnavailable):
            self.loop.run_until_complete(process.revocation.forget_status(ANA))
            self.forgotten[self.version] = Confirmed(who, process.moment)

    @rule(who=WHO)
    def read_status(self, who: int) -> None:
        """A request asks the database; it may take its time before it reports what it has read."""
        self.read[who] = self.version

    @rule(who=WHO)
    def remember_status(self, who: int) -> None:
        status = CachedStatus(str(self.read[who]), None)
        self.loop.run_until_complete(self.processes[who].revocation.remember_status(ANA, status, LIFE))

    @rule(who=WHO)
    def refresh(self, who: int) -> None:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            self.loop.run_until_complete(self.processes[who].feed.refresh())

    @rule()
    def everybody_hears(self) -> None:
        self.wait(0.1)
        for who in (0, 1):
            self.refresh(who)

    @rule(seconds=st.sampled_from([0.1, 0.6, 1.1]))
    def wait(self, seconds: float) -> None:
        for process in self.processes:
            process.moment += seconds

    @rule(name=st.sampled_from(FAULTS))
    def fail(self, name: str) -> None:
        getattr(self, name)()

    def pause(self) -> None:
        if self.pair.master.running:
            self.pair.master.pause()
            self.paused = True

    def resume(self) -> None:
        if self.pair.master.running:
            self.pair.master.resume()
        self.paused = False

    def kill(self) -> None:
        self.pair.master.stop()
        self.paused = False

    def restart(self) -> None:
        if not self.pair.master.running:
            self.pair.master.start()

    def flush(self) -> None:
        """Redis lost everything, and its stream began long ago, as on a master without the tail."""
        if self.answers():
            with asked(self.pair.master) as client:
                client.execute_command("FLUSHALL")
            begin(self.pair.master)
            self.revoked.clear()
            self.epochs.clear()
            self.forgotten.clear()

    def trim(self) -> None:
        """A stream without entries that still matter would be wrong, so only the first one goes."""
        if self.answers():
            with asked(self.pair.master) as client:
                client.xtrim(STREAM, minid="6-0", approximate=False)

    def delete(self) -> None:
        if self.answers():
            with asked(self.pair.master) as client:
                client.delete(STREAM)

    @precondition(lambda self: self.failovers < MOST_FAILOVERS)
    @rule(lost=st.integers(0, 2), heard=st.sampled_from([(), (0,), (1,), (0, 1)]), survives=st.booleans())
    def fail_over(self, lost: int, heard: tuple[int, ...], *, survives: bool) -> None:
        """
        The other server takes over, and lacks the last `lost` revocations, of which some have heard.

        Its clock is ten seconds behind, so what it appends has lower ids than what it lacks.  The master is
        gone, or becomes a replica to which everybody stays connected.
        """
        if not self.pair.follows and self.answers():
            self.reunite()
        if lost and self.pair.other.running:
            self.pair.part()
            self.hurry()
        for _ in range(lost):
            self.revoke(0)
        for who in heard:
            self.refresh(who)
        if not self.pair.other.running:
            return
        self.failovers += 1
        self.resume()
        survives = survives and self.pair.master.running
        old = self.pair.promote()
        if survives:
            order(old, "REPLICAOF", "127.0.0.1", self.pair.master.port)
        else:
            old.stop()
        self.replaced()

    def hurry(self) -> None:
        """Let the next ids of the master be those of ten seconds later."""
        if self.answers():
            entry: Any = {"k": "jti", "v": "nobody", "x": 1, "n": "ahead", "h": 3_600_000}
            with asked(self.pair.master) as client:
                client.xadd(STREAM, entry, id=f"{time.time_ns() // 1_000_000 + 10_000}-0", nomkstream=True)

    def replaced(self) -> None:
        """Only what the new master knows was not lost by Redis itself."""
        self.address.move(self.pair.master.port)
        keys = self.processes[0].keys
        stream: Any
        epoch: Any
        with asked(self.pair.master) as client:
            epoch = client.get(keys.key("ep", ANA.hash, ANA.route)) or 0
            stream = client.xrange(STREAM)
            known = [jti for jti in self.revoked if client.exists(keys.key("rv", jti, ANA.route))]
        self.revoked = {jti: self.revoked[jti] for jti in known}
        self.epochs = {raised: when for raised, when in self.epochs.items() if raised <= int(epoch)}
        if sum(fields["k"] == "status" for _, fields in stream) <= len(self.forgotten):
            self.forgotten.clear()

    def reunite(self) -> None:
        if not self.pair.other.running:
            self.pair.other.start()
        self.pair.reunite()

    @invariant()
    def nothing_revoked_is_admitted_after_the_bound(self) -> None:
        for who, process in enumerate(self.processes):
            cache = process.feed.current_cache()
            if cache is None:
                continue
            for jti, confirmed in self.revoked.items():
                known = cache.value(process.keys.key("rv", jti, ANA.route)) is not None
                assert known or self.may_be_behind(who, confirmed), jti
            epoch = cache.value(process.keys.key("ep", ANA.hash, ANA.route)) or 0
            for raised, confirmed in self.epochs.items():
                assert epoch >= raised or self.may_be_behind(who, confirmed), raised
            cached = cache.status(process.keys.key("us", "t1:u1", ANA.route), process.moment)
            for version, confirmed in self.forgotten.items() if cached is not None else ():
                assert int(cached.status) >= version or self.may_be_behind(who, confirmed), version

    def may_be_behind(self, who: int, confirmed: Confirmed) -> bool:
        return who != confirmed.who and self.processes[who].moment - confirmed.moment <= BOUND

    def teardown(self) -> None:
        for process in self.processes:
            self.loop.run_until_complete(process.aclose())
        self.loop.run_until_complete(self.address.__aexit__(None, None, None))
        self.loop.close()


def test_no_fault_lets_a_revoked_token_in_after_the_bound() -> None:
    """Some order of outage, failover and revocation would keep a stolen token or a blocked account alive."""
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    pair = RedisPair()
    try:
        pair.start()
        run_state_machine_as_test(
            lambda: Faults(pair),
            settings=settings(
                max_examples=rounds(8, 150),
                stateful_step_count=25,
                deadline=None,
                # With real servers it takes longer than a test may to look for a shorter failure.
                phases=(Phase.reuse, Phase.generate),
                suppress_health_check=checks,
            ),
        )
    finally:
        pair.stop()
