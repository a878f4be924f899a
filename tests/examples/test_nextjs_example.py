"""The example for Next as it is copied: its code, and what it installs."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.examples.guides import ROOT
from tools import npm_package
from tools.npm_package import FOLDER

EXAMPLE = ROOT / "examples" / "nextjs"
CHECK = ("node_modules/.bin/biome", "check", "--error-on-warnings", f"--config-path={FOLDER / 'biome.json'}")
OWN = "@bymax-one/python-auth"


@pytest.mark.processes
@pytest.mark.untraced
def test_its_code_passes_the_linter_of_the_package(tmp_path: Path) -> None:
    """Whoever copies the example begins with warnings."""
    copy = tmp_path / "nextjs"
    builds = shutil.ignore_patterns("node_modules", ".next", "next-env.d.ts", "README.md")
    shutil.copytree(EXAMPLE, copy, ignore=builds)
    done = npm_package.run(*CHECK, copy)
    assert done.returncode == 0, done.stdout


def test_it_installs_what_the_package_is_tested_with() -> None:
    """The journeys in a browser would be those of other versions than people get."""
    example, package = document_of(EXAMPLE), document_of(FOLDER)
    pins = example["dependencies"] | example["devDependencies"]
    assert pins.pop(OWN) == "file:../../packages/python-auth"
    assert pins == {name: package["devDependencies"][name] for name in pins}


def test_its_lock_file_names_no_registry() -> None:
    """An installation works with every registry."""
    packages: dict[str, Any] = json.loads((EXAMPLE / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name for name, entry in packages.items() if "resolved" in entry} == {f"node_modules/{OWN}"}


def document_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "package.json").read_text("utf-8")))
