"""The guide to moving accounts in: what it prints configures what it says."""

import shlex

import pytest

from bymax_auth import AuthConfig, HashFormat
from bymax_auth.cli.migrate.systems import System
from tests.examples.guides import ROOT, blocks


def test_the_variable_of_the_guide_accepts_its_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator copies it, and nobody who moved in can sign in."""
    (block,) = blocks("moving.md", "sh")
    for line in shlex.split(block.text):
        monkeypatch.setenv(*line.split("=", 1))

    assert AuthConfig.from_env().password.importers == (HashFormat.DJANGO_PBKDF2, HashFormat.BCRYPT)


def test_the_guide_names_every_format() -> None:
    """Somebody looks for the format of a column, and takes it for missing."""
    text = (ROOT / "docs" / "guides" / "moving.md").read_text("utf-8")

    assert [kind for kind in HashFormat if f"`{kind}`" not in text] == []


def test_the_guide_names_every_system_and_every_option() -> None:
    """Somebody reads that a system or an option is not there, and writes SQL instead."""
    text = (ROOT / "docs" / "guides" / "moving.md").read_text("utf-8")
    documented = {
        "from",
        "report",
        "undo",
        "with-used",
        "table",
        "assume-verified",
        "drop-second-factors",
        "json",
        "write",
    }

    assert [one for one in System if f"| `{one}` |" not in text] == []
    assert [one for one in documented if f"--{one}" not in text] == []
