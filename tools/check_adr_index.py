"""
Compares the index of decisions, `docs/adr/README.md`, with the records beside it.

Each record `NNNN-subject.md` begins with the heading `# NNNN. Title`. The index has one table row for each
record, in order, with the number as a link to the file, the exact title, and the decision in one line.
"""

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

FOLDER = "docs/adr"
INDEX = "README.md"

RECORD = re.compile(r"([0-9]{4})-[a-z0-9-]+\.md")
HEADING = re.compile(r"# ([0-9]{4})\. (.+)")
ROW = re.compile(r"\| \[([0-9]{4})\]\(([^)]+)\) \| (.*?) \| (.*?) \|")


def problems(root: Path) -> Iterator[str]:
    """Every difference between the index and the records under `root`, as one line each."""
    folder = root / FOLDER
    records = {path.name: path for path in sorted(folder.iterdir()) if RECORD.fullmatch(path.name)}
    rows = [match.groups() for match in map(ROW.fullmatch, lines_of(folder / INDEX)) if match]
    yield from numbering_problems(list(records))
    titles = {name: (lines_of(path) or [""])[0] for name, path in records.items()}
    for name, heading in titles.items():
        match = HEADING.fullmatch(heading)
        if match is None or match[1] != name[:4]:
            yield f"{name}: the heading is not `# {name[:4]}. Title`"
        if name not in {file for _, file, _, _ in rows}:
            yield f"{name}: is not listed in {INDEX}"
    for number, file, title, decision in rows:
        if file not in titles:
            yield f"{INDEX}: {number}: there is no record {file}"
        elif titles[file] != f"# {number}. {title}":
            yield f"{INDEX}: {number}: number or title differ from the heading of {file}"
        if not decision.strip():
            yield f"{INDEX}: {number}: the decision is missing"
    for before, after in pairwise(row[0] for row in rows):
        if after <= before:
            yield f"{INDEX}: {after}: is listed after {before}"


def numbering_problems(names: list[str]) -> Iterator[str]:
    """Each record whose number does not follow the one before it; the first is 0001."""
    for expected, name in enumerate(names, start=1):
        if int(name[:4]) != expected:
            yield f"{name}: the number should be {expected:04}"
            return


def lines_of(path: Path) -> list[str]:
    """The lines of a file; none when it does not exist."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(problems(root))
    for line in found:
        print(f"{FOLDER}/{line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
