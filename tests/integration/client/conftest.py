"""A fresh deployment for each test; what a client does to a store is tested on every kind."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.http.world import World, a_world
from tests.integration.keeping import KEPT_KINDS, keep_in

__all__ = ["kept", "world"]

ON_EVERY_STORE = "test_every_store"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run one module on every kind of store."""
    everywhere = metafunc.definition.path.stem == ON_EVERY_STORE
    kinds = [
        pytest.param(kind, marks=[pytest.mark.untraced] * kind.startswith("redis"))
        for kind in (KEPT_KINDS if everywhere else KEPT_KINDS[:1])
    ]
    metafunc.parametrize("kept", kinds, indirect=True)


@pytest.fixture(autouse=True)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Where this test's deployments keep their state."""
    with keep_in(request.param, request, tmp_path):
        yield


@pytest.fixture
async def world(kept: None) -> AsyncIterator[World]:
    """Ada's deployment, which delivers tokens in bodies."""
    async with a_world(token_delivery="bearer") as deployment:
        yield deployment
