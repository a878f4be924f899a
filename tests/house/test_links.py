"""Every relative link of the documentation leads to a file, and to a heading of it."""

import re
from collections.abc import Iterator
from pathlib import Path

FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#* *$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def prose(file: Path) -> str:
    return FENCED.sub("", file.read_text(encoding="utf-8"))


def links(file: Path) -> Iterator[str]:
    for target in LINK.findall(INLINE_CODE.sub("", prose(file))):
        if not ELSEWHERE.match(target):
            yield target


def anchors(file: Path) -> set[str]:
    """The anchors of a file's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in HEADING.findall(prose(file)):
        text = LINK.sub(lambda link: link.group().partition("]")[0], heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        number = sum(anchor == other or other.startswith(f"{anchor}-") for other in found)
        found.add(f"{anchor}-{number}" if anchor in found else anchor)
    return found


def fault(file: Path, target: str) -> str | None:
    path, _, anchor = target.partition("#")
    linked = (file.parent / path).resolve() if path else file
    if not linked.exists():
        return "there is no such file"
    if anchor and anchor not in anchors(linked):
        return "there is no such heading"
    return None


def test_every_relative_link_leads_somewhere(root: Path, tracked_files: list[Path]) -> None:
    """A reader who follows the documentation ends at a page that does not exist."""
    pages = [path for path in tracked_files if path.suffix == ".md"]
    assert root / "README.md" in pages
    found = [
        f"{page.relative_to(root)}: {target}: {reason}"
        for page in pages
        for target in links(page)
        if (reason := fault(page, target))
    ]
    assert found == []


def test_the_readme_lists_every_guide(root: Path) -> None:
    """A guide that no page links to is not found."""
    listed = set(links(root / "README.md"))
    guides = {str(path.relative_to(root)) for path in (root / "docs" / "guides").glob("*.md")}
    assert guides - listed == set()


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """The check itself is what keeps the links whole."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A `page` of Two: words\n\n## Twice\n\n## Twice\n\n[`code`](#twice-1) [gone](gone.md) [no](#no)\n"
        "[yes](page.md#a-page-of-two-words) [other](https://example.com) `[not](a-link)`\n"
        "```\n[not](a-link)\n# no heading\n```\n[no](#no-heading)\n",
        encoding="utf-8",
    )
    faults = {target: fault(page, target) for target in links(page)}
    assert faults == {
        "#twice-1": None,
        "gone.md": "there is no such file",
        "#no": "there is no such heading",
        "page.md#a-page-of-two-words": None,
        "#no-heading": "there is no such heading",
    }
