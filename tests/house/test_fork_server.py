"""A command that is forked from a process with its imports behaves as one that was started."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.cli.dev_server import run
from tests.servers.forked import COMMAND, ForkServer, forked
from tests.servers.patience import PATIENCE

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="Commands are forked on Linux alone."),
]

ECHO = """
import atexit, json, os, sys

atexit.register(print, "ended")
given = [sys.argv[1:], dict(os.environ), os.getcwd(), os.umask(0), sys.stdin.read()]
given += [sorted(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))]
print(json.dumps(given))
print("complaint", file=sys.stderr)
sys.exit(7)
"""
ASLEEP = """
import os, signal, sys, time

def end(number, frame):
    os.write(1, b"asked to end\\n")  # `print` may be what the signal has interrupted
    sys.exit(3)

if sys.argv[1:]:
    signal.signal(signal.SIGTERM, end)
print(os.getpid(), flush=True)
while True:
    time.sleep(60)
"""


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder with modules that the stand-in of the interpreter runs."""
    (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
    (tmp_path / "asleep.py").write_text(ASLEEP, encoding="utf-8")
    return tmp_path


@contextmanager
def asleep(folder: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A command that does nothing, and the number of its own process."""
    python = forked().with_name("python")
    words = [python, "-m", "asleep", *arguments]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def until_gone(number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{number}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_says_and_returns_what_the_installed_program_does() -> None:
    """Tests prove something of a program that nobody has."""
    started, forked_one = (run("check", command=command) for command in (COMMAND, forked()))
    assert forked_one.args != started.args
    assert (forked_one.returncode, forked_one.stdout, forked_one.stderr) == (
        started.returncode,
        started.stdout,
        started.stderr,
    )


def test_it_has_what_it_is_started_with_and_nothing_else(modules: Path) -> None:
    """A command is configured by what another one was given, or by the tests' own process."""
    given = {name: text for name, text in os.environ.items() if name.startswith(("LANG", "LC_", "PYTHON"))}
    given |= {"GREETING": "olá"}
    before = os.umask(0o027)
    try:
        done = subprocess.run(
            [forked().with_name("python"), "-m", "echo", "a", "ã"],
            cwd=modules,
            env=given,
            input="hello",
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    finally:
        os.umask(before)
    line, last = done.stdout.splitlines()
    arguments, environment, folder, mask, read, files, threads = json.loads(line)
    assert (arguments, folder, mask, read) == (["a", "ã"], str(modules), 0o027, "hello")
    assert environment == given
    # The last one is the listing itself.
    assert (files, threads) == (["0", "1", "2", "3"], 1)
    assert (last, done.stderr, done.returncode) == ("ended", "complaint\n", 7)


def test_a_signal_reaches_it_and_its_end_is_passed_on(modules: Path) -> None:
    """A server is never told to end, or nobody sees that it failed."""
    with asleep(modules, "in order") as (process, _):
        process.terminate()
        assert process.communicate(timeout=PATIENCE) == ("asked to end\n", None)
        assert process.returncode == 3
    with asleep(modules) as (process, number):
        process.terminate()
        assert process.wait(PATIENCE) == -signal.SIGTERM
        until_gone(number)
    with asleep(modules) as (process, number):
        os.kill(number, signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL


def test_a_signal_that_comes_too_late_changes_nothing(modules: Path) -> None:
    """A server ended as it should, and the signal that a test sent meanwhile made a failure of it."""
    with asleep(modules) as (process, number):
        process.send_signal(signal.SIGSTOP)
        os.kill(number, signal.SIGKILL)
        until_gone(number)
        process.terminate()
        process.send_signal(signal.SIGCONT)
        assert process.wait(PATIENCE) == -signal.SIGKILL


def test_a_client_that_ends_in_the_middle_of_its_request_ends_nobody_else() -> None:
    """One killed start would fail every test after it."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(forked().with_name("socket")))
        socket.send_fds(client, [(100).to_bytes(4, "big")], [0, 1, 2])
        client.sendall(b"half of a request")
    assert run("--version", command=forked()).returncode == 0


def test_it_is_killed_with_its_client_and_with_the_tests(modules: Path) -> None:
    """Servers of tests that were killed hold their ports and their memory until somebody finds them."""
    with asleep(modules) as (process, number):
        process.kill()
        until_gone(number)
    own = ForkServer.start([])
    folder = own.program.parent
    words = [own.program.with_name("python"), "-m", "asleep"]
    with subprocess.Popen(words, cwd=modules, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        own.end()
        until_gone(number)
        assert process.wait(PATIENCE) == 1
    assert not folder.exists()


def test_it_refuses_what_only_an_interpreter_can_do() -> None:
    """A test believes that Python was started with an option, and it was not."""
    done = run("--version", env={"PYTHONDEVMODE": "1"}, command=forked())
    assert done.returncode == 1
    assert "PYTHONDEVMODE" in done.stderr
