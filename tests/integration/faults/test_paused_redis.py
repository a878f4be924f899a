"""A Redis that stands still: what every face of a deployment answers, and what its log says."""

import logging
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.config import RateLimitConfig
from bymax_auth.stores.redis import Limits
from tests.integration.fastapi.host import Host
from tests.integration.http.driver import Answer
from tests.integration.http.world import EMAIL, TENANT, World, a_world
from tests.integration.keeping import kept_in
from tests.servers.patience import closed_after_test, redis_stores, running
from tests.servers.redis import RedisProcess

__all__ = ["closed_after_test"]

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

LIMITS = Limits(connect=0.2, answer=0.2, queue=0.2)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisProcess]:
    """A Redis of this module, which may be paused."""
    with tempfile.TemporaryDirectory(prefix="auth-paused-", ignore_cleanup_errors=True) as folder:
        process = RedisProcess(Path(folder), "--save", "")
        try:
            process.start()
            yield process
        finally:
            process.stop()


@dataclass(slots=True)
class Deployment:
    """A deployment whose Redis can be paused, with somebody signed in."""

    host: Host
    server: RedisProcess
    cookies: dict[str, str]

    @property
    def world(self) -> World:
        return self.host.world

    @contextmanager
    def paused(self) -> Generator[None]:
        """Keep Redis still meanwhile."""
        self.server.pause()
        try:
            yield
        finally:
            self.server.resume()


@pytest.fixture
async def deployment(server: RedisProcess) -> AsyncIterator[Deployment]:
    """The routes in a FastAPI app, whose engine has a log and no sink of events."""
    with server.client() as client:
        client.flushall()
    with kept_in(lambda: redis_stores(server.url)):
        async with a_world(rate_limits=RateLimitConfig()) as world:
            cookies = await world.signed_in()
            logging_engine = AuthEngine(
                world.engine.config.auth,
                users=world.users,
                platform_users=world.admins,
                stores=redis_stores(server.url, limits=LIMITS),
                email=world.mailer,
                clock=world.clock,
                oauth_providers=[world.provider, world.apple],
            )
            async with running(logging_engine):
                logged = replace(world, engine=logging_engine)
                logged.driver.app = auth_app(logging_engine, world.http, app_at_prefix=True)
                host = Host.of(logged)
                host.guarded_by(host.auth.current_user)
                yield Deployment(host, server, cookies)


def assert_unavailable(answer: Answer) -> None:
    assert (answer.status, answer.code, answer.header("retry-after")) == (503, "auth.unavailable", "5")
    assert answer.error["details"] == {"retryAfterSeconds": 5}


async def test_every_face_says_that_it_is_temporary(deployment: Deployment) -> None:
    """An answer that calls it a defect makes clients give up and pages people for a restart."""
    host, cookies = deployment.host, deployment.cookies
    with deployment.paused():
        assert_unavailable(await deployment.world.driver.call("GET", "/me", cookies=cookies))
        assert_unavailable(await host.driver.call("GET", "/auth/me", cookies=cookies))
        assert_unavailable(await host.get(cookies=cookies))
        denied = await host.open(cookies=cookies)
        assert (denied.status, denied.code) == (503, "auth.unavailable")
        assert denied.headers["retry-after"] == "5"
        assert (await host.open(cookies=cookies, can_deny=False)).close_code == 1013


async def test_the_log_names_what_led_to_it(deployment: Deployment, caplog: pytest.LogCaptureFixture) -> None:
    """An operator who reads "store unavailable" must not have to guess whose store, and why."""
    with deployment.paused(), caplog.at_level(logging.ERROR, logger="bymax_auth"):
        await deployment.world.driver.call("GET", "/me", cookies=deployment.cookies)
    (record,) = [one for one in caplog.records if getattr(one, "event", None) == "internal_error"]
    told = vars(record)
    assert (told["origin"], told["exception"]) == ("me", "StoreUnavailable")
    assert any("TimeoutError" in cause for cause in told["causes"])
    assert any(place.startswith("executor.py:") for place in told["stack"])
    assert all(token not in str(told) for token in deployment.cookies.values() if len(token) > 1)


@pytest.mark.parametrize("in_fastapi", [False, True])
async def test_whoever_signs_out_is_signed_out(deployment: Deployment, in_fastapi: bool) -> None:
    """On a shared computer the next person would find the session, because Redis was down for a minute."""
    driver = replace(deployment.host.driver, prefix="/auth") if in_fastapi else deployment.world.driver
    with deployment.paused():
        answer = await driver.call("POST", "/logout", cookies=deployment.cookies)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.cookies == {"access_token": "", "refresh_token": "", "has_session": ""}


@pytest.mark.parametrize("in_fastapi", [False, True])
async def test_an_outage_does_not_show_who_has_an_account(deployment: Deployment, in_fastapi: bool) -> None:
    """An answer that differs during an outage differs by address, too, in front of a stranger."""
    driver = replace(deployment.host.driver, prefix="/auth") if in_fastapi else deployment.world.driver
    with deployment.paused():
        for email in (EMAIL, "nobody@example.com"):
            body = {"email": email, "tenantId": TENANT}
            forgot = await driver.call("POST", "/password/forgot-password", json_body=body)
            assert (forgot.status, forgot.body) == (200, b"{}")
            assert (await driver.call("POST", "/password/resend-otp", json_body=body)).body == b"{}"
            assert (await driver.call("POST", "/resend-verification", json_body=body)).status == 204
