"""One server that the tests of this folder share, where they leave nothing behind that another meets."""

from collections.abc import Iterator

import pytest

from tests.integration.cli.dev_server import DevServer, serving
from tests.servers.redis import redis_process, redis_server

__all__ = ["redis_process", "redis_server", "server"]


@pytest.fixture(scope="module")
def server() -> Iterator[DevServer]:
    """A server that keeps its data in memory and counts no requests."""
    with serving("--no-rate-limits") as running:
        yield running
