"""The npm package as it would be published, and installed, for the tests of this folder."""

from pathlib import Path

import pytest

from tests.packages.packing import node, packed_package
from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["installed", "packed_package"]

# The application brings them: of the package they are optional peers, or how it is bundled and tested.
_OF_THE_APPLICATION = ("next", "react", "react-dom", "vite", "vitest", "jsdom")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, packed_package: Path) -> Path:
    """An empty project with the package that would be published, built from the sources."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    npm, quiet = npm_package.npm_command(npm_package.ready())[-1], ("--no-audit", "--no-fund", "--silent")
    node(npm, "install", "--prefer-offline", *quiet, packed_package, folder=folder)
    for name in _OF_THE_APPLICATION:
        (folder / "node_modules" / name).symlink_to(FOLDER / "node_modules" / name)
    return folder
