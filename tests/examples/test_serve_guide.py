"""The guide to the service, followed to the letter."""

import re
import shlex
from pathlib import Path

import pytest

from bymax_auth.cli.keygen import environment_lines
from bymax_auth.cli.serve.service import build_service
from bymax_auth.stores.redis import RedisStores

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "serve.md"


async def test_the_variables_of_the_guide_make_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody copies them, and the first thing that the product says is that they are wrong."""
    found = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [*environment_lines(), *(line for block in found for line in shlex.split(block))]
    variables = dict(line.split("=", 1) for line in lines)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    service = build_service(variables)
    assert isinstance(service.engine.stores, RedisStores)
    assert {"github", "acme"} == set(service.engine.oauth_providers)
    assert service.engine.config.auth.controllers.oauth
    assert service.engine.oauth_success_redirect_url() == "/welcome"
    await service.engine.stores.aclose()
    await service.database.dispose()
