"""The reference of the npm package, which TypeDoc writes from its sources."""

import re
import shutil
from pathlib import Path, PurePosixPath

from tools import npm_package
from tools.documentation.pages import Page

__all__ = ["ReferenceFailed", "typescript_reference"]

_HERE = Path(__file__).parent
_FOLDER = PurePosixPath("reference/typescript")
_HEADING = re.compile(r"^# .+$", re.MULTILINE)
# A row of a table is no heading, so that nothing can lead to it.
_ROW_LINK = re.compile(r"\[([^\]]+)\]\([^()\s]*#property-[^()\s]+\)|<a id=\"property-[^\"]+\"></a> ?")
_ENTRIES = {
    "client": "a client for browsers, and `fetch` that refreshes",
    "react": "the provider and the hooks",
    "components": "forms without styles",
    "nextjs": "the proxy, the handlers and the session of Next.js",
    "edge": "the verifier of access tokens",
    "shared": "types, error codes, paths and cookies of the API",
}


class ReferenceFailed(Exception):
    """TypeDoc found something wrong, and said what."""


def typescript_reference(work: Path) -> list[Page]:
    """
    Return a page for each entry of the package, and the page that lists them.

    Raises:
        ReferenceFailed: TypeDoc warned of something.
        Unavailable: There is no Node, or npm could not install TypeDoc.
    """
    npm_package.ready()
    npm_package.ready(_HERE)
    shutil.rmtree(work, ignore_errors=True)
    done = npm_package.run(
        _HERE / "node_modules" / "typedoc" / "bin" / "typedoc",
        "--options",
        _HERE / "typedoc.json",
        "--out",
        work,
    )
    if done.returncode != 0:
        raise ReferenceFailed(done.stdout.strip())
    pages = [_page(entry, (work / f"{entry}.md").read_text("utf-8")) for entry in _ENTRIES]
    listed = "".join(f"- [`./{entry}`]({entry}.md): {note}\n" for entry, note in _ENTRIES.items())
    text = f"# TypeScript reference\n\nThe entries of `@bymax-one/python-auth`.\n\n{listed}"
    return [Page(_FOLDER / "index.md", text, tuple(page.address for page in pages)), *pages]


def _page(entry: str, text: str) -> Page:
    heading = f"# TypeScript: `./{entry}`\n\nImported from `@bymax-one/python-auth/{entry}`."
    written = _ROW_LINK.sub(r"\1", _HEADING.sub(heading, text, count=1))
    return Page(_FOLDER / f"{entry}.md", written)
