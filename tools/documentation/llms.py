"""The site for language models: `llms.txt` lists its pages, `llms-full.txt` has them all."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tools.documentation.navigation import Section
from tools.documentation.pages import HOME_ADDRESS, Page, address_of

__all__ = ["write_llms"]


def write_llms(pages: list[Page], sections: list[Section], site: Path) -> None:
    """Write both files, and each page as Markdown beside its HTML; addresses are relative to `llms.txt`."""
    by_address = {page.address: page for page in pages}
    for page in pages:
        path = site / page.address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text, "utf-8")
    _heading, summary, *_ = by_address[HOME_ADDRESS].text.split("\n\n")
    opening = f"# bymax-auth\n\n> {' '.join(summary.split())}\n"
    (site / "llms.txt").write_text(opening + "".join(map(_listed, sections)), "utf-8")
    texts = (page.text for section in sections for page in _in_order(section, by_address))
    (site / "llms-full.txt").write_text("\n\n".join([opening, *texts]), "utf-8")


def _listed(section: Section) -> str:
    lines = (
        f"- [{entry.title}]({address_of(entry.source)}){f': {entry.note}' if entry.note else ''}\n"
        for entry in section.entries
    )
    return f"\n## {section.title}\n\n{''.join(lines)}"


def _in_order(section: Section, by_address: Mapping[PurePosixPath, Page]) -> list[Page]:
    """The pages of a section, each followed by its own."""
    named = [by_address[address_of(entry.source)] for entry in section.entries]
    return [each for page in named for each in (page, *(by_address[below] for below in page.below))]
