"""The check of the index of decisions finds each way in which index and records can differ."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_adr_index.py"

ROWS = ("| [0001](0001-first.md) | First | One. |", "| [0002](0002-second.md) | Second | Two. |")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two records and an index that lists both."""
    made = tmp_path / "docs" / "adr"
    made.mkdir(parents=True)
    (made / "0001-first.md").write_text("# 0001. First\n", encoding="utf-8")
    (made / "0002-second.md").write_text("# 0002. Second\n", encoding="utf-8")
    (made / "template.md").write_text("# NNNN. A title\n", encoding="utf-8")
    index(made, *ROWS)
    return made


def index(folder: Path, *rows: str) -> None:
    lines = ["# Decisions", "", "| Number | Title | Decision |", "|---|---|---|", *rows]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(folder: Path) -> tuple[int, list[str]]:
    root = folder.parents[1]
    done = subprocess.run(
        [sys.executable, str(CHECK), str(root)], capture_output=True, text=True, check=False
    )
    return done.returncode, [line.removeprefix("docs/adr/") for line in done.stderr.splitlines()]


def test_a_complete_index_passes(folder: Path) -> None:
    assert run(folder) == (0, [])


def test_a_record_that_is_not_listed_is_named(folder: Path) -> None:
    index(folder, ROWS[0])
    assert run(folder) == (1, ["0002-second.md: is not listed in README.md"])


def test_a_missing_index_lists_nothing(folder: Path) -> None:
    (folder / "README.md").unlink()
    assert run(folder)[0] == 1


def test_a_listed_record_that_does_not_exist_is_named(folder: Path) -> None:
    index(folder, *ROWS, "| [0003](0003-third.md) | Third | Three. |")
    assert run(folder) == (1, ["README.md: 0003: there is no record 0003-third.md"])


@pytest.mark.parametrize("row", [ROWS[1].replace("Second", "second"), ROWS[1].replace("[0002]", "[0003]")])
def test_a_title_or_number_that_differs_is_named(folder: Path, row: str) -> None:
    index(folder, ROWS[0], row)
    code, lines = run(folder)
    assert code == 1
    assert "number or title differ from the heading of 0002-second.md" in lines[0]


def test_a_gap_in_the_numbers_is_named(folder: Path) -> None:
    (folder / "0004-fourth.md").write_text("# 0004. Fourth\n", encoding="utf-8")
    index(folder, *ROWS, "| [0004](0004-fourth.md) | Fourth | Four. |")
    assert run(folder) == (1, ["0004-fourth.md: the number should be 0003"])


def test_a_heading_of_another_form_is_named(folder: Path) -> None:
    (folder / "0002-second.md").write_text("# Second\n", encoding="utf-8")
    code, lines = run(folder)
    assert code == 1
    assert lines[0] == "0002-second.md: the heading is not `# 0002. Title`"


def test_rows_out_of_order_are_named(folder: Path) -> None:
    index(folder, *reversed(ROWS))
    assert run(folder) == (1, ["README.md: 0001: is listed after 0002"])


def test_a_row_without_a_decision_is_named(folder: Path) -> None:
    index(folder, ROWS[0], "| [0002](0002-second.md) | Second |  |")
    assert run(folder) == (1, ["README.md: 0002: the decision is missing"])
