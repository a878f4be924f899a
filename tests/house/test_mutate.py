"""Mutants are tested by the tests that mirror their module, so every module must have some."""

import tomllib
from pathlib import Path

from tools.mutation.mirror import CONTRACTS, PARTS, STORES, mirrored_tests

EQUIVALENT = "tools/equivalent_mutants.toml"

DECIDING = ("flows", "services", "jwt", "crypto", "stores/embedded")


def modules(root: Path) -> list[Path]:
    package = root / "src" / "bymax_auth"
    return [
        path.relative_to(package)
        for folder in DECIDING
        for path in sorted((package / folder).rglob("*.py"))
        if path.name != "__init__.py"
    ]


def test_every_module_that_decides_has_tests_that_mirror_it(root: Path) -> None:
    """A new module would stop the run, or be tested by nothing."""
    missing = [
        path
        for module in modules(root)
        for path in mirrored_tests(root, module).paths
        if not (root / path).exists()
    ]
    assert missing == []


def test_every_special_case_is_of_a_module_that_exists(root: Path) -> None:
    """A module that was renamed would be tested by less than it was."""
    found = {module.as_posix() for module in modules(root)}
    assert set(PARTS) <= found
    assert {f"stores/embedded/{name}.py" for name in STORES} <= found
    assert all((root / CONTRACTS / suite).is_file() for suites in STORES.values() for suite in suites)


def test_every_listed_change_is_of_lines_that_exist(root: Path) -> None:
    """A reason that is left over would excuse a change that it was not written for."""
    listed = tomllib.loads((root / EQUIVALENT).read_text(encoding="utf-8"))["mutant"]
    for one in listed:
        lines = (root / "src" / "bymax_auth" / one["module"]).read_text(encoding="utf-8").splitlines()
        assert one["before"] in " ".join(line.strip() for line in lines), one
        assert one["reason"].endswith("."), one
