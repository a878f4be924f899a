"""The documentation site: it is whole, and needs nothing but its own files."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from tests.examples.guides import ROOT, blocks_of
from tools.documentation.navigation import navigation
from tools.documentation.pages import Page, address_of
from tools.documentation.python_modules import PYTHON_PAGES
from tools.documentation.site import BuildFailed, build_site

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.untraced]


@dataclass
class Document(HTMLParser):
    """What a page of the site links to, loads and names."""

    links: set[str] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        elif "src" in given or tag == "link":
            self.loaded.add(given.get("src", given.get("href", "")))


@pytest.fixture(scope="module")
def documents(built_site: Path) -> dict[Path, Document]:
    """Every page of the site."""
    found: dict[Path, Document] = {}
    for path in sorted(built_site.rglob("*.html")):
        found[path] = Document()
        found[path].feed(path.read_text("utf-8"))
    return found


def test_every_link_of_the_site_leads_somewhere(built_site: Path, documents: dict[Path, Document]) -> None:
    """A reader who follows the documentation ends at a page that does not exist."""
    assert len(documents) > 80
    assert [fault for page in documents for fault in faults(page, documents, built_site)] == []


def faults(page: Path, documents: dict[Path, Document], site: Path) -> Iterator[str]:
    for link in documents[page].links | documents[page].loaded:
        address = urlsplit(link)
        if address.scheme:
            continue
        target = (page.parent / unquote(address.path)).resolve() if address.path else page
        anchor = unquote(address.fragment)
        shown = f"{page.relative_to(site)}: {link}"
        if not target.is_file():
            yield f"{shown}: there is no such file"
        elif anchor and target in documents and anchor not in documents[target].anchors:
            yield f"{shown}: there is no such heading"


def test_the_site_loads_nothing_from_elsewhere(documents: dict[Path, Document]) -> None:
    """Somebody who reads without a network sees a page without its styles, or cannot search."""
    loaded = {one for document in documents.values() for one in document.loaded}
    assert any(one.startswith("_static/") for one in loaded)
    assert [one for one in loaded if urlsplit(one).scheme or one.startswith("//")] == []


def test_every_page_of_the_navigation_is_in_the_site(built_site: Path) -> None:
    """The list names what nobody can open."""
    entries = [entry for section in navigation(ROOT) for entry in section.entries]
    addresses = [built_site / address_of(entry.source).with_suffix(".html") for entry in entries]
    assert len(addresses) > 40
    assert [address for address in addresses if not address.is_file()] == []


def test_every_module_that_the_documentation_imports_from_is_in_the_reference() -> None:
    """A reader looks up what a guide uses, and finds nothing."""
    listed = {f"bymax_auth.{module}".rstrip(".") for page in PYTHON_PAGES for module in page.modules}
    code = [block.text for page in (ROOT / "docs").rglob("*.md") for block in blocks_of(page, "python")]
    used = set(re.findall(r"^\s*from (bymax_auth[\w.]*) import", "\n".join(code), re.MULTILINE))
    assert len(used) > 10
    assert used - listed == set()


def test_the_reference_describes_the_public_names_of_both_languages(built_site: Path) -> None:
    """A name that an application imports cannot be looked up."""
    reference = built_site / "reference"
    engine = (reference / "python" / "engine.md").read_text("utf-8")
    assert "## `AuthEngine`" in engine
    flows = (reference / "python" / "flows.md").read_text("utf-8")
    assert "await engine.login(credentials: LoginInput, context: RequestContext) -> LoginResult" in flows
    assert "- [`EmailNotVerified`](errors.md#emailnotverified): The password is right" in flows
    assert "def secure_defaults(**overrides: object) -> Self" in engine
    for entry in ("client", "components", "edge", "nextjs", "react", "shared"):
        source = (ROOT / "packages" / "python-auth" / "src" / entry / "index.ts").read_text("utf-8")
        written = (reference / "typescript" / f"{entry}.md").read_text("utf-8")
        names = re.findall(r"(?:type )?(\w+)(?:,|\s*\})", "".join(re.findall(r"\{[^}]*\}", source)))
        exported = {name for name in names if name != "type"}
        assert len(exported) > 3
        assert {name for name in exported if f"{name}" not in written} == set()


def test_what_language_models_read_has_every_page(built_site: Path) -> None:
    """A model answers from half of the documentation."""
    listed = (built_site / "llms.txt").read_text("utf-8")
    assert listed.startswith("# bymax-auth\n\n> bymax-auth is authentication for Python backends")
    addresses = re.findall(r"^- \[[^\]]+\]\(([^)]+)\)", listed, re.MULTILINE)
    assert len(addresses) > 40
    everything = (built_site / "llms-full.txt").read_text("utf-8")
    for address in addresses:
        text = (built_site / address).read_text("utf-8")
        assert text.startswith("# "), address
        assert text in everything, address


def test_what_npm_installs_for_the_reference_is_exact() -> None:
    """Two builds of one commit differ, or work with one registry alone."""
    folder = ROOT / "tools" / "documentation"
    assert "resolved" not in (folder / "package-lock.json").read_text("utf-8")
    pins = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"].values()
    assert pins
    assert [pin for pin in pins if not pin[0].isdigit()] == []


def test_a_broken_link_and_a_page_that_no_list_names_fail_the_build(tmp_path: Path) -> None:
    """The check itself is what keeps the pages whole."""
    home = Page(PurePosixPath("index.md"), "# Home\n\n[away](gone.md)\n")
    lost = Page(PurePosixPath("lost.md"), "# Lost\n")
    with pytest.raises(BuildFailed) as failed:
        build_site([home, lost], [], tmp_path / "work", tmp_path / "site")
    said = str(failed.value)
    assert re.search(r"index.md:3: WARNING: .*gone.md", said)
    assert re.search(r"lost.md: WARNING: document isn't included in any toctree", said)
