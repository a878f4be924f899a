"""
A process that has imported what tests import from others, and forks a child for each run of pytest.

    stdin: [seconds, argument, …] as a line of JSON ──▶ stdout: the exit code of pytest

The start of Python and these imports take longer than most of the tests that notice a change.  The package
is not among them, so each child imports it as it is at that moment.
"""

import gc
import json
import os
import signal
import sys
from importlib import import_module

import pytest

IMPORTED = (
    "argon2",
    "cryptography.hazmat.primitives.ciphers.aead",
    "fastapi.security",
    "hypothesis.strategies",
    "pydantic_settings",
    "pytest_asyncio.plugin",
    "redis.asyncio.cluster",
    "sqlalchemy.ext.asyncio",
    "xdist.plugin",
)


def main() -> None:
    for name in IMPORTED:
        import_module(name)
    gc.freeze()
    for line in sys.stdin:
        seconds, *arguments = json.loads(line)
        print(run(seconds, arguments), flush=True)


def run(seconds: int, arguments: list[str]) -> int:
    """The exit code of pytest in a child, negative when the alarm ended it."""
    child = os.fork()
    if child == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        signal.alarm(seconds)
        os._exit(pytest.main(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
