"""Ending `bymax-auth dev` the ordinary ways is a success, and says nothing."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.dev_server import (
    LAST_LINE,
    PATIENCE,
    free_port,
    serving,
    signed_in,
    socket_of,
    surroundings,
)
from tests.servers.forked import COMMAND

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[3]
AT_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
CTRL_C = b"\x03"


def test_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    """A script that stops the server takes the stop for a crash, or the data file is left half written."""
    with serving("--data", tmp_path / "demo.db", command=COMMAND) as server, server.client() as browser:
        signed_in(browser, "member@example.com", "pebble-compass-violin-47")
        # The browser's connections are still open: the server does not wait for them.
        with socket_of(server, browser):
            assert server.end(signal.SIGTERM) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["demo.db"]


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_ctrl_c_ends_the_demonstration_without_an_error(tmp_path: Path) -> None:
    """`make demo` ends with "Error 130", and a new user believes that something broke."""
    environment = {
        name: text for name, text in surroundings().items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    stamp = Path(sys.prefix) / ".demo-ready"
    make = ["make", "--directory", str(ROOT), f"VENV={sys.prefix}", "--old-file", str(stamp), "demo"]
    choices = [f"PORT={free_port()}", f"DATA={tmp_path / 'demo.db'}", "ARGS="]
    with subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL, *make, *choices],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            shown = iter(process.stdout.readline, b"")
            before: list[str] = []
            for line in shown:
                before.append(line.decode().strip())
                if before[-1] == LAST_LINE:
                    break
            assert before[-1:] == [LAST_LINE], before
            os.write(process.stdin.fileno(), CTRL_C)
            rest = b"".join(shown)
            assert process.wait(timeout=PATIENCE) == 0, rest
            assert b"rror" not in rest
        except BaseException:
            process.kill()
            raise
