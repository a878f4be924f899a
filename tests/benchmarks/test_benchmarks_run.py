"""The benchmarks run as the documentation says; how fast anything is decides nothing here."""

import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from tests.long import long_only
from tests.servers.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("fastapi_users")


@pytest.mark.parametrize("name", NAMES)
def test_each_benchmark_can_be_imported(name: str) -> None:
    """A benchmark that a renamed module has broken is found at the next release, or by a reader."""
    assert callable(import_module(f"benchmarks.{name}").run)


@pytest.mark.processes
def test_the_command_prints_its_table_and_writes_it_down(tmp_path: Path) -> None:
    """Published figures that nobody can reproduce with the documented command are hearsay."""
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(written), "jwt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert done.returncode == 0, done.stderr
    for row in ("bymax-auth", "PyJWT", "joserfc"):
        assert row in done.stdout
    figures = json.loads(written.read_text(encoding="utf-8"))
    assert {"cpu", "python", "openssl"} <= figures["machine"].keys()
    assert all(table["key"].startswith("jwt.") for table in figures["tables"])


@long_only
@pytest.mark.slow
@pytest.mark.processes
def test_requests_are_measured_beside_the_other_libraries(tmp_path: Path) -> None:
    """A library that is missing from the comparison makes the figures say nothing."""
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(written), "http"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert done.returncode == 0, done.stderr
    for row in ("bymax-auth", "FastAPI Users"):
        assert row in done.stdout
    keys = {table["key"] for table in json.loads(written.read_text(encoding="utf-8"))["tables"]}
    assert {"http.in_process.get_me", "http.served.get_me", "http.served.post_refresh"} <= keys


@long_only
@pytest.mark.slow
@pytest.mark.processes
def test_the_adapter_for_fastapi_is_compared_with_what_it_is_held_to(tmp_path: Path) -> None:
    """A target that the documented command does not print cannot be checked by a reader."""
    pytest.importorskip("better_auth")
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(written), "fastapi"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    served, ratios = json.loads(written.read_text(encoding="utf-8"))["tables"]
    assert all(row["CPU µs/request"] > 0 for row in served["rows"])
    assert {row["ratio"]: row["at most"] for row in ratios["rows"]} == {
        "install() / plain ASGI": 1.35,
        "CurrentUser / no guard": 1.35,
        "install() / better-auth-server": 0.5,
        "install() / FastAPI Users": None,
    }


@long_only
@pytest.mark.slow
@pytest.mark.processes
def test_a_session_is_weighed_in_both_layouts(tmp_path: Path) -> None:
    """Whoever plans a Redis by these figures must find them for the layout that is deployed."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server")
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(written), "memory"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(written.read_text(encoding="utf-8"))["tables"]
    assert {row["layout"]: row["bytes/session"] > 0 for row in table["rows"]} == {
        "shared": True,
        "tagged": True,
    }


@long_only
@pytest.mark.slow
@pytest.mark.processes
def test_a_revocation_is_timed_between_processes_that_answer_from_memory(tmp_path: Path) -> None:
    """A figure for the feed that was measured while Redis answered would say nothing about it."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server")
    written = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(written), "feed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(written.read_text(encoding="utf-8"))["tables"]
    (row,) = table["rows"]
    assert (row["revocations"], row["asked Redis"]) == (5, 0)
    assert 0 < row["median ms"] <= row["max ms"]


def test_an_unknown_benchmark_is_named(tmp_path: Path) -> None:
    """A mistyped name must not look like a benchmark that found nothing."""
    command = [sys.executable, "-m", "benchmarks", "htpp"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert done.returncode == 2
    assert "htpp" in done.stderr
