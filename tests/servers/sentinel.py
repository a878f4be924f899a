"""A real Redis with a replica and three Sentinels, which promote the replica when the master is gone."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError

from tests.servers.redis import RedisProcess, until

__all__ = ["MASTER", "RedisSentinels", "redis_sentinels"]

MASTER = "main"
"""What the Sentinels call the master."""
SENTINELS = 3
QUORUM = 2
SOON, LATE = 400, 3_600_000
"""Milliseconds of silence after which the master is given up: once it is lost, and before."""
RULES = {"down-after-milliseconds": LATE, "failover-timeout": 2000}
PACE = {"ask": 100, "info": 200, "min-link-reconnect": 200, "ping": 200, "publish": 100, "tilt": 1000}
HASTE = [word for name, period in PACE.items() for word in (f"{name}-period", period)]
"""How often the Sentinels look, in milliseconds: at their own pace they need ten seconds for some things."""


class RedisSentinels:
    """Two servers, one of which follows the other, and those who watch over them."""

    def __init__(self, folder: Path) -> None:
        homes = [folder / str(number) for number in range(2 + SENTINELS)]
        for home in homes:
            home.mkdir()
        first = RedisProcess(homes[0], "--save", "")
        follower = RedisProcess(homes[1], "--save", "", "--replicaof", f"127.0.0.1 {first.port}")
        self.servers = (first, follower)
        self.sentinels = [self._sentinel(home, first.port) for home in homes[2:]]

    @staticmethod
    def _sentinel(home: Path, master: int) -> RedisProcess:
        orders = [f"monitor {MASTER} 127.0.0.1 {master} {QUORUM}"]
        orders += [f"{name} {MASTER} {value}" for name, value in RULES.items()]
        memory = home / "sentinel.conf"
        memory.write_text("".join(f"sentinel {order}\n" for order in orders), encoding="utf-8")
        # A Sentinel keeps what it knows in this file, so that it finds the others after a restart.
        return RedisProcess(home, "--sentinel", config=memory)

    @property
    def url(self) -> str:
        return self.url_through(*(sentinel.port for sentinel in self.sentinels))

    @staticmethod
    def url_through(*ports: int, name: str = MASTER) -> str:
        """The address of the master, which Sentinels at these ports are asked for in this order."""
        return f"redis+sentinel://{','.join(f'127.0.0.1:{port}' for port in ports)}/{name}/0"

    def start(self) -> None:
        """Start everything, and return when a loss of the master would be answered."""
        for server in self.servers:
            server.start()
        until(self.servers[0].is_followed, "the replica has a copy")
        for sentinel in self.sentinels:
            sentinel.start()
            self._hasten(sentinel)
        until(lambda: all(self._is_complete(sentinel) for sentinel in self.sentinels), "the Sentinels agree")

    def stop(self) -> None:
        for process in (*self.sentinels, *self.servers):
            process.stop()

    def master(self) -> RedisProcess:
        """The server that every Sentinel that runs sends people to, once they agree."""
        until(lambda: len(self._named()) == 1, "the Sentinels agree")
        (port,) = self._named()
        return next(server for server in self.servers if server.port == port)

    def replica(self) -> RedisProcess:
        """The other server."""
        master = self.master()
        return next(server for server in self.servers if server is not master)

    def wait_for_failover(self, lost: RedisProcess) -> RedisProcess:
        """Return the new master, when every Sentinel that runs names it and it takes writes."""
        promoted = next(server for server in self.servers if server is not lost)
        self._give_up_after(SOON)
        until(
            lambda: self._named() == {promoted.port} and promoted.role() == "master",
            "the replica is promoted",
        )
        # One that a busy machine keeps waiting would pass for lost as well.
        self._give_up_after(LATE)
        return promoted

    def wait_for_reunion(self) -> None:
        """Return when whoever is not the master follows it, and has what it has."""
        until(lambda: self.replica().role() == "slave", "the old master follows the new one")
        until(self.master().is_followed, "the old master has a copy")
        until(lambda: all(self._is_complete(sentinel) for sentinel in self.sentinels), "the Sentinels agree")

    def restart_sentinel(self, sentinel: RedisProcess) -> None:
        """Start a Sentinel again, which remembers the others."""
        sentinel.start()
        self._hasten(sentinel)
        until(lambda: self._is_complete(sentinel), "the Sentinel knows the others again")

    def _named(self) -> set[int]:
        """The port of the master, as the Sentinels that answer know it."""
        ports: set[int] = set()
        for sentinel in self.sentinels:
            with suppress(RedisError), sentinel.client() as client:
                ports.add(int(client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", MASTER)[1]))
        return ports

    def _give_up_after(self, silence: int) -> None:
        """Let every Sentinel that runs give up a master that says nothing for so many milliseconds."""
        for sentinel in self.sentinels:
            if sentinel.running:
                with sentinel.client() as client:
                    client.execute_command("SENTINEL", "SET", MASTER, "down-after-milliseconds", silence)

    @staticmethod
    def _hasten(sentinel: RedisProcess) -> None:
        with sentinel.client() as client:
            client.execute_command("SENTINEL", "DEBUG", *HASTE)

    @staticmethod
    def _is_complete(sentinel: RedisProcess) -> bool:
        """Whether it sees the master, the replica and every other Sentinel, and all of them alive."""
        asked: Any
        with sentinel.client() as asked:
            master = _facts(asked.execute_command("SENTINEL", "MASTER", MASTER))
            replicas = [_facts(reply) for reply in asked.execute_command("SENTINEL", "REPLICAS", MASTER)]
        flags = [master["flags"], *(replica["flags"] for replica in replicas)]
        return flags == ["master", "slave"] and int(master["num-other-sentinels"]) == SENTINELS - 1


def _facts(reply: Any) -> dict[str, str]:
    """The pairs of a reply, whether or not the client has put them together."""
    pairs = reply.items() if isinstance(reply, dict) else zip(reply[::2], reply[1::2], strict=True)
    return {str(name): str(value) for name, value in pairs}


@pytest.fixture
def redis_sentinels() -> Iterator[RedisSentinels]:
    """A master, its replica and three Sentinels, of one test's own: it breaks them."""
    with tempfile.TemporaryDirectory(prefix="auth-sentinel-", ignore_cleanup_errors=True) as folder:
        sentinels = RedisSentinels(Path(folder))
        try:
            sentinels.start()
            yield sentinels
        finally:
            sentinels.stop()
