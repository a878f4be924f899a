"""A body that is made to be expensive is refused before anything is built from it."""

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.flood import SHAPES
from bymax_auth.http.routes import AnyRoute
from tests.integration.http.requests import JSON_ROUTES, LENIENT_ROUTES, path_of, route_id
from tests.integration.http.world import World, a_world
from tests.integration.keeping import KEPT_KINDS, keep_in

MEBIBYTE = 1_048_576
CHUNK = 65_536
BUILT = 131_072
"""Bytes that a refusal may allocate; the objects of a body take up to twenty times its length."""
ATTEMPTS = 2
"""What the first run of a line makes, and what other threads do meanwhile, is not what a body costs."""


@pytest.fixture
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Ada's deployment, in memory."""
    with keep_in(KEPT_KINDS[0], request, tmp_path):
        async with a_world() as deployment:
            yield deployment


def lengths_of(spec: AnyRoute) -> tuple[int, ...]:
    return (spec.body_limits.length_bytes, MEBIBYTE)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("spec", [*JSON_ROUTES, *LENIENT_ROUTES], ids=route_id)
async def test_an_expensive_body_builds_nothing(world: World, spec: AnyRoute, shape: str) -> None:
    """One client with a few hundred kilobytes a second would stop the service for everybody."""
    cookies = {"access_token": (await world.signed_in())["access_token"]} if spec.access.guards else {}
    for length in lengths_of(spec):
        body = SHAPES[shape](length)
        chunks = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
        for raw, parts in ((body, None), (None, chunks)):
            peaks: list[int] = []
            for _ in range(ATTEMPTS):
                tracemalloc.start()
                try:
                    answer = await world.driver.call(
                        spec.method, path_of(spec), cookies=cookies, raw=raw, chunks=parts
                    )
                    peaks.append(tracemalloc.get_traced_memory()[1])
                finally:
                    tracemalloc.stop()
            assert min(peaks) < BUILT, (length, peaks)
            if spec.body_mode != "forgiving_refresh" or length == MEBIBYTE:
                assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", ["body"])
