"""The example for Next in a browser, from the registration to the end of the session."""

import pytest
from playwright.async_api import expect

from tests.browser.nextjs.member import Member

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_an_expired_access_token_is_renewed_on_the_way_to_a_page(member: Member) -> None:
    """A person who comes back after lunch signs in again, or sees a counter in the address."""
    await member.signs_in()
    before = await member.cookies()
    assert {"access_token", "refresh_token", "has_session"} <= set(before)
    refreshes = member.deployment.refreshes()
    await member.lets_the_access_token_expire()
    await member.goes_to("/dashboard?view=all")
    await member.sees_dashboard()
    assert member.page.url == f"{member.deployment.url}/dashboard?view=all"
    assert (await member.cookies())["access_token"] != before["access_token"]
    assert member.deployment.refreshes() == refreshes + 1
