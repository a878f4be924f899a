"""The pages of the site: those of the repository, moved to where the site has them, and generated ones."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools.documentation.markdown import fenced, with_links
from tools.documentation.navigation import HOME, REFERENCE, REFERENCE_PLACE, Section

__all__ = ["HOME_ADDRESS", "Page", "address_of", "pages_of"]

HOME_ADDRESS = PurePosixPath("index.md")

_LANGUAGES = {".py": "python", ".mjs": "javascript", ".yaml": "yaml", ".service": "ini"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page in plain Markdown; `address` is its path in the site, and `below` are its own pages."""

    address: PurePosixPath
    text: str
    below: tuple[PurePosixPath, ...] = ()
    is_listed: bool = True


def pages_of(root: Path, sections: list[Section]) -> list[Page]:
    """
    Return the pages of the repository: all of docs/, what its navigation names, and files that are linked to.

    Raises:
        FileNotFoundError: A page links to a file that does not exist.
    """
    named = [entry.source for section in sections for entry in section.entries if not entry.is_generated]
    written = [path.relative_to(root) for path in sorted((root / "docs").rglob("*.md"))]
    sources = list(dict.fromkeys([HOME, *named, *written]))
    addresses = {source: address_of(source) for source in sources}
    linked: dict[Path, PurePosixPath] = {}
    pages = [_page(root, source, addresses, linked) for source in sources]
    return [*pages, *(_file_page(root, source, address) for source, address in linked.items())]


def address_of(source: Path) -> PurePosixPath:
    """Return where the site has a page of the repository."""
    path = PurePosixPath(source)
    if path.parts[0] != "docs":
        return PurePosixPath("project", path.name.lower())
    below = path.relative_to("docs")
    return below.with_name("index.md") if below.name == "README.md" else below


def _page(
    root: Path, source: Path, addresses: Mapping[Path, PurePosixPath], linked: dict[Path, PurePosixPath]
) -> Page:
    address = addresses[source]

    def moved(target: str) -> str:
        path, _, anchor = target.partition("#")
        found = (root / source.parent / path).resolve().relative_to(root.resolve())
        if found not in addresses:
            if not (root / found).exists():
                raise FileNotFoundError(f"{source}: {target}")
            linked.setdefault(found, PurePosixPath("files", f"{found.as_posix()}.md"))
        there = addresses.get(found) or linked[found]
        relative = PurePosixPath(os.path.relpath(there, address.parent)).as_posix()
        return f"{relative}#{anchor}" if anchor else relative

    text = with_links((root / source).read_text("utf-8"), moved)
    if source == HOME:
        listed = (f"- [{one.title}]({address_of(one.source)}): {one.note}" for one in REFERENCE)
        text = text.replace(REFERENCE_PLACE, "\n".join(listed))
    is_index = source.name == "README.md" and source != HOME
    below = [other for path, other in addresses.items() if is_index and path.parent == source.parent]
    return Page(address, text, tuple(path for path in below if path != address))


def _file_page(root: Path, source: Path, address: PurePosixPath) -> Page:
    """A file that a page links to, or the files of a folder, as a page."""
    path = root / source
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    blocks = (
        f"## `{file.name}`\n\n{fenced(file.read_text('utf-8'), _LANGUAGES.get(file.suffix, 'text'))}"
        for file in files
        if file.is_file()
    )
    return Page(address, f"# `{source.as_posix()}`\n\n" + "\n".join(blocks), is_listed=False)
