"""The TypeScript of the documentation compiles as it is printed, against the sources of the npm package."""

import json
import subprocess
from itertools import count
from pathlib import Path

import pytest

from tests.examples.guides import ROOT, Block, blocks_of
from tools import npm_package
from tools.npm_package import FOLDER

pytestmark = pytest.mark.processes

PAGES = sorted((ROOT / "docs").rglob("*.md"))
LANGUAGES = {"ts", "tsx"}
COMPILER = "node_modules/typescript/bin/tsc"
SETTINGS = {
    "extends": str(FOLDER / "tsconfig.json"),
    "compilerOptions": {
        "jsx": "react-jsx",
        "types": ["node"],
        "isolatedDeclarations": False,
        "declaration": False,
        "paths": {
            "#wasm": [str(FOLDER / "src/wasm/inline.ts")],
            "@bymax-one/python-auth/*": [str(FOLDER / "src/*/index.ts")],
        },
    },
    "include": ["**/*.ts", "**/*.tsx"],
}


def test_every_block_of_typescript_compiles(tmp_path: Path) -> None:
    """A reader copies code that the compiler refuses."""
    written = [page for page in PAGES if write_modules(page, tmp_path)]
    assert {page.name for page in written} >= {
        "browser-client.md",
        "react.md",
        "forms.md",
        "nextjs.md",
        "edge.md",
    }
    done = compiled(tmp_path)
    assert done.returncode == 0, done.stdout


def test_a_block_that_does_not_compile_is_found(tmp_path: Path) -> None:
    """The check itself is what keeps the blocks right."""
    text = (
        'import { createAuthClient } from "@bymax-one/python-auth/client";\ncreateAuthClient({ base: "" });\n'
    )
    write(Block("ts", None, text), tmp_path / "page.ts")
    done = compiled(tmp_path)
    assert done.returncode != 0
    assert "page.ts(2,20): error TS2353" in done.stdout


def write_modules(page: Path, folder: Path) -> bool:
    """Write the blocks of a page into a folder of its own: each to its file, or to one with a number."""
    numbers = count(1)
    found = [block for block in blocks_of(page) if block.language in LANGUAGES]
    for block in found:
        name = block.title or f"block-{next(numbers)}.{block.language}"
        write(block, folder / page.stem / name)
    return bool(found)


def write(block: Block, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")


def compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "tsconfig.json").write_text(json.dumps(SETTINGS), "utf-8")
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    return npm_package.run(FOLDER / COMPILER, "--noEmit", "--project", "tsconfig.json", folder=folder)
