"""Every block of code of the documentation is whole; what runs it is a test of its guide."""

import ast
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.examples.guides import ROOT, Block, blocks_of

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
BY_OTHER_TESTS = {"ts", "tsx"}
"""`tests/examples/test_front_end_guides.py` compiles them."""

TEXT = {"html", "ini", "js", "nginx", "sql"}
"""Those of few blocks, which the tests of their guides read."""


def read_python(text: str) -> None:
    compile(text, "<block>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def read_shell(text: str) -> None:
    done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SyntaxError(done.stderr)


def read_console(text: str) -> None:
    """Read the commands, each with the lines that continue it; the rest is what they print."""
    commands: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append(line.removeprefix("$ "))
        elif commands and commands[-1].endswith("\\"):
            commands[-1] += f"\n{line}"
    if not commands:
        raise SyntaxError("no line is a command")
    read_shell("\n".join(commands))


READERS: Mapping[str, Callable[[str], object]] = {
    "console": read_console,
    "json": json.loads,
    "python": read_python,
    "sh": read_shell,
    "shell": read_shell,
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page_can_be_read(page: Path) -> None:
    """A reader copies what was cut off, or was never code."""
    assert [fault for block in blocks_of(page) if (fault := fault_of(block))] == []


def fault_of(block: Block) -> str | None:
    if block.language in BY_OTHER_TESTS | TEXT:
        return None
    try:
        READERS[block.language](block.text)
    except (SyntaxError, ValueError) as error:
        return f"{block.title or block.text[:40]!r}: {error}"
    return None


@pytest.mark.parametrize(
    ("language", "text"), [("python", "def f(:\n"), ("json", "{,}"), ("sh", "if\n"), ("console", "ls\n")]
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
