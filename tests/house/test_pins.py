"""What the project installs is exact, complete and says nothing about where it comes from."""

import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.!+]+)$")


def test_every_line_is_an_exact_pin(root: Path) -> None:
    """A range, a path or an address would make two installs of one commit differ."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    stray = [line for line in lines if line and not line.startswith("#") and not PIN.match(line)]
    assert stray == []


def test_every_dependency_is_pinned_to_a_version_it_allows(root: Path) -> None:
    """A declared dependency without a pin drifts, and breaks a build that nobody changed."""
    pins = pins_of(root)
    wrong = [
        str(requirement)
        for requirement in declared_requirements(root)
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]
    assert wrong == []


def pins_of(root: Path) -> dict[str, str]:
    """The pinned version of each package."""
    matches = map(PIN.match, (root / "constraints.txt").read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(match["name"]): match["version"] for match in matches if match}


def declared_requirements(root: Path) -> list[Requirement]:
    """Every requirement of the package, its extras, its groups and its build."""
    document: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    lists = [project["dependencies"], document["build-system"]["requires"]]
    lists += project["optional-dependencies"].values()
    lists += document["dependency-groups"].values()
    lines = [line for one in lists for line in one if isinstance(line, str)]
    return [Requirement(line) for line in lines if not line.startswith("bymax-auth[")]
