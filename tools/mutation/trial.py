"""Runs tests against a copy of the package in which one module is changed."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from enum import Enum
from pathlib import Path

from mutation.mirror import Tests
from mutation.mutants import Mutant

PACKAGE = Path("src") / "bymax_auth"
MOST_SECONDS = 300
"""For tests without a change."""
LEAST_SECONDS = 15
"""For tests with a change; most take less than a second without one, and are slowed down by others."""
OPTIONS = ("-x", "-q", "-n0", "--no-cov", "-p", "no:cacheprovider", "--assert=plain", "--hypothesis-seed=0")
ALL_PASSED = 0


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    TIMED_OUT = "timed out"
    NO_BASELINE = "NO TESTS"


VERDICTS = {ALL_PASSED: Verdict.SURVIVED, -signal.SIGALRM: Verdict.TIMED_OUT}
"""What the exit code of pytest means, where it does not mean that a test failed, or could not be imported."""


class Trial:
    """One copy of the package; each mutant leaves it as it was."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._package = folder / PACKAGE
        self._options = (*OPTIONS, f"--basetemp={folder / 'temporary'}")
        self._seconds: dict[Tests, int | None] = {}
        shutil.copytree(root / PACKAGE, self._package, ignore=shutil.ignore_patterns("__pycache__"))
        self._tester = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("warm.py")],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def verdict(self, mutant: Mutant, tests: Tests) -> Verdict:
        """Run the tests with the change, for as long as they may take compared with a run without it."""
        seconds = self._seconds[tests] if tests in self._seconds else self._patience(tests)
        while seconds is not None:
            self._seconds[tests] = seconds
            verdict = VERDICTS.get(self._run_changed(mutant, tests, seconds), Verdict.KILLED)
            if verdict is not Verdict.TIMED_OUT:
                return verdict
            # Either the change makes a test wait for ever, or the machine has become slower meanwhile.
            allowed, seconds = seconds, self._patience(tests)
            if seconds is not None and seconds <= allowed:
                return verdict
        self._seconds[tests] = None
        return Verdict.NO_BASELINE

    def close(self) -> None:
        self._tester.communicate()

    def _patience(self, tests: Tests) -> int | None:
        """How long the tests may take with a change, ``None`` when they fail without one."""
        begun = time.monotonic()
        passed = self._run(tests, MOST_SECONDS) == ALL_PASSED
        return LEAST_SECONDS + 3 * math.ceil(time.monotonic() - begun) if passed else None

    def _run_changed(self, mutant: Mutant, tests: Tests, seconds: int) -> int:
        path = self._package / mutant.module
        original = path.read_bytes()
        try:
            self._write(path, mutant.text.encode())
            return self._run(tests, seconds)
        finally:
            self._write(path, original)

    def _write(self, path: Path, text: bytes) -> None:
        path.write_bytes(text)
        # Python compares a file's size and whole seconds, which two mutants may share.
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()

    def _run(self, tests: Tests, seconds: int) -> int:
        """The exit code of pytest, negative when it took too long."""
        assert self._tester.stdin is not None  # noqa: S101 - both are pipes
        assert self._tester.stdout is not None  # noqa: S101
        request = json.dumps([seconds, *self._options, *tests.options, *tests.paths])
        print(request, file=self._tester.stdin, flush=True)
        return int(self._tester.stdout.readline())
