"""Protected pages of the example for Next, asked for in every form that an address has."""

import httpx2
import pytest

from bymax_auth.cli.doctor.asking import Limits
from bymax_auth.cli.doctor.examination import Examined, examine
from bymax_auth.cli.doctor.origin import Origin
from tests.browser.nextjs.deployment import SECRET, Deployment
from tests.browser.nextjs.member import Member
from tests.browser.nextjs.private_pages import PRIVATE, STATIC, WITH_DATA
from tests.browser.nextjs.tokens import access_token
from tests.servers.patience import PATIENCE

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

LIMITS = Limits(requests=5_000, per_second=1_000, seconds=PATIENCE, all_seconds=5 * PATIENCE)
FORMS = 60
PAGES = (STATIC, WITH_DATA, "/admin")


async def test_no_form_of_an_address_shows_a_protected_page(member: Member) -> None:
    """A file of the build, or a header that only Next should send, opens what a session is needed for."""
    url = member.deployment.url
    await member.signs_in()
    for path in (STATIC, WITH_DATA):
        await member.goes_to(path)
        await member.page.get_by_text(PRIVATE).wait_for()
    cookies = "; ".join(f"{name}={value}" for name, value in (await member.cookies()).items())
    asked = Examined(
        origin=Origin.parse(url),
        protected=PAGES,
        api=("/api/auth/me",),
        login=("/login", "/api/auth/silent-refresh"),
        limits=LIMITS,
    )
    # The forms are asked without a session in any case.
    report = await examine(asked, cookies)
    assert [(one.fault.id, one.subject) for one in report.findings] == []
    assert report.requests > len(PAGES) * FORMS
    told = {(one["check"], one["subject"]) for one in report.fields()["notChecked"]}
    assert told & {("page_open", path) for path in PAGES} == set()


@pytest.mark.parametrize("path", [STATIC, WITH_DATA])
async def test_a_protected_page_is_kept_by_no_cache(deployment: Deployment, path: str) -> None:
    """The next person behind the same cache reads the page."""
    signed_in = {"cookie": f"access_token={access_token(SECRET)}"}
    async with httpx2.AsyncClient(base_url=deployment.url, timeout=PATIENCE) as client:
        shown = await client.get(path, headers=signed_in)
        refused = await client.get(path)
    assert PRIVATE in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    assert refused.status_code == 307
    assert refused.headers["cache-control"] == "no-store, no-cache"


@pytest.mark.usefixtures("redis_server")
async def test_a_redirect_names_no_host(deployment: Deployment) -> None:
    """A forged header sends somebody to the sign-in page of another site."""
    forged = {"host": "app.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    async with httpx2.AsyncClient(base_url=deployment.url, timeout=PATIENCE) as client:
        page = await client.get("/dashboard", headers=forged)
        refresh = await client.get("/api/auth/silent-refresh?redirect=/dashboard", headers=forged)
    assert page.headers["location"] == "/login?redirectTo=%2Fdashboard"
    assert refresh.headers["location"] == "/login?reason=expired"
