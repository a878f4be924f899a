"""
Fixtures for a host's own tests, enabled by one line in its top ``conftest.py``.

    pytest_plugins = ["bymax_auth.testing.pytest_plugin"]

    async def test_a_user_can_sign_in(auth_engine):
        auth_engine.add_user("ada@example.com")
        ...

The engine is an async fixture: run pytest-asyncio in auto mode.  A module or a package that needs
other options overrides `auth_engine_options`.
"""

from collections.abc import AsyncGenerator

import pytest

from bymax_auth.testing.engine import ReadyEngine, build_engine, config_for_tests

__all__ = ["auth_engine", "auth_engine_options"]


@pytest.fixture
def auth_engine_options() -> dict[str, object]:
    """The options that `auth_engine` passes to `config_for_tests`; none unless overridden."""
    return {}


@pytest.fixture
async def auth_engine(auth_engine_options: dict[str, object]) -> AsyncGenerator[ReadyEngine]:
    """A started in-memory engine, closed after the test."""
    async with build_engine(config_for_tests(**auth_engine_options)) as ready:
        yield ready
