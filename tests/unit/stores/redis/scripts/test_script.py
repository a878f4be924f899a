"""Scripts by name, hash and parameters."""

import re
from collections.abc import Callable
from importlib.resources import files
from inspect import signature
from typing import Any

import pytest

from bymax_auth.stores.redis.scripts.script import Script, sha1_of
from tests.servers.scripts import product_scripts

SCRIPTS = product_scripts()
SHARED = {"count", "declared", "login", "make_room", "publish"}
"""Not scripts: what a script begins with."""

PARAMETER = re.compile(r"  (\d+) (\w+)(?: (\(optional))?")
USED = re.compile(r"\b(KEYS|ARGV)\[(\d+)\]")

scripts = pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)


def stated(script: Script[..., Any, ..., Any], part: str) -> list[tuple[str, bool]]:
    """The names after ``-- KEYS`` or ``-- ARGV`` in a script's header, in order, and which are optional."""
    header = "".join(re.findall(rf"^-- {part}(.*\n(?:--     .*\n)*)", body(script), re.MULTILINE))
    found = PARAMETER.findall(header.replace("\n--", ""))
    assert [int(number) for number, _, _ in found] == list(range(1, len(found) + 1))
    return [(name, bool(optional)) for _, name, optional in found]


def body(script: Script[..., Any, ..., Any]) -> str:
    """The script's own file, without the functions that it uses."""
    folder = files("bymax_auth.stores.redis.scripts").joinpath("lua")
    return folder.joinpath(f"{script.name}.lua").read_text(encoding="utf-8")


def fields(constructor: Callable[..., Any]) -> list[tuple[str, bool]]:
    """The fields of a script's keys or arguments, in order, and which are optional."""
    parameters = signature(constructor).parameters.values()
    return [(field.name, field.default is None) for field in parameters]


@scripts
def test_a_script_receives_its_parameters_in_the_order_of_its_header(
    script: Script[..., Any, ..., Any],
) -> None:
    """A lifetime would be taken for a limit, or a record be written under the key of another."""
    assert fields(script.keys) == stated(script, "KEYS")
    assert fields(script.arguments) == stated(script, "ARGV")


@scripts
def test_a_script_uses_every_parameter_and_no_other(script: Script[..., Any, ..., Any]) -> None:
    """A parameter without a name would be nil, or one be sent that nothing reads."""
    used = {(part, int(number)) for part, number in USED.findall(body(script))}
    expected = {("KEYS", number + 1) for number in range(len(fields(script.keys)))}
    expected |= {("ARGV", number + 1) for number in range(len(fields(script.arguments)))}
    assert used == expected


@scripts
def test_a_script_is_given_its_parameters_in_that_order(script: Script[..., Any, ..., Any]) -> None:
    """The names would agree while the values are mixed up."""
    for constructor in (script.keys, script.arguments):
        names = [name for name, _ in fields(constructor)]
        assert constructor(**{name: name for name in reversed(names)}) == tuple(names)


@scripts
def test_only_the_last_key_is_optional(script: Script[..., Any, ..., Any]) -> None:
    """An absent key in front of another would move that one into its place."""
    optional = [is_optional for _, is_optional in fields(script.keys)]
    assert not any(optional[:-1])


def test_every_file_is_a_script_of_the_product() -> None:
    """A script that no store runs would be taken for one that is tested."""
    folder = files("bymax_auth.stores.redis.scripts").joinpath("lua")
    assert {path.name.removesuffix(".lua") for path in folder.iterdir()} == {*SCRIPTS, *SHARED}


@scripts
def test_a_script_is_known_by_the_hash_of_its_text(script: Script[..., Any, ..., Any]) -> None:
    """Redis would never find it, and every decision would send the whole text."""
    assert script.sha == sha1_of(script.source)
    assert len(script.sha) == 40
    assert script.source.endswith(body(script))
    assert script.source not in repr(script)
