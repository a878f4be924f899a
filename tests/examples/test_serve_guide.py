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
    found = re.search(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    lines = [*environment_lines(), *shlex.split(found[1])]
    variables = dict(line.split("=", 1) for line in lines)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    service = build_service(variables)
    assert isinstance(service.engine.stores, RedisStores)
    await service.engine.stores.aclose()
    await service.database.dispose()
