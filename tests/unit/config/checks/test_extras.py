"""Which extras are installed is looked up, never imported."""

import sys
from collections.abc import Iterator

import pytest

from bymax_auth.config.checks import installed_extras


@pytest.fixture(autouse=True)
def looked_up_again() -> Iterator[None]:
    """What a process has found out holds for all its engines, and here for one test."""
    installed_extras.cache_clear()
    yield
    installed_extras.cache_clear()


def test_an_extra_counts_when_all_its_packages_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an extra would fail at the first request that needs the other half."""
    before = installed_extras()
    assert {"argon2", "mfa", "settings"} <= before
    monkeypatch.setitem(sys.modules, "segno", None)
    installed_extras.cache_clear()

    assert before - installed_extras() == {"mfa"}


def test_nothing_is_imported_to_find_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing a driver takes time and can fail for reasons of its own."""
    asked: list[str] = []
    monkeypatch.setattr("bymax_auth.config.checks.extras.find_spec", asked.append)

    assert installed_extras() == frozenset()
    assert "argon2" in asked
