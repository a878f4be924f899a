"""The documentation site, built once in a run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.packages.packing import made_once

__all__ = ["built_site"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the site, which is built without a warning."""

    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "tools.documentation", folder / "site"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""

    return made_once(tmp_path_factory, "documentation", make) / "site"
