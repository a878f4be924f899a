"""What becomes of `bymax-auth serve` when its processes are signalled, or lost."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.dev_server import PATIENCE
from tests.integration.cli.service import STEP, Service, serving, settings, with_tables
from tests.servers.forked import COMMAND
from tests.servers.redis import RedisProcess

pytestmark = [pytest.mark.processes, pytest.mark.untraced]


def test_one_lost_worker_ends_nobody_else_and_a_lost_parent_ends_all(
    tmp_path: Path, redis_server: RedisProcess
) -> None:
    """A process that the kernel kills during an outage takes the service down, or holds its port."""
    with_tables(tmp_path)
    redis = {"BYMAX_AUTH_STORE_URL": redis_server.url}
    with serving(tmp_path, "--workers", "2", env=settings(tmp_path) | redis, command=COMMAND) as service:
        until(lambda: len(workers(service)) == 2)
        redis_server.pause()
        try:
            os.kill(workers(service)[0], signal.SIGKILL)
            until(lambda: "cannot start and is restarted" in service.written("log"))
            with service.client() as client:
                assert client.get("/healthz").status_code == 200
        finally:
            redis_server.resume()
        until(lambda: len(workers(service)) == 3)
        os.kill(service.process.pid, signal.SIGKILL)
        until(lambda: not service.has_answered())


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="This system has no SIGHUP.")
def test_a_terminal_that_is_closed_ends_a_service_in_order(tmp_path: Path) -> None:
    """Requests under way are cut off, and the work behind them is lost."""
    with_tables(tmp_path)
    with serving(tmp_path, env=settings(tmp_path), command=COMMAND) as service:
        for _ in range(2):
            service.process.send_signal(signal.SIGHUP)
        assert service.process.wait(PATIENCE) == 0
        assert any("shutdown complete" in line["message"] for line in service.logged())


def workers(service: Service) -> list[int]:
    """Every worker that has ever served, oldest first."""
    whole = service.written("log").rpartition("\n")[0].splitlines()
    return [json.loads(line)["process"] for line in whole if "startup complete" in line]


def until(true: Callable[[], bool]) -> None:
    """Wait for something that takes processes a moment."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(STEP)
