"""
Refuses files and functions too long to read, and modules named for nothing in particular.

A file stays within 400 lines and a function within 60, so that each says one thing. A module called
`utils` collects whatever had no home; every helper has a home beside its caller or a subject of its own.

Generated files are exempt when one of their first five lines carries the marker `@generated`.
"""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
GENERATED_MARKER = "@" + "generated"
NAMELESS = frozenset(
    {
        "base",
        "bases",
        "common",
        "commons",
        "helper",
        "helpers",
        "manager",
        "managers",
        "misc",
        "util",
        "utils",
    }
)
CHECKED = ("src", "tests", "tools", "benchmarks", "examples")
SCRIPTS = (*CHECKED, "packages")
SCRIPT_SUFFIXES = frozenset({".ts", ".tsx", ".mjs", ".zig"})
FOREIGN = frozenset({"node_modules", "dist", ".next", "coverage"})


def problems(root: Path) -> Iterator[str]:
    """Every violation under `root`, as one line each, in path order."""
    for top in CHECKED:
        for path in sorted((root / top).rglob("*.py")):
            yield from problems_of(path, path.relative_to(root).as_posix())
    for top in SCRIPTS:
        for path in sorted(scripts_of(root / top)):
            lines = path.read_text(encoding="utf-8").splitlines()
            yield from length_problems(lines, path.relative_to(root).as_posix())


def scripts_of(top: Path) -> Iterator[Path]:
    """The files of other languages below a folder, without installed packages and what is built."""
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in FOREIGN]
        yield from (Path(folder, name) for name in files if Path(name).suffix in SCRIPT_SUFFIXES)


def is_generated(lines: list[str]) -> bool:
    return any(GENERATED_MARKER in line for line in lines[:5])


def length_problems(lines: list[str], shown: str) -> Iterator[str]:
    """What is too long about a file in any language."""
    if len(lines) > MAX_FILE_LINES and not is_generated(lines):
        yield f"{shown}: {len(lines)} lines, the limit is {MAX_FILE_LINES}"


def problems_of(path: Path, shown: str) -> Iterator[str]:
    """The violations of one file, which is called `shown` in the messages."""
    name = path.parent.name if path.name == "__init__.py" else path.stem
    if name.strip("_").lower() in NAMELESS:
        yield f"{shown}: a module named `{name}` says nothing; name its subject"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if is_generated(lines):
        return
    yield from length_problems(lines, shown)
    for node in ast.walk(ast.parse(text, filename=shown)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                where = f"{shown}:{node.lineno}"
                yield f"{where}: `{node.name}` has {length} lines, the limit is {MAX_FUNCTION_LINES}"


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(problems(root))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
