"""Reads the code of the guides, so that tests run what a reader copies."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code; `title` is the file that the reader puts it in."""

    language: str
    title: str | None
    text: str


def blocks(guide: str, language: str | None = None) -> list[Block]:
    """The blocks of a guide, of one language if it is given."""
    return blocks_of(ROOT / "docs" / "guides" / guide, language)


def blocks_of(page: Path, language: str | None = None) -> list[Block]:
    """The blocks of any page, of one language if it is given."""
    text = page.read_text(encoding="utf-8")
    found = [Block(one["language"], one["title"], one["text"]) for one in _BLOCK.finditer(text)]
    return [block for block in found if language is None or block.language == language]


def write_files(guide: str, folder: Path) -> list[Path]:
    """Write every titled block to its file, as a reader would; return the files."""
    written: list[Path] = []
    for block in blocks(guide):
        if block.title is not None:
            path = folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            written.append(path)
    return written
