"""
Runs the command line in a process that is forked from one which has imported it: see `fork_server.py`.

It gives the fork server its arguments, environment, folder and streams, passes on the signals that it gets,
and ends as the forked process does.  When it is killed, so is the forked process.

Each start of the command line in a test is one of this file, so it imports only what is part of the
interpreter: `socket`, `signal` and `os` would double what it costs.
"""

# What `signal` is made of has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingImports=false
# pyright: reportPrivateUsage=false, reportAttributeAccessIssue=false

import marshal
import posix
import sys
from _signal import (
    SIG_BLOCK,
    SIG_DFL,
    SIG_UNBLOCK,
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGTERM,
    SIGUSR1,
    SIGUSR2,
    pthread_sigmask,
    signal,
)
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

FORWARDED = (SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2)
STREAMS = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))


def main() -> None:
    """Run the command, and end as it does."""
    # The command may be running before this process has said what it does with a signal.
    pthread_sigmask(SIG_BLOCK, FORWARDED)
    connection = socket(AF_UNIX, SOCK_STREAM)
    connection.connect(sys.argv[0].rpartition("/")[0] + "/socket")
    mask = posix.umask(0)
    posix.umask(mask)
    request = marshal.dumps((sys.argv, posix.environ, posix.getcwd(), mask))
    connection.sendmsg([len(request).to_bytes(4, "big")], [(SOL_SOCKET, SCM_RIGHTS, STREAMS)])
    connection.sendall(request)

    def forward(number: int, _frame: object) -> None:
        try:
            connection.send(bytes([number]))
        except OSError:
            return  # the command has ended, and how it did is there to be read

    for number in FORWARDED:
        signal(number, forward)
    pthread_sigmask(SIG_UNBLOCK, FORWARDED)
    answer = connection.recv(2)
    if not answer:
        sys.exit("The fork server has ended.")
    code = int.from_bytes(answer, "big", signed=True)
    if code >= 0:
        posix._exit(code)
    if -code in FORWARDED:
        signal(-code, SIG_DFL)
    posix.kill(posix.getpid(), -code)


main()
