"""
Runs scripts of the npm package, whose dependencies are installed first when they are missing or old.

    python -m tools.npm_package check
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

from benchmarks.node import Unavailable, find_node, install, is_installed, npm_command

FOLDER = Path(__file__).resolve().parent.parent / "packages" / "python-auth"
NODE = 24
"""What builds and tests it; what it needs where it is used is in its `package.json`."""

SHOWN = {"mutate"}
"""Scripts whose output is of interest also when they succeed, and that run for long."""


def ready(folder: Path = FOLDER) -> Path:
    """
    Return the Node that runs the scripts, once the packages of a lock file are installed.

    Raises:
        Unavailable: There is no Node, no npm, or npm could not install them; says which.
    """
    node = find_node(NODE)
    with (Path(gettempdir()) / "bymax-auth-npm-package.lock").open("w") as lock:
        # Several processes of one test run come here at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(folder, "package-lock.json"):
            install(node, folder, "ci")
    return node


def run(*command: str | Path, folder: Path = FOLDER, shown: bool = False) -> subprocess.CompletedProcess[str]:
    """
    Run Node with these arguments; what it prints is in the result, or shown at once.

    Raises:
        Unavailable: There is no Node, no npm, or npm could not install the packages; says which.
    """
    node = ready()
    npm = npm_command(node)
    # The scripts call the npm that they are told, and the Node that runs them.
    surroundings = {"npm_execpath": npm[-1], "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(
        [node, *command],
        cwd=folder,
        env=os.environ | surroundings,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
    )


def main(arguments: list[str]) -> int:
    for script in arguments:
        try:
            done = run("--run", script, shown=script in SHOWN)
        except Unavailable as problem:
            print(f"{problem}: packages/python-auth needs Node {NODE} with npm", file=sys.stderr)
            return 1
        if done.returncode != 0:
            print(done.stdout or f"{script} failed")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
