"""
The React entry that is published for the other server of the same contract, as it is, and ours in its place.

The same page takes the same journey with both: whoever changes the server changes one import, or none.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext

from tests.browser.react_page import OURS, PUBLISHED, Held, ReactPage, bundled
from tests.integration.cli.dev_server import DevServer, code_in, mailed

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "green tea in paris 71"
NEW_PASSWORD = "brown bread in lyon 82"
SIGNED_OUT, SIGNED_IN = "unauthenticated false nobody", "authenticated true Ada"
TWENTY = 20
REFRESHES = {OURS: range(1, 2), PUBLISHED: range(1, TWENTY + 1)}
"""What twenty refusals cost: the published client makes another refresh for each that comes too late."""
TWENTY_AT_ONCE = """{
  globalThis.statuses = [];
  const keep = ({ status }) => statuses.push(status);
  globalThis.pending = Array.from({ length: 20 }, () => authFetch("/auth/me").then(keep));
}"""
STATUSES = "Promise.all(pending).then(() => statuses)"


@dataclass(frozen=True)
class Ada:
    """Somebody with an account of her own, and the page that she has open."""

    page: ReactPage
    server: DevServer
    email: str

    async def registers(self) -> None:
        account = {"email": self.email, "password": PASSWORD, "name": "Ada"}
        answer = await self.page.calls("hooks.auth.register(given)", account)
        assert answer["user"]["email"] == self.email
        otp = code_in(await self.mail("email_verification_otp"))
        await self.posts("/auth/verify-email", email=self.email, otp=otp)

    async def mail(self, kind: str) -> dict[str, str]:
        with self.server.client() as somebody:
            return await asyncio.to_thread(mailed, somebody, kind, self.email)

    async def posts(self, path: str, **body: str) -> dict[str, str]:
        """A request of the application's own."""
        return dict(await self.page.calls("post(...given)", [path, body]) or {})

    async def signs_in(self, password: str = PASSWORD) -> dict[str, str]:
        given = [self.email, password]
        return dict(await self.page.calls("hooks.auth.login(...given)", given))

    async def code(self, secret: str) -> str:
        return (await self.posts("/dev/demo/code", secret=secret))["code"]


@pytest.fixture(scope="module", params=[OURS, PUBLISHED], ids=["ours", "published"])
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def script(package: str, tmp_path_factory: pytest.TempPathFactory, packed_package: Path) -> Path:
    """The page with the package, as a browser loads it."""
    return bundled(package, tmp_path_factory.mktemp("react"), packed_package)


@pytest_asyncio.fixture(loop_scope="session")
async def ada(context: BrowserContext, demo_server: DevServer, script: Path) -> AsyncIterator[Ada]:
    faults: list[str] = []
    page = await ReactPage.open(context, demo_server.url, script)
    page.page.on("pageerror", lambda error: faults.append(str(error)))
    yield Ada(page, demo_server, f"ada-{uuid.uuid4()}@example.com")
    assert faults == []


async def test_the_provider_takes_a_person_through_every_step(ada: Ada, package: str) -> None:
    """Whoever changes only the server must not touch a component."""
    page = ada.page
    await page.shows(SIGNED_OUT)
    await ada.registers()
    await page.shows(SIGNED_IN)
    await page.calls("hooks.auth.logout()")
    await page.shows(SIGNED_OUT)

    await ada.signs_in()
    await page.shows(SIGNED_IN)
    assert await page.calls("hooks.session.user.emailVerified && hooks.session.lastValidation !== null")
    await page.expires()
    await page.calls("Promise.all(Array.from({ length: 20 }, () => hooks.session.refresh()))")
    await page.shows(SIGNED_IN)
    assert page.refreshes in REFRESHES[package]

    secret = await adds_a_second_factor(ada)
    await signs_in_with_both(ada, secret)
    await page.calls("hooks.auth.logout()")
    await page.shows(SIGNED_OUT)
    await resets_the_password(ada)
    assert await page.calls("told") == []


