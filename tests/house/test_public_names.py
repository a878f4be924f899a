"""A package's public names are a promise: sorted, unique and really there."""

import importlib
import inspect
import pkgutil
import re

import bymax_auth


def packages() -> list[str]:
    found = pkgutil.walk_packages(bymax_auth.__path__, "bymax_auth.", onerror=raise_again)
    return ["bymax_auth", *(module.name for module in found)]


def order(name: str) -> tuple[int, list[str | int]]:
    """Constants, then classes, then functions, each by name: the order that ruff's RUF022 keeps."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def raise_again(name: str) -> None:
    raise AssertionError(f"{name} cannot be imported")


def test_public_names_are_sorted_unique_and_present() -> None:
    """A name listed twice, out of order or missing makes the reference and `import *` lie."""
    problems: list[str] = []
    for name in packages():
        module = importlib.import_module(name)
        public: list[str] = list(getattr(module, "__all__", []))
        if public != sorted(set(public), key=order):
            problems.append(f"{name}: __all__ is not sorted and unique")
        problems += [f"{name}: {item} is listed and missing" for item in public if not hasattr(module, item)]
    assert problems == []


def test_every_public_name_is_documented() -> None:
    """Someone who meets a name in an editor must learn there what it gives them."""
    undocumented = [
        f"{name}.{item}"
        for name in packages()
        for item, value in inspect.getmembers(importlib.import_module(name))
        if item in getattr(importlib.import_module(name), "__all__", [])
        and (inspect.isclass(value) or inspect.isroutine(value))
        and not inspect.getdoc(value)
    ]
    assert undocumented == []
