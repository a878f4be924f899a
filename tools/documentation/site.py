"""Builds the site with Sphinx, from pages that are first put where it has them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tools.documentation.markdown import with_captions
from tools.documentation.navigation import Section
from tools.documentation.pages import HOME_ADDRESS, Page, address_of

__all__ = ["BuildFailed", "build_site"]

_HERE = Path(__file__).parent


class BuildFailed(Exception):
    """Sphinx found something wrong, and said what."""


def build_site(pages: list[Page], sections: list[Section], work: Path, site: Path) -> None:
    """
    Write the site into the folder `site`, which is emptied; `work` holds what Sphinx reads.

    Raises:
        BuildFailed: A page has a fault, such as a link that leads nowhere; every warning is one.
    """
    for folder in (work, site):
        shutil.rmtree(folder, ignore_errors=True)
    sources = work / "pages"
    for page in pages:
        path = sources / page.address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_source(page, sections), "utf-8")
    _sphinx(sources, work, site)


def _source(page: Page, sections: list[Section]) -> str:
    text = with_captions(page.text)
    if not page.is_listed:
        return f"---\norphan: true\n---\n\n{text}"
    if page.address == HOME_ADDRESS:
        trees = (_tree([address_of(entry.source) for entry in one.entries], one.title) for one in sections)
        return text + "".join(trees)
    below = [PurePosixPath(os.path.relpath(other, page.address.parent)) for other in page.below]
    return text + _tree(below) if below else text


def _tree(addresses: Iterable[PurePosixPath], caption: str = "") -> str:
    options = f":caption: {caption}\n" if caption else ""
    listed = "".join(f"{address.with_suffix('')}\n" for address in addresses)
    return f"\n```{{toctree}}\n:hidden:\n{options}\n{listed}```\n"


def _sphinx(sources: Path, work: Path, site: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--conf-dir", _HERE]
    strict = ["--nitpicky", "--fail-on-warning", "--quiet", "--doctree-dir", work / "doctrees"]
    done = subprocess.run(
        [*command, *strict, sources, site], capture_output=True, text=True, check=False, cwd=_HERE.parents[1]
    )
    if done.returncode != 0:
        raise BuildFailed(f"{done.stdout}{done.stderr}".strip())
    for name in (".buildinfo", "objects.inv"):
        (site / name).unlink(missing_ok=True)
