"""
The npm package: its own tests, its contract with the server, and what is published of it, installed.

The published client of the other server of the same contract takes the same journey, as it is.
"""

import json
import shutil
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.codegen.contract import DECLARATIONS
from bymax_auth.codegen.typescript import typescript_files
from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.results import AuthResult
from bymax_auth.types.wire import WireModel
from tests.integration.cli.dev_server import DevServer
from tests.packages.packing import node
from tools import npm_package
from tools.npm_package import FOLDER

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "react-vite"

EVERY_STEP: dict[str, object] = {
    "signedIn": [True, True],
    "me": True,
    "parallel": [200],
    "refreshes": 1,
    "challenged": True,
    "wrongCode": [True, 401, "auth.mfa_invalid_code"],
    "proven": [True, True],
    "signedOut": [True, 401, "auth.token_invalid"],
    "told": ["rejected", "expired"],
    "oldPassword": [True, 401, "auth.invalid_credentials"],
    "newPassword": True,
}


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.untraced
def test_the_packages_own_tests_pass() -> None:
    """Every decision of the client, and every line and branch of it."""
    node("--run", "test")


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.untraced
def test_what_is_published_takes_a_person_through_every_step(installed: Path, demo_server: DevServer) -> None:
    """Twenty requests with an expired access token cost one refresh."""
    report = journey("@bymax-one/python-auth", demo_server, installed)
    assert report == EVERY_STEP | {"registered": [True, ""]}
    loaded = json.loads(node("--input-type=module", "--eval", EVERY_ENTRY, folder=installed))
    counted = {"./shared": 24, "./client": 3, "./react": 9, "./components": 6, "./edge": 6, "./nextjs": 21}
    assert loaded == counted | {"same": True, "bare": "ERR_PACKAGE_PATH_NOT_EXPORTED"}
    published = {path.suffix for path in (installed / "node_modules/@bymax-one/python-auth").rglob("*.*")}
    assert published == {".cjs", ".cts", ".json", ".map", ".md", ".mjs", ".ts", ".wasm"}


EVERY_ENTRY = """
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/x.js");
const name = "@bymax-one/python-auth";
const found = {};
for (const entry of Object.keys(require(`${name}/package.json`).exports)) {
  if (entry.endsWith(".json")) continue;
  const [module, common] = [await import(name + entry.slice(1)), require(name + entry.slice(1))];
  const names = Object.keys(module).filter((each) => each !== "module.exports" && each !== "default");
  if (names.some((each) => !(each in common))) throw new Error(`${entry} differs`);
  found[entry] = names.length;
}
const [shared, client] = [await import(`${name}/shared`), await import(`${name}/client`)];
const another = new (require(`${name}/client`).AuthClientError)("m", 500);
found.same = shared.AuthClientError === client.AuthClientError && another instanceof shared.AuthClientError;
found.bare = await import(name).catch((error) => error.code);
console.log(JSON.stringify(found));
"""


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.untraced
def test_the_published_client_of_the_same_contract_works_as_it_is(
    demo_server: DevServer, tmp_path: Path
) -> None:
    """Whoever changes only the server must not touch the front end."""
    source = HERE / "published"
    npm_package.ready(source)
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    report = journey("@bymax-one/nest-auth", demo_server, tmp_path)
    # It refreshes once more for an answer that arrives late, and does not pass on every callback.
    assert report.pop("refreshes") >= 1
    expected = EVERY_STEP | {"registered": [True, None], "told": ["expired"]}
    assert report == {name: said for name, said in expected.items() if name != "refreshes"}


def journey(package: str, server: DevServer, folder: Path) -> dict[str, Any]:
    """Take the journey with an installed package, and return what it reports."""
    script = shutil.copy(HERE / "journey.mjs", folder)
    return dict(json.loads(node(script, package, server.url, folder=folder)))


class Renamed(WireModel):
    """A session whose token has another name."""

    user: SafeAuthUser
    token: str
    refresh_token: str


def test_a_renamed_field_breaks_the_build_of_the_client(tmp_path: Path) -> None:
    """The compiler finds each place that a change of the server reaches."""
    (changed,) = (each for each in DECLARATIONS if each.model is AuthResult)
    copy = a_copy(tmp_path)
    node("node_modules/typescript/bin/tsc", "--noEmit", folder=copy)
    for name, text in typescript_files([*DECLARATIONS, replace(changed, model=Renamed)]).items():
        (copy / "src/shared" / name).write_text(text, "utf-8")
    done = npm_package.run("node_modules/typescript/bin/tsc", "--noEmit", folder=copy)
    assert done.returncode != 0
    broken = ("src/client/create-auth-client.ts", "src/shared/wire-fixtures.generated.ts")
    assert [place for place in broken if place not in done.stdout] == []


def a_copy(folder: Path) -> Path:
    """The sources and the tests of the package, which may be changed."""
    npm_package.ready()
    for name in ("src", "test"):
        shutil.copytree(FOLDER / name, folder / name)
    for name in ("tsconfig.json", "package.json"):
        shutil.copy(FOLDER / name, folder)
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    return folder


def test_the_package_has_the_version_of_the_distribution() -> None:
    """Two halves of one contract are released together."""
    assert document_of(FOLDER)["version"] == version("bymax-auth")


@pytest.mark.parametrize(
    ("folder", "group"),
    [
        (FOLDER, "devDependencies"),
        (HERE / "published", "dependencies"),
        (EXAMPLE, "dependencies"),
        (EXAMPLE, "devDependencies"),
    ],
)
def test_what_npm_installs_is_exact_and_says_nothing_about_where_it_comes_from(
    folder: Path, group: str
) -> None:
    """Two installations of one commit are equal, and work with every registry."""
    assert "resolved" not in (folder / "package-lock.json").read_text("utf-8")
    pins = document_of(folder)[group].values()
    assert pins
    assert [pin for pin in pins if not pin[0].isdigit()] == []


def test_the_package_brings_one_other_with_it() -> None:
    """Every dependency is one more that the users of a library must trust."""
    assert document_of(FOLDER)["dependencies"] == {"server-only": "^0.0.1"}


def document_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "package.json").read_text("utf-8")))
