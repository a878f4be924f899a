"""
Refuses files and functions too long to read, and modules named for nothing in particular.

A file stays within 400 lines and a function within 60, so that each says one thing. A module called
`utils` collects whatever had no home; every helper has a home beside its caller or a subject of its own.

Generated files are exempt when one of their first five lines carries the marker `@generated`.
"""

import ast
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


def problems(root: Path) -> Iterator[str]:
    """Every violation under `root`, as one line each, in path order."""
    for top in CHECKED:
        for path in sorted((root / top).rglob("*.py")):
            yield from problems_of(path, path.relative_to(root).as_posix())


def problems_of(path: Path, shown: str) -> Iterator[str]:
    """The violations of one file, which is called `shown` in the messages."""
    name = path.parent.name if path.name == "__init__.py" else path.stem
    if name.strip("_").lower() in NAMELESS:
        yield f"{shown}: a module named `{name}` says nothing; name its subject"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if any(GENERATED_MARKER in line for line in lines[:5]):
        return
    if len(lines) > MAX_FILE_LINES:
        yield f"{shown}: {len(lines)} lines, the limit is {MAX_FILE_LINES}"
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
