"""The guide to testing, followed to the letter: its files make a project whose tests pass."""

import os
import subprocess
import sys
from pathlib import Path

from tests.examples.guides import ROOT, write_files


def test_the_tests_of_the_guide_pass_as_printed(tmp_path: Path) -> None:
    """Whoever starts with the test kit copies these files, and everything must be in them."""
    names = {path.name for path in write_files("testing.md", tmp_path)}
    assert {"app.py", "conftest.py", "test_app.py", "test_override.py"} <= names
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
