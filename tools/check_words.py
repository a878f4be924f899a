r"""
Refuses words in the source that were replaced by the field's own terms.

`tools/retired_words.txt` holds one regular expression a line; `#` starts a comment. A second column, after a
tab or two spaces, limits the expression to the paths that match a glob, or, written `!glob`, excludes them.

An expression is tried on each line as it is, and with its identifiers split into words, so that `\bcrew\b`
finds `crew`, `_Crew` and `crew_size`. Case counts only if the expression holds a capital letter. The dotted
name of each file is tried as well: `redis\.lane\b` finds the module `redis/lane.py`. An expression with a dot
is meant for such names and is tried on unsplit lines only: `redis.lane_count` is another module.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

DATA = Path(__file__).resolve().parent / "retired_words.txt"
CHECKED = "src"
SUFFIXES = frozenset({".py", ".lua", ".html", ".js", ".css", ".md"})

COLUMNS = re.compile(r"\t+| {2,}")
WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


@dataclass(frozen=True)
class RetiredWord:
    """One expression of the data, and the paths that it applies to."""

    pattern: re.Pattern[str]
    glob: str

    def applies_to(self, path: str) -> bool:
        """Say whether the file `path`, relative to the root, is searched."""
        if self.glob.startswith("!"):
            return not fnmatchcase(path, self.glob[1:])
        return fnmatchcase(path, self.glob or "*")

    def found_in(self, text: str) -> str | None:
        """Return what the expression matches in `text`, or `None`."""
        match = self.pattern.search(text)
        if match is None and r"\." not in self.pattern.pattern:
            match = self.pattern.search(WORD_BOUNDARY.sub(" ", text))
        return match[0] if match else None


def retired_words(data: str) -> list[RetiredWord]:
    """
    Return the expressions of the data.

    Raises:
        ValueError: a line is not a regular expression; the message names the line.
    """
    words: list[RetiredWord] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        expression, *columns = COLUMNS.split(line.strip(), maxsplit=1)
        literal = re.sub(r"\\.", "", expression)
        try:
            pattern = re.compile(expression, 0 if literal != literal.lower() else re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"line {number}: {expression}: {error}") from error
        words.append(RetiredWord(pattern, columns[0] if columns else ""))
    return words


def problems(root: Path, words: list[RetiredWord]) -> Iterator[str]:
    """Every retired word under `root`, as one line each, in path order."""
    for path in sorted((root / CHECKED).rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            shown = path.relative_to(root).as_posix()
            applicable = [word for word in words if word.applies_to(shown)]
            yield from problems_of(path, shown, applicable)


def problems_of(path: Path, shown: str, words: list[RetiredWord]) -> Iterator[str]:
    """The retired words in one file, which is called `shown` in the messages."""
    module = shown.rpartition(".")[0].replace("/", ".")
    for word in words:
        found = word.found_in(module)
        if found is not None:
            yield f"{shown}: `{found}` is a retired word, in the name of the file"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for word in words:
            found = word.found_in(line)
            if found is not None:
                yield f"{shown}:{number}: `{found}` is a retired word"


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(problems(root, retired_words(DATA.read_text(encoding="utf-8"))))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
