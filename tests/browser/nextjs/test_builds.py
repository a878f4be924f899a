"""What bundlers make of the npm package: for browsers no build, for the edge the compiled verifier."""

import json
import shutil
from pathlib import Path

import httpx2
import pytest

from tests.browser.nextjs.building import build, project
from tests.browser.nextjs.conftest import EXAMPLE
from tests.browser.nextjs.deployment import SECRET, deployed, pages_served
from tests.browser.nextjs.projects import AT_THE_EDGE, EDGE_ROUTE, as_the_readme_says, in_the_browser, write
from tests.browser.nextjs.requests import signs_in_and_out
from tests.browser.nextjs.tokens import access_token
from tests.long import LONG, long_only
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port
from tests.servers.redis import RedisProcess
from tools import npm_package
from tools.npm_package import FOLDER

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

BUNDLERS = ["--turbopack", "--webpack"] if LONG else ["--turbopack"]
NEWEST = {"next": "16.4.6", "react": "19.3.1"}
LOWEST = {
    name: versions.split()[0].removeprefix(">=")
    for name, versions in json.loads((FOLDER / "package.json").read_text("utf-8"))["peerDependencies"].items()
}


@pytest.mark.parametrize("entry", ["nextjs", "edge"])
@pytest.mark.parametrize("bundler", BUNDLERS)
async def test_code_for_browsers_that_imports_what_is_for_servers_is_not_built(
    tmp_path: Path, packed_package: Path, bundler: str, entry: str
) -> None:
    """The secret that signs every token is sent to each visitor."""
    write(tmp_path, in_the_browser(entry))
    project(tmp_path, packed_package)
    done = build(tmp_path, bundler)
    assert done.returncode != 0
    assert "server-only" in done.stdout, done.stdout
    assert "app/page.jsx" in done.stdout, done.stdout


@pytest.mark.parametrize("bundler", BUNDLERS)
async def test_a_middleware_and_a_route_at_the_edge_verify_tokens(
    tmp_path: Path, packed_package: Path, bundler: str
) -> None:
    """An isolate at the edge refuses to compile the verifier, and nobody can sign in."""
    has_route = bundler == "--turbopack"
    write(tmp_path, AT_THE_EDGE | (EDGE_ROUTE if has_route else {}))
    project(tmp_path, packed_package)
    done = build(tmp_path, bundler)
    assert done.returncode == 0, done.stdout
    port = free_port()
    token = access_token(SECRET, "u_1")
    async with (
        pages_served(tmp_path, port, tmp_path / "pages.log"),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        refused = await client.get("/inside")
        assert (refused.status_code, refused.headers["location"]) == (307, "/login?redirectTo=%2Finside")
        forged = {"cookie": f"access_token={token[:-2]}; has_session=1", "x-user-id": "u_1"}
        assert (await client.get("/inside", headers=forged)).status_code == 307
        signed_in = {"cookie": f"access_token={token}", "x-user-id": "u_2"}
        assert "u_1" in (await client.get("/inside", headers=signed_in)).text
        # The application took the proxy's own value away, so that the handler's stands.
        report = await client.get("/inside/report", headers=signed_in)
        assert (report.text, report.headers["cache-control"]) == ("figures", "private, max-age=60")
        refused = await client.get("/inside/report", headers=forged)
        assert refused.headers["cache-control"] == "no-store, no-cache"
        if has_route:
            told = [(await client.get("/who", headers=headers)).json() for headers in (forged, signed_in)]
            assert told == [
                {"isValid": False, "signatureVerified": False},
                {"isValid": True, "signatureVerified": True, "sub": "u_1"},
            ]


@pytest.mark.parametrize(
    ("versions", "options"),
    [
        pytest.param(NEWEST, ["--webpack"], id="newest-webpack"),
        # In every run the default bundler builds the example and the project at the edge.
        pytest.param(NEWEST, [], id="newest", marks=long_only),
        pytest.param(LOWEST, [], id="lowest", marks=long_only),
    ],
)
async def test_an_empty_project_with_what_the_readme_shows_works(
    tmp_path: Path,
    packed_package: Path,
    redis_server: RedisProcess,
    versions: dict[str, str],
    options: list[str],
) -> None:
    """Somebody follows the README, and cannot build, sign in or stay signed in."""
    folder = tmp_path / "project"
    write(folder, as_the_readme_says())
    shutil.copy(EXAMPLE / "server.py", folder)
    npm = npm_package.npm_command(npm_package.ready())[-1]
    types = ("typescript@7.0.2", "@types/node@24.19.4", "@types/react@19.3.3")
    install = (npm, "install", "--prefer-offline", "--no-audit", "--no-fund", "--silent")
    wanted = versions | {"react-dom": versions["react"]}
    packages = [f"{name}@{version}" for name, version in wanted.items()]
    done = npm_package.run(*install, packed_package, *packages, *types, folder=folder)
    assert done.returncode == 0, done.stdout
    done = build(folder, *options)
    assert done.returncode == 0, done.stdout
    async with deployed(folder, redis_server.url, tmp_path) as deployment:
        await signs_in_and_out(deployment)
