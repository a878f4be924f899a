"""Each changelog fragment can be turned into a line of the changelog."""

import re
import tomllib
from pathlib import Path

NAME = re.compile(r"^[a-z0-9][a-z0-9-]*\.(?P<kind>[a-z]+)\.md$")


def test_every_fragment_has_a_known_kind_and_says_something(root: Path) -> None:
    """A fragment that no tool reads is a change that no user is informed of."""
    configuration = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
    kinds = {kind["directory"] for kind in configuration["type"]}
    wrong = [path.name for path in fragments(root) if not well_formed(path, kinds)]
    assert wrong == []


def fragments(root: Path) -> list[Path]:
    return [path for path in (root / "changelog.d").iterdir() if path.name != "README.md"]


def well_formed(path: Path, kinds: set[str]) -> bool:
    """Whether the name carries a known kind and the text is a sentence without a heading."""
    match = NAME.match(path.name)
    text = path.read_text(encoding="utf-8").strip()
    return (
        match is not None
        and match["kind"] in kinds
        and text.endswith(".")
        and not text.startswith(("#", "-"))
    )
