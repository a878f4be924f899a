"""The example `react-vite`, built as its README says and served on a Redis."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.packages.packing import made_once
from tests.servers.forked import forked
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port
from tests.servers.redis import RedisProcess, until
from tools import npm_package

__all__ = ["Notebook", "built_notebook", "development_notebook", "environment", "notebook"]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "react-vite"
DOCUMENT = EXAMPLE / "package.json"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Notebook:
    """Where the application is, and what its server printed."""

    url: str
    log: Path

    async def mailed(self, email: str, pattern: str) -> str:
        """What a new mail to somebody says; it is sent after the answer to the request."""
        found: list[str] = []

        def arrived() -> bool:
            mails = self.log.read_text("utf-8").split(f"Mail to {email} ")
            found[:] = re.findall(pattern, mails[-1]) if len(mails) > 1 else []
            return bool(found)

        await asyncio.to_thread(until, arrived, f"{email} has mail")
        return found[0]


def readme() -> tuple[list[str], ...]:
    """The commands of each block of the README."""
    text = (EXAMPLE / "README.md").read_text("utf-8")
    return tuple([line.removeprefix("$ ") for line in block.splitlines()] for block in _BLOCK.findall(text))


@pytest.fixture(scope="session")
def built_notebook(tmp_path_factory: pytest.TempPathFactory, packed_package: Path) -> Path:
    """The example on the package that would be published, built by the commands of its README."""
    install, build = readme()[2][:-1], readme()[3][0]

    def make(folder: Path) -> None:
        ignored = shutil.ignore_patterns("node_modules", "dist", "*.tgz", ".env")
        shutil.copytree(EXAMPLE, folder, ignore=ignored, dirs_exist_ok=True)
        shutil.copy(packed_package, folder)
        for command in (*install, build):
            run(command, folder)

    return made_once(tmp_path_factory, "notebook", make)


def run(command: str, folder: Path) -> None:
    """Run a command of the README, which must succeed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def environment(**more: str) -> dict[str, str]:
    """That of somebody who has this Python, this Node and its npm."""
    node = npm_package.ready()
    # Python's programs are forked from a process that has their imports.
    path = os.pathsep.join(map(str, [forked().parent, node.parent, os.environ["PATH"]]))
    quiet = {"npm_config_prefer_offline": "true", "npm_config_audit": "false", "npm_config_fund": "false"}
    # The npm that comes with this Node is no program of its own.
    npm = f'() {{ {shlex.join(npm_package.npm_command(node))} "$@"; }}'
    return os.environ | quiet | {"PATH": path, "BASH_FUNC_npm%%": npm, **more}


@pytest.fixture(scope="session")
def notebook(
    built_notebook: Path, redis_process: RedisProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Notebook]:
    """The application as one server."""
    folder = tmp_path_factory.mktemp("notebook")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (_, *prepare, start) = readme()[0]
    assert readme()[3][1].endswith(start)
    command = "\n".join(
        [*prepare, f"exec python -m {start} --port {port} --app-dir {shlex.quote(str(built_notebook))}"]
    )
    with started(command, folder, url, APP_URL=url, REDIS_URL=redis_process.url) as running:
        yield running


@pytest.fixture(scope="session")
def development_notebook(built_notebook: Path, notebook: Notebook) -> Iterator[Notebook]:
    """The pages as they are during development: React calls every effect twice."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # npm would not pass on the signal that ends it.
    script = readme()[2][-1].removeprefix("npm run ")
    command = f"exec node_modules/.bin/{json.loads(DOCUMENT.read_text('utf-8'))['scripts'][script]}"
    command += f" --host 127.0.0.1 --port {port} --strictPort"
    with started(command, built_notebook, url, API_URL=notebook.url) as running:
        yield running


@contextmanager
def started(command: str, folder: Path, url: str, **variables: str) -> Generator[Notebook]:
    log = folder / "log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as process,
    ):

        def answers() -> bool:
            assert process.poll() is None, log.read_text("utf-8")
            try:
                return httpx2.get(url, timeout=PATIENCE).status_code == 200
            except httpx2.TransportError:
                return False

        try:
            until(answers, f"{url} answers")
            yield Notebook(url, log)
        finally:
            process.terminate()
            process.wait(PATIENCE)
