"""The committed verifier belongs to its source, which is noticed without a compiler."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(tmp_path: Path) -> ModuleType:
    """The tool, in a copy of what it looks at, and as if no compiler were installed."""
    package = Path("packages", "python-auth")
    for part in (package / "wasm", package / "src" / "wasm"):
        shutil.copytree(ROOT / part, tmp_path / part)
    script = tmp_path / "tools" / "generate_verifier.py"
    script.parent.mkdir()
    shutil.copy(ROOT / "tools" / script.name, script)
    spec = importlib.util.spec_from_file_location("generate_verifier_copy", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.compiler = lambda: None
    return module


def test_what_is_committed_belongs_together(tool: ModuleType) -> None:
    assert tool.problems() == []


def edit_source(tool: ModuleType) -> None:
    source = tool.SOURCE / "claims.zig"
    source.write_text(source.read_text("utf-8").replace("length <= 256", "length <= 257"), "utf-8")


def add_source(tool: ModuleType) -> None:
    (tool.SOURCE / "more.zig").write_text("", "utf-8")


def edit_module(tool: ModuleType) -> None:
    tool.MODULE.write_bytes(tool.MODULE.read_bytes() + b"\0")
    tool.TEXT.write_text(tool.as_text(tool.MODULE.read_bytes()), "utf-8")


def edit_text(tool: ModuleType) -> None:
    tool.TEXT.write_text(tool.TEXT.read_text("utf-8").replace("AGFzbQ", "AGFzbR"), "utf-8")


def edit_options(tool: ModuleType) -> None:
    tool.OPTIONS = tuple(option.replace("ReleaseSafe", "ReleaseFast") for option in tool.OPTIONS)


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        (edit_source, "source"),
        (add_source, "source"),
        (edit_module, "module"),
        (edit_text, "bytes.ts"),
        (edit_options, "options"),
    ],
)
def test_a_part_that_was_changed_alone_is_named(
    tool: ModuleType, edit: Callable[[ModuleType], None], part: str
) -> None:
    """A fix of the source that nobody built would be published without the fix."""
    edit(tool)
    [problem] = tool.problems()
    assert part in problem
