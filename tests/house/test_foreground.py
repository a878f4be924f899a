"""Ctrl-C at a terminal stops the command that `make` runs, and `make` still reports success."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.patience import PATIENCE

TOOL = Path(__file__).resolve().parents[2] / "tools" / "foreground.py"
SERVER = """
import signal
print("ready", flush=True)
signal.sigwait({signal.SIGINT})
print("stopped", flush=True)
"""
MASKED = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\n"
AT_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
CTRL_C = b"\x03"


@pytest.fixture
def makefile(tmp_path: Path) -> Path:
    server = tmp_path / "server.py"
    server.write_text(MASKED + SERVER, encoding="utf-8")
    path = tmp_path / "Makefile"
    path.write_text(f"demo:\n\t@{sys.executable} {TOOL} {sys.executable} {server}\n", encoding="utf-8")
    return path


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_ctrl_c_stops_the_command_and_make_succeeds(makefile: Path) -> None:
    """Stopping the demonstration the ordinary way must not look like a failure."""
    command = [sys.executable, "-c", AT_A_TERMINAL, "make", "--file", str(makefile), "demo"]
    outermost = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=outermost) as process,
        killed_on_failure(process),
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\r\n"
        process.stdin.write(CTRL_C)
        process.stdin.flush()
        assert b"stopped" in process.stdout.readline()
        assert process.wait(timeout=PATIENCE) == 0


@pytest.mark.processes
def test_without_a_terminal_the_exit_code_is_passed_on() -> None:
    """A start-up failure of the command must reach the shell."""
    assert run("-c", "raise SystemExit(3)").returncode == 3
    assert run("-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)").returncode == 137


@pytest.mark.processes
def test_terminate_is_passed_on_to_the_command() -> None:
    """A supervisor that stops the launcher must not leave the server behind."""
    command = [sys.executable, "-c", "print('ready', flush=True)\nwhile True: __import__('signal').pause()"]
    with (
        subprocess.Popen(
            [sys.executable, str(TOOL), *command], stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process,
        killed_on_failure(process),
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM


def test_a_missing_command_is_one_clear_line() -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), "/nowhere/command"],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 127
    assert done.stderr == "cannot run /nowhere/command: No such file or directory\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)


@contextlib.contextmanager
def killed_on_failure(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Ends the process when the test fails, which would otherwise wait for it without end."""
    try:
        yield
    except BaseException:
        process.kill()
        raise
