"""The real parts that services are built from."""

from collections.abc import AsyncIterator

import pytest

from bymax_auth.crypto.digest import derive_identifier_key
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents
from tests.unit.services.parts import SECRET


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def events() -> RecordingEvents:
    return RecordingEvents()


@pytest.fixture
def told() -> list[tuple[str, BaseException]]:
    """What the host's own error reporting was given."""
    return []


@pytest.fixture
def failures(events: RecordingEvents, told: list[tuple[str, BaseException]]) -> FailureReporter:
    return FailureReporter(events, lambda name, error: told.append((name, error)))


@pytest.fixture
async def background(failures: FailureReporter) -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks(failures)
    yield background
    await background.aclose(1.0)


@pytest.fixture
def identifiers() -> Identifiers:
    return Identifiers.of_key(derive_identifier_key(SECRET))


@pytest.fixture
async def stores(clock: FakeClock) -> AsyncIterator[EmbeddedStores]:
    stores = EmbeddedStores(clock=clock)
    await stores.start()
    yield stores
    await stores.aclose()
