"""Protected pages of the example for Next, asked for in every form that an address has."""

import httpx2
import pytest

from bymax_auth.cli.doctor.asking import Limits
from bymax_auth.cli.doctor.examination import Examined, examine
from bymax_auth.cli.doctor.origin import Origin
from tests.browser.nextjs.deployment import Deployment
from tests.browser.nextjs.member import Member
from tests.browser.nextjs.private_pages import PRIVATE, STATIC, WITH_DATA
from tests.servers.patience import PATIENCE

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

LIMITS = Limits(requests=5_000, per_second=1_000, seconds=PATIENCE, all_seconds=5 * PATIENCE)
PAGES = (STATIC, WITH_DATA, "/admin")


async def test_no_form_of_an_address_shows_a_protected_page(member: Member) -> None:
    """A file of the build, or a header that only Next should send, opens what a session is needed for."""
    url = member.deployment.url
    for path in (STATIC, WITH_DATA):
        await member.signs_in(path)
        await member.page.get_by_text(PRIVATE).wait_for()
    cookies = "; ".join(f"{name}={value}" for name, value in (await member.cookies()).items())
    asked = Examined(
        origin=Origin.parse(url),
        protected=PAGES,
        api=("/api/auth/me",),
        login=("/login", "/api/auth/silent-refresh"),
        limits=LIMITS,
    )
    for session in (None, cookies):
        report = await examine(asked, session)
        assert [(one.fault.id, one.subject) for one in report.findings] == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_protected_page_is_kept_by_no_cache(deployment: Deployment, path: str) -> None:
    """The next person at the same proxy reads the page."""
    async with httpx2.AsyncClient(base_url=deployment.url, timeout=PATIENCE) as client:
        refused = await client.get(path)
    assert refused.status_code == 307
    assert refused.headers["cache-control"] == "no-store, no-cache"
