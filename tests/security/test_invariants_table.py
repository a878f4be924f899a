"""The table of invariants names tests that exist, and every proof is in it."""

import ast
import re
from pathlib import Path

from tests.security.gates import ROOT

TABLE = (ROOT / "docs" / "security" / "invariants.md").read_text(encoding="utf-8")
NUMBERS = range(1, 39)


def rows() -> dict[int, str]:
    found = re.findall(r"^\| I-(\d+) \|(.*)\|$", TABLE, re.MULTILINE)
    assert len(found) == len({number for number, _ in found}), "a number is given twice"
    return {int(number): row for number, row in found}


def proofs() -> list[tuple[str, str]]:
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)


def test_every_promise_has_its_row() -> None:
    """A promise that is left out of the table is one that nobody keeps."""
    assert sorted(rows()) == list(NUMBERS)


def test_every_promise_that_is_built_names_a_proof() -> None:
    """A sentence without a test is a hope."""
    built, waiting = TABLE.split("## Not implemented yet")
    numbers = re.findall(r"^\| I-(\d+) \|", built, re.MULTILINE)
    assert [number for number in numbers if "tests/" not in rows()[int(number)]] == []
    assert "tests/" not in waiting


def test_every_named_proof_exists() -> None:
    """A test that was renamed or removed would be believed to run."""
    assert len(proofs()) > len(NUMBERS)
    assert [f"{path}::{name}" for path, name in proofs() if name not in names_in(ROOT / path)] == []


def test_every_security_test_file_proves_something_of_the_table() -> None:
    """A proof that the table does not know is lost with the next tidying up."""
    named = {path for path, _ in proofs()} | {"tests/security/test_invariants_table.py"}
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "security").glob("test_*.py")}
    assert sorted(files - named) == []


def names_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }
