"""What every test shares: how hypothesis searches, what is measured, what a hash costs, what is watched."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.cheap import make_it_cheap
from tests.integration.cli.dev_server import demo_server
from tests.log_scan import LogScan
from tests.long import LONG
from tests.measuring import Measuring
from tests.servers.cluster import redis_cluster, redis_cluster_process
from tests.servers.forked import end_fork_server
from tests.servers.mariadb import mariadb_url
from tests.servers.postgres import postgres_url
from tests.servers.redis import redis_process, redis_server

__all__ = [
    "demo_server",
    "mariadb_url",
    "postgres_url",
    "redis_cluster",
    "redis_cluster_process",
    "redis_process",
    "redis_server",
]

# The machine's speed must not decide whether a property holds, so nothing here depends on the clock.
settings.register_profile(
    "local", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.register_profile("thorough", settings.get_profile("local"), max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "thorough" if LONG else "ci" if os.environ.get("CI") else "local")
)


def pytest_configure(config: pytest.Config) -> None:
    make_it_cheap()
    config.pluginmanager.register(LogScan(), "log-scan")
    config.pluginmanager.register(Measuring(), "measuring")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end, so looking for garbage in it finds none and takes long."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    end_fork_server()


@pytest.fixture(autouse=True)
def environment_is_left_alone() -> Iterator[None]:
    """Fail a test that leaves variables behind: they would configure whatever the same process tests next."""
    before = _environment()
    yield
    after = _environment()
    os.environ.update(before)
    for name in after.keys() - before.keys():
        del os.environ[name]
    assert after == before, f"environment variables changed: {sorted(dict(after.items() ^ before.items()))}"


def _environment() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
