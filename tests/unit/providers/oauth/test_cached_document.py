"""One fetch for everybody, whoever is cancelled, and in whichever event loop."""

import asyncio

import pytest

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure
from bymax_auth.providers.oauth.cached_document import CachedDocument
from bymax_auth.testing import FakeClock


class Source:
    """What is fetched, when the test lets it arrive."""

    def __init__(self) -> None:
        self.arrives = asyncio.Event()
        self.fetched = 0
        self.failure: Exception | None = None

    async def fetch(self) -> str:
        self.fetched += 1
        await self.arrives.wait()
        if self.failure is not None:
            raise self.failure
        return f"document {self.fetched}"


async def until_waiting() -> None:
    """Let every task that was just created come to where it waits."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_cancelled_fetch_is_begun_again_by_one_of_the_others() -> None:
    """A browser that goes away would take everybody's sign-in with it."""
    source = Source()
    document = CachedDocument(source.fetch, FakeClock())
    first, *others = (asyncio.create_task(document.get()) for _ in range(5))
    await until_waiting()
    first.cancel()
    await until_waiting()
    source.arrives.set()
    assert set(await asyncio.gather(*others)) == {"document 2"}
    assert source.fetched == 2
    assert first.cancelled()


async def test_whoever_waits_may_be_cancelled_alone() -> None:
    """The fetch belongs to all of them."""
    source = Source()
    document = CachedDocument(source.fetch, FakeClock())
    first, second = (asyncio.create_task(document.get()) for _ in range(2))
    await until_waiting()
    second.cancel()
    await until_waiting()
    source.arrives.set()
    assert await first == "document 1"
    assert second.cancelled()


async def test_a_failure_is_everybodys_and_has_no_traces_of_the_others() -> None:
    """An exception that is raised twice grows, and keeps what it passed through."""
    source = Source()
    source.failure = OAuthProviderError(ProviderFailure.HTTP, "label", status=503)
    document = CachedDocument(source.fetch, FakeClock())
    tasks = [asyncio.create_task(document.get()) for _ in range(3)]
    await until_waiting()
    source.arrives.set()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(set(map(id, failures))) == 3
    for failure in failures:
        assert isinstance(failure, OAuthProviderError)
        assert (failure.kind, str(failure), failure.status) == (ProviderFailure.HTTP, "label", 503)


async def test_a_defect_of_a_client_is_told_once_and_fails_everybody_who_waits() -> None:
    """A host's client may raise anything: a hundred sign-ins would fetch a hundred times, one by one."""
    source = Source()
    source.failure = RuntimeError("a client of the host's own")
    document = CachedDocument(source.fetch, FakeClock())
    tasks = [asyncio.create_task(document.get()) for _ in range(3)]
    await until_waiting()
    source.arrives.set()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, RuntimeError)
    for failure in others:
        assert isinstance(failure, OAuthProviderError)
        assert (failure.kind, failure.__cause__) == (ProviderFailure.TRANSPORT, None)
    assert source.fetched == 1
    source.failure = None
    assert await document.get() == "document 2"


async def test_whoever_asks_for_a_new_one_joins_the_fetch_that_runs() -> None:
    """The minute must not refuse what is on its way."""
    source = Source()
    document = CachedDocument(source.fetch, FakeClock())
    tasks = [asyncio.create_task(document.renewed()) for _ in range(3)]
    await until_waiting()
    source.arrives.set()
    assert set(await asyncio.gather(*tasks)) == {"document 1"}
    assert await document.renewed() == "document 1"


def test_a_loop_that_ended_in_the_middle_holds_nobody_up() -> None:
    """Test suites and notebooks have one loop after another."""

    async def text() -> str:
        return "document"

    source = Source()
    document = CachedDocument(source.fetch, FakeClock())

    loop = asyncio.new_event_loop()
    abandoned = loop.create_task(document.get())
    loop.run_until_complete(asyncio.sleep(0))
    document._fetch = text  # type: ignore[misc]
    assert asyncio.run(document.get()) == "document"
    abandoned.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(abandoned)
    loop.close()
