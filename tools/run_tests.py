"""
Runs the test suite under branch coverage, then holds the core packages to full coverage.

The coverage verdict is printed before pytest's closing line, which stays the last line of the run; the
exit code is non-zero when a test fails or a gated package has an untested branch. A run narrowed by
arguments of its own (a path, `-k`, `-m`) cannot reach the gates, so they are left out and the run says so.

    python tools/run_tests.py [--fully-covered 'flows jwt'] [-- pytest arguments]
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path("src/bymax_auth")
CLOSING_LINE = re.compile(
    r"^(=+ )?\d+ (passed|failed|error|skipped|warning).* in [\d.]+s|^=+ .* in [\d.]+s.* =+$"
)
NO_TESTS_COLLECTED = 5


def main() -> int:
    parser = argparse.ArgumentParser(description="run the tests with the coverage gates")
    parser.add_argument("--fully-covered", default="", help="packages whose every branch must be tested")
    parser.add_argument("pytest_arguments", nargs="*")
    options = parser.parse_args()
    coverage("erase")
    code, closing_line = run_pytest(options.pytest_arguments)
    coverage("combine", "--quiet")
    if is_narrowed(options.pytest_arguments):
        print("\ncoverage gates left out: this run was narrowed by its arguments")
    elif not gates_hold(options.fully_covered.split()):
        code = code or 1
    print(
        f"\n{closing_line}" if closing_line else f"\npytest ended with {code} and no closing line", flush=True
    )
    return code


def run_pytest(arguments: list[str]) -> tuple[int, str]:
    """Runs pytest, passing its output on as it comes except for the closing line, which is returned."""
    command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", *arguments]
    closing_line = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        for line in process.stdout:
            if CLOSING_LINE.match(line):
                closing_line = line.rstrip()
            else:
                print(line, end="", flush=True)
    return process.returncode, closing_line


def is_narrowed(arguments: list[str]) -> bool:
    """Whether the arguments choose some of the tests."""
    return any(
        argument in {"-k", "-m", "--lf", "--sw"} or argument.startswith("tests") for argument in arguments
    )


def gates_hold(packages: list[str]) -> bool:
    """Whether every branch of each package ran; prints what did not."""
    present = [package for package in packages if (ROOT / PACKAGE / package).is_dir()]
    if os.environ.get("TEST_BUDGET") == "long":
        print("\ncoverage of everything", flush=True)
        coverage("report", "--format=total")
    if not present:
        return True
    include = ",".join(f"{PACKAGE}/{package}/*" for package in present)
    print(f"\nbranch coverage of {' '.join(present)}: 100 % required", flush=True)
    return coverage("report", f"--include={include}", "--fail-under=100", "--precision=2") == 0


def coverage(*arguments: str) -> int:
    """Runs one coverage command in the project's root; returns its exit code."""
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
