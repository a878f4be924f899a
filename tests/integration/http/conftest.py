"""A fresh deployment for each test, on every kind of store."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.http.world import World, a_world
from tests.integration.keeping import KEPT_KINDS, keep_in
from tests.servers.cluster import redis_cluster, redis_cluster_process
from tests.servers.redis import redis_process, redis_server

__all__ = ["kept", "redis_cluster", "redis_cluster_process", "redis_process", "redis_server", "world"]


JOURNEYS = (
    "test_guards",
    "test_logout",
    "test_password_recovery",
    "test_rate_limits",
    "test_refresh",
    "test_session_routes",
    "test_sign_in",
    "test_token_refusals",
    "test_verification",
)
"""What a journey leaves in a store is tested on every kind; how a request is read needs one."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the journeys on every kind of store."""
    is_journey = metafunc.module.__name__.rpartition(".")[2] in JOURNEYS
    metafunc.parametrize("kept", KEPT_KINDS if is_journey else KEPT_KINDS[:1], indirect=True)


@pytest.fixture(autouse=True)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Where this test's deployments keep their state."""
    with keep_in(request.param, request, tmp_path):
        yield


@pytest.fixture
async def world(kept: None) -> AsyncIterator[World]:
    """Ada's deployment: cookies, no rate limits, sessions served."""
    async with a_world() as deployment:
        yield deployment
