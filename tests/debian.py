"""Programs that tests need and Python cannot bring: found, or installed as root on Debian."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

FoundT = TypeVar("FoundT")


def found_or_installed(
    find: Callable[[], FoundT | None],
    package: str,
    wanted: str,
    *,
    instead: Callable[[], FoundT | None] = lambda: None,
) -> FoundT:
    """
    What `find` finds, after installing `package` where that is possible and it finds nothing.

    What `instead` finds is used when that is not possible.  Without it either, the test fails with a
    line that says what is `wanted` and how to get it.
    """
    # One lock for every package: the package manager refuses a second run beside the first.
    with (Path(tempfile.gettempdir()) / "auth-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = find()
        if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
            apt_get("update", "-q")
            apt_get("install", "-q", "-y", "--no-install-recommends", package)
            found = find()
    if found is None:
        found = instead()
    if found is None:
        pytest.fail(f"These tests need {wanted}. On Debian: apt-get install {package}", pytrace=False)
    return found


def apt_get(*arguments: str) -> None:
    """Run the package manager; whether it succeeded shows in what is found afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *arguments], env=environment, check=False, capture_output=True)
