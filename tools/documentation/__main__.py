"""
Builds the documentation site: `python -m tools.documentation [FOLDER]`, into build/site by default.

A warning is a failure: a link without a target, a page that no list names, code that cannot be read.
"""

import sys
from pathlib import Path

from benchmarks.node import Unavailable
from tools.documentation.llms import write_llms
from tools.documentation.navigation import navigation
from tools.documentation.pages import pages_of
from tools.documentation.reference import reference_pages
from tools.documentation.site import BuildFailed, build_site
from tools.documentation.typescript_api import ReferenceFailed

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"


def build(site: Path, work: Path) -> None:
    """
    Build the whole site into the folder `site`; `work` is a folder for what is made on the way.

    Raises:
        BuildFailed: A page has a fault, or no list names it; says which.
        ReferenceFailed: TypeDoc warned of something.
        Unavailable: There is no Node, or npm could not install TypeDoc.
    """
    sections = navigation(ROOT)
    pages = pages_of(ROOT, sections) + reference_pages(ROOT, work / "typescript")
    build_site(pages, sections, work / "sphinx", site)
    write_llms(pages, sections, site)


def main(arguments: list[str]) -> int:
    site = Path(*arguments).resolve() if arguments else BUILD / "site"
    try:
        build(site, site.with_name(f"{site.name}-sources"))
    except (BuildFailed, ReferenceFailed, Unavailable) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"file://{site / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
