"""A fresh deployment for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.http.world import World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Ada's deployment: cookies, no rate limits, sessions served."""
    async with a_world() as deployment:
        yield deployment
