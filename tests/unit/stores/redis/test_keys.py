"""How keys are spelled, and that nothing else spells one."""

import re
from pathlib import Path

import pytest

import bymax_auth.stores.redis
from bymax_auth.config.problems import ConfigError
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.types.identity import KeyLayout

PACKAGE = Path(bymax_auth.stores.redis.__file__).parent
SPELLED = re.compile(r"""["'][^"'\n]*:\{(?!\{)""")


def test_the_shared_layout_is_the_siblings_own() -> None:
    """A backend that shares the Redis would not find our sessions, nor we its."""
    keys = KeyBuilder("auth", KeyLayout.SHARED)
    assert keys.key("sess", "864c72", "864c") == "auth:sess:864c72"
    assert keys.head(None) == "auth:"


def test_the_tagged_layout_puts_the_route_in_braces() -> None:
    """A Cluster would spread one account over several machines, and refuse every script."""
    keys = KeyBuilder("auth", KeyLayout.TAGGED)
    assert keys.key("sess", "864c72", "864c") == "auth:{864c}:sess:864c72"


@pytest.mark.parametrize("namespace", ["", "a:b", "a b", "{a}", "a" * 65, "ação", "auth\n"])
def test_a_namespace_that_could_be_mistaken_for_a_part_of_a_key_is_refused(namespace: str) -> None:
    """A brace would move every key of the deployment into one slot."""
    with pytest.raises(ConfigError) as refused:
        KeyBuilder(namespace, KeyLayout.SHARED)
    assert refused.value.codes == ("redis_namespace_invalid",)


def test_no_other_module_spells_a_key() -> None:
    """A key written by hand would miss the route, and work until the first Cluster."""
    spelled = [
        f"{path.name}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        if path.name != "keys.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if SPELLED.search(line) and "namespace" in line
    ]
    assert spelled == []
