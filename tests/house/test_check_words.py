"""The word check finds what it exists to find, and every line of its data is a regular expression."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECK = ROOT / "tools" / "check_words.py"
sys.path.insert(0, str(ROOT / "tools"))

from check_words import DATA, problems, retired_words  # noqa: E402


def found(root: Path, data: str) -> list[str]:
    return list(problems(root, retired_words(data)))


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_every_line_of_the_data_is_an_expression() -> None:
    assert len(retired_words(DATA.read_text(encoding="utf-8"))) > 10


def test_a_line_that_is_no_expression_is_named() -> None:
    with pytest.raises(ValueError, match=r"line 2: \("):
        retired_words("fine\n(\n")


def test_a_retired_word_fails_the_check_with_its_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, "src/package/module.py", "value = 1\nturnstile = 2\n")
    done = subprocess.run(
        [sys.executable, str(CHECK), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["src/package/module.py:2: `turnstile` is a retired word"]


def test_source_without_retired_words_passes(tmp_path: Path) -> None:
    write(tmp_path, "src/package/module.py", "import math\nvalue = math.floor(2.5)  # a line feed\n")
    done = subprocess.run([sys.executable, str(CHECK), str(tmp_path)], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("suffix", ["py", "lua", "html", "js", "css", "md"])
def test_every_kind_of_source_is_searched(tmp_path: Path, suffix: str) -> None:
    write(tmp_path, f"src/file.{suffix}", "the crew\n")
    assert found(tmp_path, r"\bcrew\b") == [f"src/file.{suffix}:1: `crew` is a retired word"]


def test_other_files_are_not_searched(tmp_path: Path) -> None:
    write(tmp_path, "src/file.json", "crew")
    write(tmp_path, "tests/file.py", "crew")
    assert found(tmp_path, "crew") == []


@pytest.mark.parametrize("text", ["crew", "Crew", "_Crew", "crew_size", "MAX_CREW", "WorkerCrew", "crewSize"])
def test_a_word_is_found_inside_an_identifier(tmp_path: Path, text: str) -> None:
    write(tmp_path, "src/file.py", text)
    assert len(found(tmp_path, r"\bcrew\b")) == 1


def test_a_word_is_not_found_inside_another(tmp_path: Path) -> None:
    write(tmp_path, "src/file.py", "screws theirs planets")
    assert found(tmp_path, "\\bcrew\\b\n\\bheirs?\\b\n\\blanes?\\b") == []


def test_a_capital_letter_makes_case_count(tmp_path: Path) -> None:
    write(tmp_path, "src/file.py", "edge\n_Edge\n")
    assert found(tmp_path, r"\bEdge\b") == ["src/file.py:2: `Edge` is a retired word"]


def test_the_name_of_a_module_is_searched(tmp_path: Path) -> None:
    write(tmp_path, "src/package/redis/lane.py", "")
    write(tmp_path, "src/package/redis/lane_count.py", "")
    assert found(tmp_path, r"redis\.lane\b") == [
        "src/package/redis/lane.py: `redis.lane` is a retired word, in the name of the file"
    ]


@pytest.mark.parametrize(
    ("glob", "files"), [("src/a/*", ["src/a/b/file.py"]), ("!src/a/*", ["src/c/file.py"])]
)
def test_an_expression_can_be_limited_to_paths(tmp_path: Path, glob: str, files: list[str]) -> None:
    write(tmp_path, "src/a/b/file.py", "crew")
    write(tmp_path, "src/c/file.py", "crew")
    assert found(tmp_path, f"crew  {glob}") == [f"{file}:1: `crew` is a retired word" for file in files]
