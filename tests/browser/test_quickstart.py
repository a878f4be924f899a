"""
The quick start, followed to the letter: its files, its commands, and what a reader then sees.

What is installed are the wheel and the tarball that would be published, and of other packages the versions
that the project is tested with.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.nextjs.building import QUIET, project
from tests.browser.notebook import environment
from tests.browser.visit import PATIENCE_MS
from tests.examples.guides import ROOT, blocks_of
from tests.long import LONG
from tests.packages.packing import built_wheel, packed_package
from tests.servers.forked import COMMAND
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port
from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["built_wheel", "packed_package"]

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.untraced]

PAGE = ROOT / "docs" / "quickstart.md"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
SHOWN_PORTS = ("8000", "5173", "3000")
README = FOLDER / "README.md"
CODE_OF_REACT = re.compile(r"^```tsx\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED_PAGE = """<!doctype html><html lang="en"><title>As the README says</title><main id="root"></main>
<script type="module">
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
createRoot(document.getElementById("root")).render(createElement(App));
</script></html>"""
PROGRAMS = {"vite": "vite/bin/vite.js", "next": "next/dist/bin/next"}
OURS = ("BYMAX_AUTH_", "PYTHONPATH", "WEB_CONCURRENCY")
NAME = r"(?<= )(?!--)@?[a-z][\w/-]*"


@dataclass(frozen=True)
class Reader:
    """Somebody who has copied every file, on a machine where other ports are free."""

    folder: Path
    ports: dict[str, str]
    wheel: Path
    tarball: Path

    @property
    def variables(self) -> dict[str, str]:
        places = [
            self.folder / ".venv" / "bin",
            COMMAND.parent,
            npm_package.ready().parent,
            os.environ["PATH"],
        ]
        ours = {
            "PATH": os.pathsep.join(map(str, places)),
            "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONUNBUFFERED": "1",
        }
        given = environment(**QUIET, **ours)
        return {name: text for name, text in given.items() if not name.startswith(OURS)}

    def copy(self) -> None:
        """Write every file of the page."""
        for block in blocks_of(PAGE):
            if block.title is not None:
                path = self.folder / block.title
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self.shown(block.text), encoding="utf-8")

    def shown(self, text: str) -> str:
        """A text of the page with the ports of this machine."""
        return re.sub("|".join(SHOWN_PORTS), lambda port: self.ports[port.group()], text)

    def address(self, port: str) -> str:
        return f"http://localhost:{self.ports[port]}"

    def command(self, beginning: str) -> str:
        """The command of the page that begins so, as it is typed."""
        (found,) = [line for line in commands() if line.startswith(beginning)]
        return self.shown(found)

    def install_the_server(self) -> None:
        """Type the lines about Python, with a file in the place of what PyPI has."""
        install = self.command('pip install "bymax-auth').replace("bymax-auth", str(self.wheel))
        self._type(self.command("python -m venv"), install)

    def install_the_pages(self, part: str) -> None:
        """Type the lines for a folder, with a file in the place of what npm has."""
        locked = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]

        def chosen(name: re.Match[str]) -> str:
            if name.group() == "@bymax-one/python-auth":
                return str(self.tarball)
            return f"{name.group()}@{locked[f'node_modules/{name.group()}']['version']}"

        lines = [re.sub(NAME, chosen, f" {line}") for line in packages_of(part)]
        self._type(f"cd {part}", *(f"npm install{line}" for line in lines))

    def run(self, *beginnings: str) -> None:
        self._type(*map(self.command, beginnings))

    def _type(self, *lines: str) -> None:
        done = subprocess.run(
            ["bash", "-ec", "\n".join(lines)],
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    @asynccontextmanager
    async def serving(self, beginning: str, *options: str, part: str = "") -> AsyncGenerator[Path]:
        """Serve as a command of the page says, until the block ends; what it prints is in the file."""
        words = [*self.command(beginning).split(), *options]
        if words[0] == "npx":
            script = self.folder / part / "node_modules" / PROGRAMS[words[1]]
            words = [str(npm_package.ready()), str(script), *words[2:]]
        log = self.folder / f"{part or 'api'}.log"
        with log.open("wb") as printed:
            process = await asyncio.create_subprocess_exec(
                *words,
                cwd=self.folder / part,
                env=self.variables,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
            )
            try:
                yield log
            finally:
                # Next leaves the work to a process of its own.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


def commands() -> list[str]:
    """The commands of the page, as they are typed."""
    lines = "".join(block.text for block in blocks_of(PAGE, "console")).splitlines()
    return [line.removeprefix("$ ") for line in lines]


def packages_of(part: str) -> list[str]:
    """What the page installs in a folder, a text for each command."""
    text = PAGE.read_text(encoding="utf-8")
    (section,) = [each for each in text.split("\n## ") if f"In a folder `{part}`" in each]
    return re.findall(r"^\$ npm install (.*)$", section, re.MULTILINE)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, packed_package: Path, built_wheel: Path) -> Reader:
    """A reader who has installed what the page says, and copied its files."""
    folder = tmp_path_factory.mktemp("quickstart")
    reader = Reader(folder, {port: str(free_port()) for port in SHOWN_PORTS}, built_wheel, packed_package)
    reader.copy()
    reader.install_the_server()
    reader.install_the_pages("web")
    if LONG:
        reader.install_the_pages("site")
    else:
        # Next is two hundred megabytes, which the tests of its example have on this machine already.
        project(folder / "site", packed_package)
    return reader


@pytest.mark.asyncio(loop_scope="session")
async def test_a_reader_who_follows_the_quick_start_signs_in_on_both_pages(
    reader: Reader, context: BrowserContext
) -> None:
    """The first ten minutes with the library end at an error message."""
    reader.run("bymax-auth keygen", 'echo "JWT_SECRET=', 'echo "API_BASE_URL=')
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    async with reader.serving("uvicorn") as api:
        await until(api, "Uvicorn running on")
        port = ("--port", reader.ports["5173"], "--strictPort")
        async with reader.serving("npx vite", *port, part="web") as log:
            await until(log, "ready in")
            await on_the_react_page(page, reader.address("5173"), api)
            await on_the_page_of_the_packages_readme(page, reader)
        async with reader.serving("npx next dev", "--port", reader.ports["3000"], part="site") as log:
            await until(log, "Ready in")
            await on_the_next_pages(page, reader.address("3000"))


async def on_the_react_page(page: Page, address: str, api: Path) -> None:
    await page.goto(address)
    await page.get_by_role("button", name="I am new here").click()
    await page.get_by_label("Name").fill("Ada")
    await fill(page)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", name="Verify your email")).to_be_visible()
    printed = await until(api, r"^Mail to ada@example\.com[^─]*\b[0-9]{6}\b")
    (code,) = set(re.findall(r"\b[0-9]{6}\b", printed.partition("Mail to")[2].partition("─")[0]))
    await page.get_by_label("Code").fill(code)
    await page.get_by_role("button", name="Verify").click()
    await fill(page)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    await page.get_by_role("button", name="Ask the API who I am").click()
    await expect(page.get_by_role("status")).to_contain_text('"role":"USER"')
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="I am new here")).to_be_visible()


async def on_the_page_of_the_packages_readme(page: Page, reader: Reader) -> None:
    """The same project, with the code of the npm package's README instead."""
    (code,) = CODE_OF_REACT.findall(README.read_text("utf-8"))
    folder = reader.folder / "web" / "readme"
    folder.mkdir()
    (folder / "app.tsx").write_text(code, "utf-8")
    (folder / "index.html").write_text(COPIED_PAGE, "utf-8")
    await page.goto(f"{reader.address('5173')}/readme/index.html")
    await fill(page)
    await page.get_by_role("button", name="Sign in").click()
    sign_out = page.get_by_role("button", name="Ada: sign out")
    await expect(sign_out).to_be_visible()
    await page.context.clear_cookies(name="access_token")
    async with page.expect_response(lambda response: response.url.endswith("/auth/refresh")) as refreshed:
        await page.reload()
    assert (await refreshed.value).status == 200
    await expect(sign_out).to_be_visible()
    await sign_out.click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()


