"""
A command run in this process: what it prints and how it ends is as in one of its own, which takes seconds.

That the installed program does the same is proven where it is run as such.
"""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from bymax_auth.cli import main
from tests.integration.cli.dev_server import surroundings
from tests.servers.forked import COMMAND

__all__ = ["run"]


def run(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself; `given` is its input."""
    words = [str(COMMAND), *map(str, arguments)]
    printed, complaints = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    # What nobody has configured, Python prints of warnings and failures.
    log = logging.StreamHandler(complaints)
    log.setLevel(logging.WARNING)
    with (
        pytest.MonkeyPatch.context() as patch,
        environment(surroundings() | dict(env or {})),
        redirect_stdout(printed),
        redirect_stderr(complaints),
    ):
        if cwd is not None:
            patch.chdir(cwd)
        patch.setattr(sys, "argv", words)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8"))
        logging.getLogger().addHandler(log)
        try:
            code = exit_code(complaints)
        finally:
            logging.getLogger().removeHandler(log)
    said = [stream.buffer.getvalue().decode() for stream in (printed, complaints)]  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(words, code, *said)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Have these variables and no other ones for a while; what the command itself sets goes with them."""
    outer = dict(os.environ)
    replace_environment(variables)
    try:
        yield
    finally:
        replace_environment(outer)


def replace_environment(variables: Mapping[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def exit_code(complaints: io.TextIOWrapper) -> int:
    """How the command ends, as the interpreter would end it."""
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            complaints.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
