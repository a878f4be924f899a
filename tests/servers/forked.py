"""A start of the command line that costs a fork: see `fork_server.py`."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["COMMAND", "ForkServer", "end_fork_server", "forked"]

COMMAND = Path(sys.executable).with_name("bymax-auth")
"""The installed program, which starts an interpreter: for tests of the process itself."""

HERE = Path(__file__).parent
NAMES = ("bymax-auth", "python")


MODULES = (
    "aiosqlite",
    "anyio._backends._asyncio",
    "argon2",
    "bymax_auth.cli.audit_log",
    "bymax_auth.cli.commands",
    "bymax_auth.cli.dev.server",
    "bymax_auth.cli.operated_accounts",
    "bymax_auth.cli.serve.app",
    "bymax_auth.cli.serve.metrics_server",
    "bymax_auth.cli.serve.report",
    "bymax_auth.cli.serve.server",
    "bymax_auth.providers.http",
    "bymax_auth.stores.redis",
    "cryptography.hazmat.primitives.ciphers.aead",
    "encodings.idna",
    "pydantic_settings",
    "rich.progress",
    "uvicorn.lifespan.off",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
"""What the commands import when they run."""

OURS = ("BYMAX_AUTH_", "COVERAGE_", "WEB_CONCURRENCY")


def forked() -> Path:
    """
    A program that does what `COMMAND` does, in a process that has its imports already.

    Its process is another one than that of the command, which has a session of its own: a signal that the
    program gets is passed on, and the command is killed when the program is.  Elsewhere than on Linux it is
    `COMMAND` itself.
    """
    return fork_server().program if sys.platform == "linux" else COMMAND


@dataclass(frozen=True)
class ForkServer:
    """The process that is forked, and the program that asks for it."""

    process: subprocess.Popen[bytes]
    program: Path

    @classmethod
    def start(cls, modules: Sequence[str] = MODULES) -> "ForkServer":
        """Start one; whoever needs it before it has imported everything waits."""
        folder = Path(tempfile.mkdtemp(prefix="forked-"))
        client = (HERE / "fork_client.py").read_text(encoding="utf-8")
        for name in NAMES:
            program = folder / name
            # Without the packages of the environment, which the client does not need.
            program.write_text(f"#!{sys.executable} -IS\n{client}", encoding="utf-8")
            program.chmod(0o700)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket"))
            # Clients that come before the imports are done wait here.
            listener.listen()
            given = (HERE / "fork_server.py", folder, listener.fileno(), *modules)
            process = subprocess.Popen(
                # Beside the script are modules that are called as packages are.
                [sys.executable, "-P", *map(str, given)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={name: text for name, text in os.environ.items() if not name.startswith(OURS)},
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        return cls(process, folder / NAMES[0])

    def end(self) -> None:
        """End it and what was forked; it ends as well when this process does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@cache
def fork_server() -> ForkServer:
    """The one of this process."""
    return ForkServer.start()


def end_fork_server() -> None:
    """End the one of this process, if it was ever needed."""
    if fork_server.cache_info().currsize:
        fork_server().end()
        fork_server.cache_clear()
