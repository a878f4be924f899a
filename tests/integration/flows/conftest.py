"""Worlds that are closed when their test is over."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.identity import Realm
from tests.integration.flows.world import RealmView, World, build_world


@pytest.fixture
async def worlds() -> AsyncIterator[Callable[..., World]]:
    """Builds worlds with options of the test's own."""
    built: list[World] = []

    def build(**options: Any) -> World:
        built.append(build_world(**options))
        return built[-1]

    yield build
    for world in built:
        await world.engine.aclose(timeout=0)


@pytest.fixture
def world(worlds: Callable[..., World]) -> World:
    return worlds()


@pytest.fixture
def provider() -> InMemoryOAuthProvider:
    """A provider of identities in memory."""
    return InMemoryOAuthProvider()


@pytest.fixture(params=list(Realm), ids=str)
def realm(request: pytest.FixtureRequest) -> Realm:
    """Each of the two realms."""
    return request.param


@pytest.fixture
def view(world: World, realm: Realm) -> RealmView:
    """Each of the two realms of `world`."""
    return world.realm(realm)
