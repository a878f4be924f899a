"""Every secret that is printed in this project is refused in production."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bymax_auth.config.checks.published_secrets import is_published
from bymax_auth.config.checks.secrets import entropy_bits
from bymax_auth.config.constants import SECRET_MIN_ENTROPY_BITS, SECRET_MIN_LENGTH

ROOT = Path(__file__).parents[4]
FOLDERS = ("benchmarks", "conformance", "docs", "examples", "src", "tests", "tools")
NAMED = re.compile(r"secret|(^|_)keys?($|_)", re.IGNORECASE)
WRITTEN = re.compile(r"(?:SECRET|KEY)S?[\"']?\s*[=:]\s*[\"'\[]*([A-Za-z0-9_+/=-]{32,})")


@cache
def printed_secrets() -> set[str]:
    """What the tree prints under the name of a secret or key, and would pass as one."""
    found: set[str] = set()
    for file in files():
        text = file.read_text(encoding="utf-8")
        found |= set(WRITTEN.findall(text))
        if file.suffix == ".py" and not file.is_relative_to(ROOT / "src"):
            found |= set(in_python(ast.parse(text)))
        if file.suffix == ".json":
            found |= set(in_json(json.loads(text), named=False))
    return {text for text in found if passes(text)}


def files() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*"):
            if (
                file.suffix in {".py", ".json", ".md", ".toml", ".sh", ".env"}
                and "node_modules" not in file.parts
            ):
                yield file


def passes(text: str) -> bool:
    """Whether the rules about length and variety accept it, and it could be a variable's value."""
    long_enough = len(text) >= SECRET_MIN_LENGTH and entropy_bits(text) >= SECRET_MIN_ENTROPY_BITS
    return long_enough and text.isascii() and text.isprintable() and " " not in text


def in_python(tree: ast.AST) -> Iterator[str]:
    """The texts given to something that is called a secret or a key."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if NAMED.search(name):
                yield from texts(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if NAMED.search(name):
                yield from texts(value)
            case ast.keyword(arg=str(name), value=value) if NAMED.search(name):
                yield from texts(value)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and NAMED.search(str(key.value)):
                        yield from texts(value)
            case ast.Call(func=ast.Name(id="Secret"), args=[value, *_]):
                yield from texts(value)
            case _:
                pass


def texts(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=entries) | ast.List(elts=entries) | ast.Set(elts=entries):
            for entry in entries:
                yield from texts(entry)
        case ast.BinOp(
            left=ast.Constant(value=str(text)), op=ast.Mult(), right=ast.Constant(value=int(times))
        ):
            yield text * times
        case _:
            pass


def in_json(value: object, *, named: bool) -> Iterator[str]:
    match value:
        case str(text) if named:
            yield text
        case dict():
            for name, inside in value.items():
                yield from in_json(inside, named=named or bool(NAMED.search(str(name))))
        case list():
            for inside in value:
                yield from in_json(inside, named=named)
        case _:
            pass


def test_the_tree_is_read() -> None:
    """The collection finds nothing, and so nothing is compared."""
    assert {
        "kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE",
        "vJ3pXn8rT1qLw6sYbE4zKc9uHd2mGf7o-A0iQxR5",
    } <= printed_secrets()


def test_every_secret_in_the_tree_is_refused() -> None:
    """Somebody deploys with a secret from our tests, and everybody can sign tokens for their users."""
    assert sorted(text for text in printed_secrets() if not is_published(text)) == []


@pytest.mark.parametrize(
    "spelled", ["3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"]
)
def test_a_key_is_refused_however_base64_spells_it(spelled: str) -> None:
    """A published key passes for another one, as it lacks its last character."""
    assert is_published(spelled)


@pytest.mark.parametrize(
    "secret", ["please-CHANGE-ME-0123456789abcdefghij", "an-example-that-is-not-for-production"]
)
def test_a_placeholder_is_refused_whatever_surrounds_it(secret: str) -> None:
    """A template is deployed as it is."""
    assert is_published(secret)


def test_a_secret_of_ones_own_is_accepted() -> None:
    """No deployment starts."""
    assert not is_published("".join(reversed("kW7vR2mQx9Zt4LbN8cYp3HsD6fJg1TaE")))
