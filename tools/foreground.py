"""
Runs a command as the terminal's foreground job, so that Ctrl-C reaches it and not the `make` above it.

`make` dies of the interrupt that stops its recipe and then reports a failure. Here the command gets a
process group of its own and the terminal with it; when it has shut down, the terminal goes back and its
exit code is passed on. Without a terminal the command simply runs in the caller's group.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


def main() -> int:
    if len(sys.argv) < 2:
        print("usage: foreground.py COMMAND [ARGUMENT…]", file=sys.stderr)
        return 2
    terminal = controlling_terminal()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a background group may take the terminal back
    child = os.fork()
    if child == 0:
        become(sys.argv[1:], terminal)
    if terminal is not None:
        with contextlib.suppress(OSError):  # the child does the same; whichever runs first wins
            os.setpgid(child, child)
            os.tcsetpgrp(terminal, child)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    with returning(terminal):
        return exit_code_of(child, terminal)


def controlling_terminal() -> int | None:
    """The terminal whose foreground group this process is in, or `None`."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
        return terminal if os.tcgetpgrp(terminal) == os.getpgrp() else None
    except OSError:
        return None


def become(command: list[str], terminal: int | None) -> None:
    """Turns this process into the command; never returns."""
    if terminal is not None:
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


@contextlib.contextmanager
def returning(terminal: int | None) -> Iterator[None]:
    """Gives the terminal back to this process's group afterwards."""
    try:
        yield
    finally:
        if terminal is not None:
            os.tcsetpgrp(terminal, os.getpgrp())


def exit_code_of(child: int, terminal: int | None) -> int:
    """Waits for the command, suspending the whole job with it on Ctrl-Z."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if terminal is None:
            continue
        os.tcsetpgrp(terminal, os.getpgrp())
        os.killpg(os.getpgrp(), signal.SIGSTOP)
        os.tcsetpgrp(terminal, child)
        os.killpg(child, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main())