async def on_the_next_pages(page: Page, address: str) -> None:
    await page.goto(f"{address}/dashboard")
    assert page.url == f"{address}/login?redirectTo=%2Fdashboard"
    await fill(page)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    await expect(page.get_by_text("with the role USER")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(f"{address}/login")


async def fill(page: Page) -> None:
    await page.get_by_label("Email", exact=True).fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)


async def until(log: Path, pattern: str) -> str:
    """What a program has printed, once it matches; it prints after the answer."""
    async with asyncio.timeout(PATIENCE):
        while re.search(pattern, printed := log.read_text("utf-8"), re.MULTILINE) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return printed


@pytest.mark.parametrize("part", ["web", "site"])
def test_the_compiler_accepts_the_files_of_the_quick_start(reader: Reader, part: str) -> None:
    """An editor underlines what a reader has just copied."""
    folder = reader.folder / part
    shutil.copy(reader.folder / "web" / "tsconfig.json", folder / "strict.json")
    everything = (
        (folder / "strict.json")
        .read_text("utf-8")
        .replace('"src", "vite.config.mts"', '"**/*.ts", "**/*.mts", "**/*.tsx"')
    )
    (folder / "strict.json").write_text(everything, "utf-8")
    compiler = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"
    done = npm_package.run(compiler, "--project", "strict.json", folder=folder)
    assert done.returncode == 0, done.stdout


def test_the_react_page_can_be_built(reader: Reader) -> None:
    """What runs during development cannot be deployed."""
    done = npm_package.run("node_modules/vite/bin/vite.js", "build", folder=reader.folder / "web")
    assert done.returncode == 0, done.stdout
    # How Vite begins what it has to say about its configuration.
    assert "(!)" not in done.stdout
    assert (reader.folder / "web" / "dist" / "index.html").exists()


@pytest.mark.parametrize("part", ["web", "site"])
def test_the_quick_start_installs_what_its_files_import(part: str) -> None:
    """The first start ends with a package that cannot be found."""
    installed = {name for line in packages_of(part) for name in re.findall(NAME, f" {line}")}
    titled = [block.text for block in blocks_of(PAGE) if (block.title or "").startswith(f"{part}/")]
    imported = set(
        re.findall(r'^(?:import|\} from)[^;]*"((?:@[\w-]+/)?[\w-]+)', "\n".join(titled), re.MULTILINE)
    )
    assert imported - installed == set()
