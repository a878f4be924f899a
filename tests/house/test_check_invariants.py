"""The check of the security invariants finds a promise that nobody keeps, and one that nobody proves."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_invariants.py"
LAST = 39
WAITING = "## Not implemented yet"
KEPT = "`src/kept.py`"
PROVED = "`tests/security/test_kept.py::test_it`"


def row(number: int, kept: str = KEPT, proof: str = PROVED) -> str:
    return f"| I-{number} | A promise | {kept} | {proof} |"


def waiting(number: int, for_what: str = "second factors") -> str:
    return f"| I-{number} | A promise | {for_what} |"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that keeps and proves what it promises."""
    for name, text in (("src/kept.py", ""), ("tests/security/test_kept.py", "async def test_it(): ...\n")):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "docs" / "security").mkdir(parents=True)
    return tmp_path


def check(root: Path, built: list[str], later: list[str]) -> list[str]:
    text = "\n".join([*built, "", WAITING, "", *later, ""])
    (root / "docs" / "security" / "invariants.md").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(CHECK), str(root)], capture_output=True, text=True, check=False
    )
    lines = [line.removeprefix("docs/security/invariants.md: ") for line in done.stderr.splitlines()]
    assert done.returncode == bool(lines)
    return lines


def all_but(*numbers: int) -> list[str]:
    return [row(number) for number in range(1, LAST + 1) if number not in numbers]


def test_a_complete_table_passes(root: Path) -> None:
    assert check(root, all_but(5), [waiting(5)]) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([], "I-7: has no row"),
        ([row(7), row(7)], "I-7: has 2 rows"),
        ([row(7), row(40)], "I-40: is no invariant"),
        ([row(7, kept="everybody")], "I-7: names no file that keeps it"),
        ([row(7, kept="`src/gone.py`")], "I-7: there is no file src/gone.py"),
        ([row(7, proof="none yet")], "I-7: names no test that proves it"),
        (
            [row(7, proof="`tests/security/test_kept.py::test_that`")],
            "I-7: there is no test tests/security/test_kept.py::test_that",
        ),
        (
            [row(7, proof="`tests/security/test_gone.py::test_it`")],
            "I-7: there is no test tests/security/test_gone.py::test_it",
        ),
        ([waiting(7)], "I-7: has 3 cells, not 4"),
    ],
)
def test_a_promise_that_is_not_kept_or_proved_is_named(root: Path, given: list[str], problem: str) -> None:
    assert check(root, [*all_but(7), *given], []) == [problem]


@pytest.mark.parametrize("given", [waiting(7, ""), waiting(7, KEPT), row(7)])
def test_a_promise_that_waits_names_what_it_waits_for(root: Path, given: str) -> None:
    problem = "I-7: a row that waits names the capability, and neither a file nor a test"
    assert check(root, all_but(7), [given]) == [problem]


def test_a_security_test_that_proves_nothing_of_the_table_is_named(root: Path) -> None:
    (root / "tests" / "security" / "test_stray.py").write_text("", encoding="utf-8")
    assert check(root, all_but(), []) == ["tests/security/test_stray.py proves no invariant"]


def test_the_project_passes() -> None:
    done = subprocess.run([sys.executable, str(CHECK)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
