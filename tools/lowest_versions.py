"""
Writes the lowest version that pyproject.toml allows of every dependency, as constraints for pip.

    python tools/lowest_versions.py > lowest.txt
    pip install --constraint lowest.txt '.[all]'

The dependencies of the dependencies are left to pip: the newest that the lowest versions accept.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?>=(?P<lowest>[0-9.]+)")


def main() -> int:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    extras = (requirement for group in project["optional-dependencies"].values() for requirement in group)
    print("\n".join(lowest([*project["dependencies"], *extras])))
    return 0


def lowest(requirements: Iterable[str]) -> Iterator[str]:
    """Return one exact version for each name, sorted."""
    found: dict[str, str] = {}
    for requirement in requirements:
        stated = REQUIREMENT.match(requirement)
        if stated is not None:
            found[stated["name"].lower()] = stated["lowest"]
    return (f"{name}=={version}" for name, version in sorted(found.items()))


if __name__ == "__main__":
    sys.exit(main())
