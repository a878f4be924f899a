"""
Checks the table of security invariants, `docs/security/invariants.md`, against the project.

Every invariant has one row. The row of one that is implemented names files that keep it and tests that prove
it, as `file::test`; the row of another names the capability that it waits for, and nothing else. Every named
file and test exists, and every test file of `tests/security` is named.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TABLE = "docs/security/invariants.md"
WAITING = "## Not implemented yet"
NUMBERS = range(1, 40)

ROW = re.compile(r"^\| I-([0-9]+) \| (.*) \|$", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE = re.compile(r"`([\w./]+\.(?:py|lua|toml))`")


def problems(root: Path) -> Iterator[str]:
    """Every difference between the table and the project under `root`, as one line each."""
    text = (root / TABLE).read_text(encoding="utf-8")
    built, _, waiting = text.partition(WAITING)
    yield from numbering_problems([int(number) for number, _ in ROW.findall(text)])
    for number, row in ROW.findall(built):
        yield from (f"I-{number}: {problem}" for problem in row_problems(root, row))
    for number, row in ROW.findall(waiting):
        if FILE.search(row) or PROOF.search(row) or not row.rpartition("|")[2].strip():
            yield f"I-{number}: a row that waits names the capability, and neither a file nor a test"
    named = {path for path, _ in PROOF.findall(text)}
    for path in sorted((root / "tests" / "security").glob("test_*.py")):
        shown = path.relative_to(root).as_posix()
        if shown not in named:
            yield f"{shown} proves no invariant"


def numbering_problems(numbers: list[int]) -> Iterator[str]:
    """Invariants without a row, with several, and rows of none."""
    times = Counter(numbers)
    yield from (f"I-{number}: has no row" for number in NUMBERS if number not in times)
    yield from (f"I-{number}: has {count} rows" for number, count in times.items() if count > 1)
    yield from (f"I-{number}: is no invariant" for number in times if number not in NUMBERS)


def row_problems(root: Path, row: str) -> Iterator[str]:
    """What is wrong with the row of an invariant that is implemented."""
    cells = row.split(" | ")
    if len(cells) != 3:
        yield f"has {len(cells) + 1} cells, not 4"
        return
    _, kept_by, proved_by = cells
    files, proofs = FILE.findall(kept_by), PROOF.findall(proved_by)
    if not files:
        yield "names no file that keeps it"
    if not proofs:
        yield "names no test that proves it"
    yield from (f"there is no file {path}" for path in files if not (root / path).is_file())
    for path, name in proofs:
        if name not in tests_of(root / path):
            yield f"there is no test {path}::{name}"


@cache
def tests_of(path: Path) -> frozenset[str]:
    """The names of the tests in a file; none when it does not exist."""
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(one.name for one in functions if one.name.startswith("test_"))


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(problems(root))
    for line in found:
        print(f"{TABLE}: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
