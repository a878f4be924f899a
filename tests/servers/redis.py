"""
A real Redis server for one test run, on a free port of the loopback interface.

As root on Debian a missing one is installed.  It can be paused, killed and started again.
"""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tests.debian import found_or_installed
from tests.servers.kept_clients import client_at, close_client_at
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

__all__ = ["RedisProcess", "redis_process", "redis_server", "until"]

QUIET = ("--bind", "127.0.0.1", "--daemonize", "no", "--loglevel", "warning")
AT_ONCE = ("--repl-diskless-sync-delay", "0")
"""A master would wait five seconds for further replicas before it answers the first."""
AT_MOST_ONCE = Retry(NoBackoff(), 0)
"""The client would ask a server that is not there again for seconds."""
STEP = 0.02


def find_server() -> str:
    """The path of the server's program."""
    wanted = "a Redis server: no redis-server on the PATH"
    return found_or_installed(lambda: shutil.which("redis-server"), "redis-server", wanted)


class RedisProcess:
    """One server, in a folder of its own; `options` are those of its command line."""

    def __init__(self, folder: Path, *options: str, config: Path | None = None) -> None:
        self.port = free_port()
        self._folder = folder
        self._config = config
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._program = find_server()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._process is not None

    def start(self) -> None:
        """Start the server and return when it answers."""
        command = [
            self._program,
            *([] if self._config is None else [str(self._config)]),
            "--port",
            str(self.port),
            "--dir",
            str(self._folder),
            *QUIET,
            *AT_ONCE,
            *self._options,
        ]
        self._process = started = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        until(lambda: started.poll() is not None or self._answers(), f"the server on {self.port} answers")
        assert started.returncode is None, f"the server on {self.port} ended with {started.returncode}"

    def stop(self) -> None:
        """Kill the server, whatever it is doing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def pause(self) -> None:
        """Let the server stand still with every connection open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def role(self) -> str:
        """``master`` or ``slave``."""
        with self.client() as client:
            return str(client.execute_command("ROLE")[0])

    def master_port(self) -> int | None:
        """The port of the server that this one follows."""
        with self.client() as client:
            role, *rest = client.execute_command("ROLE")
        return int(rest[1]) if role == "slave" else None

    def is_followed(self) -> bool:
        """Whether a replica has confirmed a write: both servers report a link that is up before that."""
        with self.client() as client:
            client.set("followed", "?", px=1)
            return bool(client.execute_command("WAIT", 1, 100))

    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=PATIENCE, decode_responses=True, retry=AT_MOST_ONCE)

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for another process to be ready; the test fails with `what` when it never is."""
    deadline = time.monotonic() + PATIENCE
    while not _for_certain(holds):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {PATIENCE:.0f} s in vain until {what}", pytrace=False)
        time.sleep(STEP)


def _for_certain(holds: Callable[[], bool]) -> bool:
    """Ask; a server that changes its part ends the connections of those who do, who then know nothing."""
    try:
        return holds()
    except RedisError:
        return False


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisProcess]:
    """A running server, which ends with the run."""
    with tempfile.TemporaryDirectory(prefix="auth-redis-", ignore_cleanup_errors=True) as folder:
        process = RedisProcess(Path(folder), "--save", "")
        try:
            process.start()
            yield process
        finally:
            close_client_at(process.port)
            process.stop()


@pytest.fixture
def redis_server(redis_process: RedisProcess) -> RedisProcess:
    """A running server with nothing in it."""
    client_at(redis_process.port).flushall()
    return redis_process
