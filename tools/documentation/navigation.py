"""The order of the pages, which the lists of docs/README.md state."""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HOME", "REFERENCE", "REFERENCE_PLACE", "Entry", "Section", "navigation"]

HOME = Path("docs/README.md")

_HEADING = re.compile(r"^## +(?P<title>.+)$")
_ITEM = re.compile(r"^- \[(?P<title>[^\]]+)\]\((?P<target>[^()\s#]+)\)(?:: (?P<note>.+))?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page, as the list names it; `source` is its path in the repository."""

    title: str
    source: Path
    note: str
    is_generated: bool = False


REFERENCE_PLACE = "<!-- the pages of the reference -->"
"""The line of the home page that stands for the pages that the code gives."""

REFERENCE = tuple(
    Entry(title, Path("docs/reference", path), note, is_generated=True)
    for title, path, note in (
        ("Options", "configuration.md", "every option, its defaults and its variable"),
        ("Routes", "routes.md", "methods, paths, guards, bodies, limits"),
        ("Error codes", "errors.md", "with their statuses and messages"),
        ("Commands", "commands.md", "what `bymax-auth` can do, and every argument"),
        ("Python", "python/README.md", "every public name of `bymax_auth`"),
        ("TypeScript", "typescript/README.md", "every export of the npm package"),
    )
)


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one subject."""

    title: str
    entries: tuple[Entry, ...]


def navigation(root: Path) -> list[Section]:
    """Return the sections of the repository at `root`, each with its pages."""
    sections: list[tuple[str, list[Entry]]] = []
    for line in (root / HOME).read_text("utf-8").splitlines():
        if heading := _HEADING.match(line):
            sections.append((heading["title"], []))
        elif item := _ITEM.match(line):
            target = (root / HOME.parent / item["target"]).resolve().relative_to(root.resolve())
            sections[-1][1].append(Entry(item["title"], target, item["note"] or ""))
        elif line == REFERENCE_PLACE:
            sections[-1][1].extend(REFERENCE)
    return [Section(title, tuple(entries)) for title, entries in sections]
