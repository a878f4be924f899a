"""What the deployment guide hands out: linted, and its steps run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.examples.guides import ROOT
from tests.long import long_only

DEPLOY = ROOT / "deploy"


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_dockerfile_has_no_finding_of_its_linter() -> None:
    """An image is built from it as it is."""
    run(Path(sys.executable).parent / "hadolint", DEPLOY / "Dockerfile")


@long_only
def test_the_steps_of_the_dockerfile_build_a_service(tmp_path: Path) -> None:
    """What the image runs works, with the image's two folders below another root."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    (step,) = re.findall(r"^RUN (.+)$", text, re.MULTILINE)
    run("sh", "-c", step.replace("/opt/", f"{tmp_path}/").replace("/src", str(ROOT)))
    assert "serve" in run(tmp_path / "bymax-auth" / "bin" / "bymax-auth", "--help")


def test_the_unit_is_valid(tmp_path: Path) -> None:
    """systemd ignores a directive that it does not know, and the service runs without the restriction."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "bymax-auth.service"
    text = (DEPLOY / "bymax-auth.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/bymax-auth/bin/bymax-auth", "/bin/true"), encoding="utf-8")
    run("systemd-analyze", "verify", "--man=no", unit)


def test_the_manifest_probes_the_paths_of_the_service() -> None:
    """A probe of a wrong path restarts a healthy pod for ever."""
    service, deployment = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["args"][0] == "serve"
    assert pod["terminationGracePeriodSeconds"] >= 45
