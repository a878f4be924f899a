"""A front end on an origin of its own, against the commands that serve."""

from pathlib import Path

import httpx2
import pytest

from tests.integration.cli.dev_server import serving as developing
from tests.integration.cli.service import EMAIL, PASSWORD, registered, serving, settings, with_tables

pytestmark = pytest.mark.processes

SPA = "http://localhost:5173"


def calls_from(browser: httpx2.Client, origin: str) -> tuple[int, str | None]:
    """The status of a preflight request, and whom the route itself lets read."""
    asked = browser.options(
        "/auth/me",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "x-tenant-id",
        },
    )
    answer = browser.get("/auth/me", headers={"Origin": origin})
    assert answer.headers.get("access-control-allow-origin") == (origin if asked.is_success else None)
    return asked.status_code, answer.headers.get("access-control-allow-credentials")


def test_the_service_answers_a_front_end_and_stands_below_a_prefix(tmp_path: Path) -> None:
    """A front end of its own origin reads nothing, or is signed out as soon as a proxy adds a prefix."""
    with_tables(tmp_path)
    env = settings(tmp_path) | {
        "BYMAX_AUTH_COOKIES__TRUSTED_ORIGINS": f'["{SPA}"]',
        "BYMAX_AUTH_SERVE__PROXY_HOPS": "1",
        "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": "127.0.0.1/32",
        "BYMAX_AUTH_SERVE__OPENAPI": "true",
    }
    with serving(tmp_path, env=env) as service, service.client() as client:
        client.headers["Origin"] = SPA
        assert calls_from(client, SPA) == (200, "true")
        assert calls_from(client, "http://localhost:5174") == (400, "true")
        registered(service, client)
        below = {"X-Forwarded-Prefix": "/id"}
        answer = client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}, headers=below)
        assert answer.status_code == 200
        paths = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
        assert "; Path=/id/auth; " in paths["refresh_token"]
        assert client.get("/openapi.json", headers=below).json()["servers"] == [{"url": "/id"}]


def test_the_development_server_answers_a_front_end() -> None:
    """Whoever develops a front end on its own port cannot try it."""
    origins = ("--origin", SPA, "--origin", "http://*.localhost:3000")
    with developing(*origins) as server, server.client() as browser:
        assert calls_from(browser, SPA) == (200, "true")
        assert calls_from(browser, "http://a.localhost:3000") == (200, "true")
        assert calls_from(browser, "http://localhost:3000")[0] == 400
