"""The verifier of the installed package, in every place that loads it in a way of its own."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packages.packing import node
from tools.npm_package import FOLDER

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.untraced]

HERE = Path(__file__).parent
VECTORS = HERE.parents[1] / "conformance" / "jwt-vectors.json"
SCRIPTS = ("judge.mjs", "judge_vectors.mjs", "judge_in_vite.mjs", "judge.test.mjs", "in_the_browser.mjs")
RUNTIMES = {
    "Deno": "@deno/*/deno run --no-prompt --cached-only --node-modules-dir=manual --allow-read",
    "Bun": "@oven/*/bin/bun run --no-install",
}


def judged() -> int:
    """How many vectors the entry can be told; the leeways of the others it cannot."""
    leeways = [(one["expLeeway"], one["iatLeeway"]) for one in json.loads(VECTORS.read_text("utf-8"))]
    told = sum(1 for expiry, issue in leeways if (expiry, issue) == (0, 60) or expiry == issue)
    assert told > 290
    return told


@pytest.fixture
def project(installed: Path) -> Path:
    """The project with the package, and with code that uses it."""
    for name in SCRIPTS:
        shutil.copy(HERE / name, installed)
    return installed


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_another_runtime_judges_every_vector_alike(project: Path, runtime: str, tmp_path: Path) -> None:
    """A token that one verifier refuses and another lets pass is a way around the stricter one."""
    pattern, *options = RUNTIMES[runtime].split()
    binary, *_ = (FOLDER / "node_modules").glob(pattern)
    done = subprocess.run(
        [binary, *options, "judge_vectors.mjs", VECTORS],
        cwd=project,
        env={"HOME": str(tmp_path), "DENO_NO_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"wrong": [], "judged": judged()}


def test_vite_judges_every_vector_alike_on_a_server_and_sends_no_browser_the_verifier(project: Path) -> None:
    """A page rendered on a server cannot tell who is signed in, or the secret goes to each visitor."""
    told = json.loads(node("judge_in_vite.mjs", VECTORS, folder=project))
    assert told["judged"] == 2 * [{"wrong": [], "judged": judged()}]
    assert "WebAssembly" not in told["code"]
    assert "Client Component" in told["refusal"]


@pytest.mark.parametrize("environment", ["node", "jsdom"])
def test_vitest_loads_the_verifier_without_configuration(
    project: Path, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application cannot test its own proxy without an alias for the package."""
    for name, text in {"VECTORS": VECTORS, "JUDGED": judged(), "ENVIRONMENT": environment}.items():
        monkeypatch.setenv(name, str(text))
    vitest = "node_modules/vitest/vitest.mjs"
    assert "1 passed" in node(vitest, "run", "--no-color", "--environment", environment, folder=project)
