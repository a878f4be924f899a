"""
Projects of Next with what is published of the npm package.

A project gets the packed package, and links to the other packages as the npm package's own tests have them:
one test installs from the registry as a reader of the README does; for every other it would take too long.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.packages.packing import unpack
from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["QUIET", "build", "project"]

QUIET = {"NEXT_TELEMETRY_DISABLED": "1"}
_NEXT = Path("node_modules/next/dist/bin/next")
_TYPES = ("@types/node", "@types/react", "@types/react-dom")
_PACKAGES = ("next", "react", "react-dom", "server-only", "typescript", *_TYPES)


def project(folder: Path, tarball: Path) -> None:
    """Put the packages into a project: the packed one, and those that an application brings."""
    modules = folder / "node_modules"
    for name in _closure():
        shutil.copytree(FOLDER / "node_modules" / name, modules / name, symlinks=True, copy_function=_linked)
    own = modules / "@bymax-one" / "python-auth"
    unpack(tarball, own.parent).rename(own)


def build(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `next build`; what it prints is in the result."""
    surroundings = {name: text for name, text in os.environ.items() if name != "NODE_OPTIONS"}
    return subprocess.run(
        [npm_package.ready(), _NEXT, "build", *options],
        cwd=folder,
        env=surroundings | QUIET | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _closure() -> list[str]:
    """The packages, and those that they need, as far as they are installed on this machine."""
    npm_package.ready()
    locked = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    found: list[str] = []
    waiting = list(_PACKAGES)
    while waiting:
        name = waiting.pop()
        if name in found or not (FOLDER / "node_modules" / name).exists():
            continue
        found.append(name)
        entry = locked[f"node_modules/{name}"]
        waiting += entry.get("dependencies", {}) | entry.get("optionalDependencies", {})
    return found


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system.
        shutil.copy2(source, target)
