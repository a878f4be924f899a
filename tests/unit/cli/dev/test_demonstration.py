"""The demo page's routes beside settings that a deployment may have."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from bymax_auth.cli.dev.authenticator import Authenticator
from bymax_auth.cli.dev.demo_id.provider import DemoClient, DemoId
from bymax_auth.cli.dev.demonstration import add_demonstration
from bymax_auth.cli.dev.second_process import SecondProcess
from bymax_auth.fastapi import install
from bymax_auth.types.secret import Secret
from tests.integration.http.world import LOGIN, a_world


async def test_the_refresh_token_is_shown_under_the_name_that_its_cookie_has(tmp_path: Path) -> None:
    """The demonstration of the theft would find nothing to steal where cookie names have a prefix."""
    async with a_world(cookies={"prefixed_names": True}, route_prefix="auth") as world:
        app = FastAPI()
        auth, process = install(app, world.engine, world.http), SecondProcess(tmp_path / "auth.db")
        client = DemoClient(client_id="dev", client_secret=Secret("s"), redirect_uri="http://127.0.0.1/c")
        provider = DemoId("http://127.0.0.1:9", client, world.clock)
        authenticator = Authenticator(world.users, Secret("s" * 32), world.clock)
        add_demonstration(app, auth, process, authenticator, provider)
        browser = TestClient(app, base_url="https://testserver")
        assert browser.post("/auth/login", json=LOGIN).status_code == 200
        (shown,) = browser.get("/dev/demo/login").json()
        assert shown["exchanged"] is False
