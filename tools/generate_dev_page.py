"""
Builds the page of `bymax-auth dev` from `packages/python-auth/dev-page` into the Python package.

The built files are committed, so that neither an installation nor a wheel needs Node. With `--check` it
writes nothing, and fails when a committed file is not what the source builds.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.node import Unavailable  # noqa: E402
from tools import npm_package  # noqa: E402

WEB = ROOT / "src" / "bymax_auth" / "cli" / "dev" / "web"
CONFIG = Path("dev-page", "vite.config.ts")


class Unbuilt(Exception):
    """The page could not be built; says what the build said."""


def main(arguments: list[str]) -> int:
    try:
        with tempfile.TemporaryDirectory() as folder:
            built = build(Path(folder))
    except (Unavailable, Unbuilt) as problem:
        print(problem, file=sys.stderr)
        return 1
    if arguments == ["--check"]:
        found = stale(built, WEB)
        for name in found:
            print(f"{name} is not what the source builds: run `make dev-page`", file=sys.stderr)
        return 1 if found else 0
    for name, content in built.items():
        (WEB / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
    return 0


def build(folder: Path) -> dict[str, bytes]:
    """
    Build into an empty folder, and return its files by name.

    Raises:
        Unavailable: There is no Node or npm, or npm could not install the packages.
        Unbuilt: The source does not build.
    """
    vite = ("node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
    done = npm_package.run(*vite, "--config", CONFIG, "--outDir", folder)
    if done.returncode != 0:
        raise Unbuilt(done.stdout)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def stale(built: dict[str, bytes], web: Path) -> list[str]:
    """Return the names of built files that are not committed as they are built."""
    return [
        name
        for name, content in built.items()
        if not (web / name).exists() or (web / name).read_bytes() != content
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
