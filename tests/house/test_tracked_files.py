"""The repository holds no unfinished sentence, no address of a registry and no path of one machine."""

import re
from pathlib import Path

TEXT = frozenset(
    {
        "",
        ".cfg",
        ".html",
        ".ini",
        ".json",
        ".md",
        ".py",
        ".sh",
        ".sql",
        ".toml",
        ".ts",
        ".tsx",
        ".txt",
        ".yml",
    }
)

# Each word is written with a hole in it, so that this file does not hold what it looks for.
FORBIDDEN = {
    "an unfinished note": r"\b(TO~DO|FIX~ME|XX~X|TB~D)\b",
    "a registry's address": r"py~pi\.(org|python)|python~hosted|registry\.np~mjs",
    "a registry's option": r"--(extra-)?index-~url|--find-~links",
    "a path of one machine": r"(?<![\w./])/(wo~rk|ro~ot|ho~me/\w+|Us~ers)/",
    "a leftover of merging": r"(?m)^(<{7}|>{7}) ",
}
PATTERNS = {what: re.compile(pattern.replace("~", "")) for what, pattern in FORBIDDEN.items()}


def test_no_tracked_file_holds_what_must_not_be_published(root: Path, tracked_files: list[Path]) -> None:
    """What is committed is read by strangers, and installs on machines unlike this one."""
    found = [
        f"{path.relative_to(root)}: {what}: {match.group()!r}"
        for path in tracked_files
        if path.suffix in TEXT
        for what, pattern in PATTERNS.items()
        if (match := pattern.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_what_a_user_relies_on_is_in_the_repository(root: Path) -> None:
    """A package without its licence or its typing marker cannot be used as promised."""
    names = ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"]
    assert [name for name in names if not (root / name).is_file()] == []
    assert (root / "src/bymax_auth/py.typed").is_file()
    assert (root / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_no_large_file_is_tracked(root: Path, tracked_files: list[Path]) -> None:
    """A clone stays quick."""
    large = [str(path.relative_to(root)) for path in tracked_files if path.stat().st_size > 1_000_000]
    assert large == []
