"""Every block of code of the documentation is whole; what runs it is a test of its guide."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.documentation.readers import READERS
from tests.examples.guides import ROOT, Block, blocks_of
from tools import npm_package

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
BY_OTHER_TESTS = {"js", "ts", "tsx"}
"""`tests/examples/test_front_end_guides.py` compiles those with types, and Node parses the others."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_can_be_read(page: Path) -> None:
    """A reader copies what was cut off, or was never code."""
    assert [fault for block in blocks_of(page) if (fault := fault_of(block))] == []


def fault_of(block: Block) -> str | None:
    if block.language in BY_OTHER_TESTS:
        return None
    try:
        READERS[block.language](block.text)
    except (SyntaxError, ValueError) as error:
        return f"{block.title or block.text[:40]!r}: {error}"
    return None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(:\n"),
        ("json", "{,}"),
        ("sh", "if\n"),
        ("console", "ls\n"),
        ("html", "<p><b>bold</p></b>"),
        ("html", "<div id=root>"),
        ("html", "<p>cut <"),
        ("html", '<p id="a" id="b"></p>'),
        ("html", "<div />"),
        ("html", "</p>"),
        ("ini", "asyncio_mode = auto\n"),
        ("ini", "[pytest]\n[pytest]\n"),
        ("ini", "[pytest]\n"),
        ("sql", "INSERT INTO a (b) SELECT c FORM d"),
        ("sql", "SELECT 'a"),
        ("sql", "SELECT 1; SELECT 2"),
        ("nginx", "location / {\n  proxy_pass http://a/\n}"),
        ("nginx", "location / {\n  proxy_pass http://a/;\n"),
        ("nginx", "}"),
        ("nginx", "a 'b;"),
        ("nginx", ";"),
    ],
)
def test_a_block_that_is_not_whole_is_found(language: str, text: str) -> None:
    """The check itself is what keeps the blocks right."""
    assert fault_of(Block(language, None, text)) is not None


def test_every_page_with_python_has_a_test_that_runs_it() -> None:
    """What a page prints is right as text, and does not work."""
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    pages = [page.name for page in PAGES if blocks_of(page, "python")]
    assert len(pages) > 15
    assert [name for name in pages if f'"{name}"' not in tests] == []


PARSE = """
const { SourceTextModule } = require("node:vm");
for (const [page, text] of JSON.parse(require("node:fs").readFileSync(0, "utf-8")))
  try { new SourceTextModule(text); } catch (error) { console.log(`${page}: ${error.message}`); }
"""


def faults_of_scripts(scripts: list[tuple[str, str]]) -> list[str]:
    """What the parser of Node says of each, as a module."""
    node = npm_package.ready()
    words = [str(node), "--no-warnings", "--experimental-vm-modules", "--eval", PARSE]
    done = subprocess.run(words, input=json.dumps(scripts), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_scripts_can_be_parsed() -> None:
    """A reader pastes a script into a page, and nothing happens."""
    scripts = [(page.name, block.text) for page in PAGES for block in blocks_of(page, "js")]
    assert len(scripts) > 3
    assert faults_of_scripts(scripts) == []
    assert len(faults_of_scripts([("broken", "const a = ;"), ("whole", "await 1;")])) == 1
