"""The feed against a Redis that is paused, killed, restarted, flushed and trimmed, in any order."""

import asyncio
import contextlib
import itertools
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis.exceptions import RedisError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis.opening import Limits
from tests.servers.redis import RedisProcess
from tests.unit.stores.redis.test_feed import ANA, STREAM, Process, asked, begin

WHO = st.integers(0, 1)


class Faults(RuleBasedStateMachine):
    """Two processes, whose clocks move together, and what was confirmed to whom when."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(prefix="auth-feed-", ignore_cleanup_errors=True)
        options = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
        self.server = RedisProcess(Path(self.folder.name), *options)
        self.server.start()
        begin(self.server)
        self.running, self.paused = True, False
        self.names = itertools.count()
        self.confirmed: dict[str, float] = {}
        self.processes = self.loop.run_until_complete(self.open())

    async def open(self) -> list[Process]:
        limits = Limits(connect=0.1, answer=0.1)
        return [Process(self.server.url, patience=limits) for _ in range(2)]

    def answers(self) -> bool:
        return self.running and not self.paused

    @rule(who=WHO)
    def revoke(self, who: int) -> None:
        jti, process = f"j{next(self.names)}", self.processes[who]
        with contextlib.suppress(StoreUnavailable):
            self.loop.run_until_complete(process.revocation.blacklist(ANA, jti, timedelta(minutes=30)))
            self.confirmed[jti] = process.moment

    @rule(who=WHO)
    def refresh(self, who: int) -> None:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            self.loop.run_until_complete(self.processes[who].feed.refresh())

    @rule(seconds=st.sampled_from([0.1, 0.6, 1.1]))
    def wait(self, seconds: float) -> None:
        for process in self.processes:
            process.moment += seconds

    def pause(self) -> None:
        if self.running:
            self.server.pause()
            self.paused = True

    def resume(self) -> None:
        if self.running:
            self.server.resume()
            self.paused = False

    def kill(self) -> None:
        self.server.stop()
        self.running = self.paused = False

    def restart(self) -> None:
        if not self.running:
            self.server.start()
            self.running = True

    def flush(self) -> None:
        """Redis lost everything, and its stream began long ago, as on a master without the tail."""
        if self.answers():
            with asked(self.server) as client:
                client.execute_command("FLUSHALL")
            begin(self.server)
            self.confirmed.clear()

    def trim(self) -> None:
        """A stream without entries that still matter would be wrong, so only the first one goes."""
        if self.answers():
            with asked(self.server) as client:
                client.xtrim(STREAM, minid="6-0", approximate=False)

    def delete(self) -> None:
        if self.answers():
            with asked(self.server) as client:
                client.delete(STREAM)

    @rule(
        name=st.sampled_from(
            ["pause", "resume", "resume", "kill", "restart", "restart", "flush", "trim", "delete"]
        )
    )
    def fail(self, name: str) -> None:
        getattr(self, name)()

    @invariant()
    def nothing_revoked_is_admitted_after_the_bound(self) -> None:
        for process in self.processes:
            memory = process.feed.memory()
            for jti, moment in self.confirmed.items() if memory is not None else ():
                known = memory is not None and memory.value(process.keys.key("rv", jti, ANA.route))
                assert known or process.moment - moment <= 1.0, jti

    def teardown(self) -> None:
        for process in self.processes:
            self.loop.run_until_complete(process.aclose())
        self.loop.close()
        self.server.stop()
        self.folder.cleanup()


def test_no_fault_lets_a_revoked_token_in_after_the_bound() -> None:
    """Some order of outage and revocation would keep a stolen token alive."""
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Faults,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=checks
        ),
    )
