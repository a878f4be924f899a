"""The packages as they would be published, built once for the whole run."""

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["built_wheel", "made_once", "node", "packed_package", "unpack"]

ROOT = Path(__file__).parents[2]


def node(*command: str | Path, folder: Path = FOLDER) -> str:
    """Run Node, and return what it printed."""
    done = npm_package.run(*command, folder=folder)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def packed_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that npm would publish."""
    (packed,) = made_once(tmp_path_factory, "packed", _pack).glob("*.tgz")
    return packed


@pytest.fixture(scope="session")
def built_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that PyPI would have."""
    (built,) = made_once(tmp_path_factory, "wheel", _build).glob("*.whl")
    return built


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first process which needs it fills; the others wait for it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def unpack(tarball: Path, folder: Path) -> Path:
    """Unpack what npm would publish below a folder, and return the package's own."""
    with tarfile.open(tarball) as opened:
        # Source: PEP 706, which the first releases of Python 3.11 do not have.
        if hasattr(tarfile, "data_filter"):
            opened.extractall(folder, filter="data")
        else:
            opened.extractall(folder)
    return folder / "package"


def _build(folder: Path) -> None:
    # The environment of the tests has what builds it.
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _pack(folder: Path) -> None:
    # In a copy: the tests of the package load its build while this one is made.
    npm_package.ready()
    copy = folder / "source"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("node_modules", "dist", "test", "*.tgz"))
    (copy / "node_modules").symlink_to(FOLDER / "node_modules")
    node("--run", "build", folder=copy)
    npm = npm_package.npm_command(npm_package.ready())[-1]
    node(npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, folder=copy)
