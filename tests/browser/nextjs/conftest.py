"""The example for Next, built once in a run and served once in a process of it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext

from tests.browser.nextjs.building import build, project
from tests.browser.nextjs.deployment import Deployment, deployed
from tests.browser.nextjs.member import Member
from tests.browser.nextjs.private_pages import add_private_pages
from tests.browser.visit import Visit
from tests.packages.packing import made_once, packed_package
from tests.servers.redis import RedisProcess

__all__ = ["built", "deployment", "member", "packed_package"]

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "nextjs"
_BUILDS = shutil.ignore_patterns("node_modules", ".next", "next-env.d.ts")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, packed_package: Path) -> Path:
    """The example with the published package, built without a variable of its deployment."""

    def make(folder: Path) -> None:
        shutil.copytree(EXAMPLE, folder, ignore=_BUILDS, dirs_exist_ok=True)
        add_private_pages(folder)
        project(folder, packed_package)
        done = build(folder)
        assert done.returncode == 0, done.stdout

    return made_once(tmp_path_factory, "nextjs-example", make)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def deployment(
    built: Path, redis_process: RedisProcess, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """The running example."""
    async with deployed(built, redis_process.url, tmp_path_factory.mktemp("deployment")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def member(
    context: BrowserContext, deployment: Deployment, redis_server: RedisProcess, tmp_path: Path
) -> AsyncIterator[Member]:
    """Somebody who has registered, and has no page open; how it looked at the end is kept."""
    visit = Visit(await context.new_page(), deployment.url)
    visit.watch()
    yield await Member.registered(visit, deployment)
    await visit.page.screenshot(path=tmp_path / "end.png", full_page=True)
    assert visit.faults == []
