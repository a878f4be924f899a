"""The service's application, as an environment describes it."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bymax_auth.cli.deployment import DeploymentError
from bymax_auth.cli.serve.app import build_app
from bymax_auth.cli.serve.logs import JsonLines
from bymax_auth.cli.serve.service import build_service
from bymax_auth.errors import StoreUnavailable


def settings(folder: Path, monkeypatch: pytest.MonkeyPatch, openapi: str) -> dict[str, str]:
    variables = {
        "BYMAX_AUTH_JWT__SECRET": "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7o-A0iQxR5",
        "BYMAX_AUTH_ROLES__HIERARCHY": '{"USER": []}',
        "BYMAX_AUTH_ENVIRONMENT": "development",
        "BYMAX_AUTH_STORE_URL": f"{folder}/stores.db",
        "BYMAX_AUTH_DATABASE_URL": f"sqlite:///{folder}/users.db",
        "BYMAX_AUTH_SERVE__OPENAPI": openapi,
    }
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    return variables


def client(folder: Path, monkeypatch: pytest.MonkeyPatch, openapi: str) -> httpx2.AsyncClient:
    variables = settings(folder, monkeypatch, openapi)
    transport = httpx2.ASGITransport(build_app(build_service(variables)))
    return httpx2.AsyncClient(transport=transport, base_url="http://service")


async def test_it_describes_itself_when_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team that writes no Python types every request by hand."""
    async with client(tmp_path, monkeypatch, "true") as visitor:
        described: dict[str, Any] = (await visitor.get("/openapi.json")).json()
        assert "/auth/login" in described["paths"]
        assert "/readyz" not in described["paths"]
        assert (await visitor.get("/docs")).status_code == 404


@pytest.mark.parametrize("openapi", ["", "false"])
async def test_it_keeps_quiet_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi: str
) -> None:
    """A stranger reads from a service in production what it is made of."""
    async with client(tmp_path, monkeypatch, openapi) as visitor:
        assert (await visitor.get("/openapi.json")).status_code == 404


def test_anything_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip publishes what nobody meant to, or keeps what somebody waits for."""
    with pytest.raises(DeploymentError, match="must be true or false"):
        client(tmp_path, monkeypatch, "ture")


async def test_a_start_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage between two moments of the start leaves a log without a reason."""
    (tmp_path / "stores.db").mkdir()
    variables = settings(tmp_path, monkeypatch, "")
    app = build_app(build_service(variables))
    with pytest.raises(StoreUnavailable):
        async with app.router.lifespan_context(app):
            raise AssertionError("It has started.")
    (record,) = [one for one in caplog.records if one.name == "bymax_auth.serve"]
    assert json.loads(JsonLines().format(record))["exception"] == "StoreUnavailable"