async def adds_a_second_factor(ada: Ada) -> str:
    secret = (await ada.posts("/auth/mfa/setup", password=PASSWORD))["secret"]
    await ada.posts("/auth/mfa/verify-enable", code=await ada.code(secret))
    return secret


async def signs_in_with_both(ada: Ada, secret: str) -> None:
    challenge = await ada.signs_in()
    assert challenge["mfaRequired"]
    await ada.page.shows(SIGNED_OUT)
    given = [challenge["mfaTempToken"], "no code"]
    refusal = await ada.page.refused("client.mfaChallenge(...given)", given)
    assert refusal == ["AuthClientError", 401, "auth.mfa_invalid_code"]
    await ada.page.calls("client.mfaChallenge(...given)", [given[0], await ada.code(secret)])
    await ada.page.calls("hooks.session.refresh()")
    await ada.page.shows(SIGNED_IN)


async def resets_the_password(ada: Ada) -> None:
    await ada.page.calls("hooks.auth.forgotPassword(given)", ada.email)
    found = re.search(r"\b[0-9a-f]{64}\b", (await ada.mail("password_reset_token"))["text"])
    assert found is not None
    given = {"email": ada.email, "newPassword": NEW_PASSWORD, "token": found[0]}
    await ada.page.calls("hooks.auth.resetPassword(given)", given)
    refusal = await ada.page.refused("hooks.auth.login(...given)", [ada.email, PASSWORD])
    assert refusal == ["AuthClientError", 401, "auth.invalid_credentials"]
    assert (await ada.signs_in(NEW_PASSWORD))["mfaRequired"]


async def test_a_session_that_the_server_ends_is_told_once(ada: Ada) -> None:
    """A page goes on as if somebody were signed in, or asks them twice to sign in again."""
    await ada.registers()
    await ada.signs_in()
    await ada.page.shows(SIGNED_IN)
    await ada.page.page.context.clear_cookies()
    await ada.page.calls("hooks.session.refresh()")
    await ada.page.shows(SIGNED_OUT)
    await ada.page.calls("hooks.session.refresh()")
    assert await ada.page.calls("told") == ["expired"]


async def test_twenty_late_refusals_cost_ours_one_refresh(ada: Ada, package: str) -> None:
    """On a slow machine each answer that arrives after a refresh costs another one, until a limit refuses."""
    held = await twenty_refusals(ada)
    for number in range(TWENTY):
        await held.release()
        await ada.page.page.wait_for_function("given => statuses.length === given", arg=number + 1)
    await ada.page.calls("hooks.session.refresh()")
    await ada.page.shows(SIGNED_IN)
    assert await ada.page.calls(STATUSES) == [200] * TWENTY
    assert ada.page.refreshes == {OURS: 1, PUBLISHED: TWENTY}[package]


async def twenty_refusals(ada: Ada) -> Held:
    """Twenty requests with an expired token, none of whose answers has reached the page."""
    await ada.registers()
    await ada.signs_in()
    await ada.page.shows(SIGNED_IN)
    await ada.page.expires()
    held = await Held.at(ada.page.page, "/auth/me", TWENTY)
    await ada.page.calls(TWENTY_AT_ONCE)
    await held.complete()
    return held


async def test_a_page_that_is_busy_meanwhile_refreshes_once(ada: Ada, package: str) -> None:
    """Answers that wait for a busy page arrive together with the refresh that they would have shared."""
    held = await twenty_refusals(ada)
    refresh = await Held.at(ada.page.page, "/auth/refresh")
    block = await Held.at(ada.page.page, "/busy")
    for _ in range(TWENTY // 2):
        await held.release()
    await refresh.complete()
    # The page does nothing else before this answer.
    busy = "{ const call = new XMLHttpRequest(); call.open('GET', '/busy', false); call.send() }"
    blocked = asyncio.create_task(ada.page.calls(busy))
    await block.complete()
    await refresh.release()
    for _ in range(TWENTY // 2):
        await held.release()
    await block.release()
    await blocked
    assert await ada.page.calls(STATUSES) == [200] * TWENTY
    assert ada.page.refreshes in REFRESHES[package]
