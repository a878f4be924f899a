"""Two real servers, one of which follows the other, behind one address that moves with the master."""

import tempfile
from pathlib import Path

from tests.servers.proxy import Proxy
from tests.servers.redis import RedisProcess, until

__all__ = ["MovingAddress", "RedisPair"]


class MovingAddress(Proxy):
    """An address that leads to another server from now on; connections that are open stay where they are."""

    def move(self, port: int) -> None:
        self._target = port


class RedisPair:
    """A master and its replica, each of which keeps what it has on its disk."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="auth-pair-", ignore_cleanup_errors=True)
        kept = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
        # Without these a copy may wait for a second, until somebody looks whether the last one has ended.
        brisk = ("--repl-diskless-sync", "no", "--hz", "500")
        self.servers: list[RedisProcess] = []
        for name in ("one", "two"):
            home = Path(self._folder.name) / name
            home.mkdir()
            self.servers.append(RedisProcess(home, *kept, *brisk))
        self.master, self.other = self.servers
        self.follows = False

    def start(self) -> None:
        self.master.start()
        self.other.start()
        self.reunite()

    def stop(self) -> None:
        for server in self.servers:
            server.stop()
        self._folder.cleanup()

    def reunite(self) -> None:
        """Let the other server follow the master, which takes what it has of its own."""
        order(self.other, "REPLICAOF", "127.0.0.1", self.master.port)
        until(self.master.is_followed, "the replica follows")
        self.follows = True

    def part(self) -> None:
        """Let the replica miss what is written from now on."""
        order(self.other, "REPLICAOF", "NO", "ONE")
        self.follows = False

    def promote(self) -> RedisProcess:
        """Let the two change their roles; return the old master, which is still one by its own account."""
        order(self.other, "REPLICAOF", "NO", "ONE")
        self.master, self.other = self.other, self.master
        self.follows = False
        return self.other


def order(server: RedisProcess, *words: str | int) -> None:
    with server.client() as client:
        client.execute_command(*words)
