"""Runs tests against a copy of the package in which one module is changed."""

import os
import shutil
import subprocess
import sys
from enum import Enum
from pathlib import Path

from mutation.mirror import Tests
from mutation.mutants import Mutant

PACKAGE = Path("src") / "bymax_auth"
SECONDS = 180
ALL_PASSED = 0
SOME_FAILED = (1, 2)


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    TIMED_OUT = "timed out"
    NO_BASELINE = "NO TESTS"


class Trial:
    """One copy of the package; each mutant leaves it as it was."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._source = folder / "src"
        self._package = folder / PACKAGE
        self._passing: dict[Tests, bool] = {}
        shutil.copytree(root / PACKAGE, self._package)

    def verdict(self, mutant: Mutant, tests: Tests) -> Verdict:
        """Run the tests without the change, once for each set of them, and then with it."""
        if tests not in self._passing:
            self._passing[tests] = self._run(tests) == ALL_PASSED
        if not self._passing[tests]:
            return Verdict.NO_BASELINE
        path = self._package / mutant.module
        original = path.read_bytes()
        try:
            self._write(path, mutant.text.encode())
            code = self._run(tests)
        finally:
            self._write(path, original)
        if code is None:
            return Verdict.TIMED_OUT
        return Verdict.KILLED if code in SOME_FAILED else Verdict.SURVIVED

    def _write(self, path: Path, text: bytes) -> None:
        path.write_bytes(text)
        # Python compares a file's size and whole seconds, which two mutants may share.
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()

    def _run(self, tests: Tests) -> int | None:
        """The exit code of pytest, ``None`` when it took too long."""
        options = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "--no-header", "--hypothesis-seed=0"]
        command = [sys.executable, "-m", "pytest", *options, *tests.options, *tests.paths]
        environment = {**os.environ, "PYTHONPATH": str(self._source)}
        try:
            return subprocess.run(
                command, cwd=self._root, env=environment, capture_output=True, timeout=SECONDS, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return None
