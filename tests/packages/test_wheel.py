"""The Python package as it would be published, in an environment of its own."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.integration.cli.dev_server import run, serving
from tests.packages.packing import made_once

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "bymax_auth"
PAGES = SOURCES / "cli" / "dev" / "web"
DEPENDENCIES = Path(pytest.__file__).parents[1]
LOADED = """
from pathlib import Path
import bymax_auth, bymax_auth.stores.redis
print(Path(bymax_auth.__file__).parent)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, the wheel that is built from it, and an installation of that."""
    return made_once(tmp_path_factory, "distributions", _build)


def _build(folder: Path) -> None:
    _done(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    home = folder / "installed"
    _done(sys.executable, "-m", "venv", "--without-pip", home)
    offline = ("--no-index", "--no-deps", "--no-compile", "--disable-pip-version-check")
    _done(sys.executable, "-m", "pip", "--python", _python(home), "install", "--quiet", *offline, wheel)
    # What it depends on is there, and the checkout, which is installed beside that, is not.
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{DEPENDENCIES}\n", "utf-8")


def _done(*words: str | Path) -> None:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _python(home: Path) -> Path:
    return home / "bin" / "python"


@pytest.fixture
def installed(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of its programs; no other program is found, and no checkout imported."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    programs = built / "installed" / "bin"
    monkeypatch.setenv("PATH", str(programs))
    return programs


def sources() -> dict[str, bytes]:
    """Every file of the package by its name in a wheel."""
    return {
        path.relative_to(SOURCES.parent).as_posix(): path.read_bytes()
        for path in SOURCES.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(built: Path) -> None:
    """A script of Redis, a migration, a page or the mark of types is missing at the first user's."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert held == sources()
    kinds = {PurePosixPath(name).suffix for name in held}
    assert {".py", ".typed", ".lua", ".html", ".js", ".css", ".md"} == kinds


def test_the_source_distribution_holds_what_the_package_is_built_from(built: Path) -> None:
    """A distribution of an operating system builds from it, without the repository."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as held:
        names = {PurePosixPath(*PurePosixPath(name).parts[1:]).as_posix() for name in held.getnames()}
    assert {f"src/{name}" for name in sources()} <= names
    assert {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names


def test_the_installed_command_serves_its_page_without_node(built: Path, installed: Path) -> None:
    """The page would be empty, or ask for the tools that it was built with."""
    with serving(command=installed / "bymax-auth") as server, server.client() as browser:
        page = browser.get("/")
        assert page.status_code == 200
        for name in re.findall(r"/dev/assets/([\w.]+)", page.text):
            served = browser.get(f"/dev/assets/{name}")
            assert (served.status_code, served.content) == (200, (PAGES / name).read_bytes())
        body = {"email": "ana@example.com", "password": "correct horse battery", "name": "Ana Souza"}
        assert browser.post("/auth/register", json=body).status_code == 201


def test_the_installed_package_writes_its_migration_and_loads_its_scripts(
    installed: Path, tmp_path: Path
) -> None:
    """Whoever installs from the registry has no checkout in which the files could be found instead."""
    written = run("migrations", "--out", tmp_path, command=installed / "bymax-auth")
    assert (written.returncode, written.stderr) == (0, "")
    assert list(tmp_path.glob("*.py"))
    loaded = run("-c", LOADED, command=installed / "python")
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert Path(loaded.stdout.strip()).is_relative_to(installed.parent)
