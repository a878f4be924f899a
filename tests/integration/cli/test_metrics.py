"""`/metrics` of `bymax-auth serve`, as Prometheus and its operator meet it."""

import os
import signal
import socket
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.cli.dev_server import PATIENCE, free_port
from tests.integration.cli.in_process import run
from tests.integration.cli.service import (
    EMAIL,
    PASSWORD,
    registered,
    serving,
    settings,
    with_tables,
)
from tests.long import long_only
from tests.servers.forked import COMMAND

pytestmark = pytest.mark.processes

LOOKS = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with_tables(tmp_path)
    return tmp_path


def scraped(port: int) -> dict[str, float]:
    """Every sample, by its name and labels."""
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE).text
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(port: int, operation: str) -> float:
    labels = [("operation", operation), ("outcome", "ok"), ("realm", "dashboard")]
    return scraped(port).get(f"bymax_auth_flows_total{labels}", 0)


def look_over_and_over(client: httpx2.Client) -> None:
    """Look at an account, each time over a connection of its own, so that every worker may get some."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    with httpx2.Client(base_url=client.base_url, cookies=client.cookies, limits=limits) as fresh:
        for _ in range(LOOKS):
            assert fresh.get("/auth/me", timeout=PATIENCE).status_code == 200


def signed_in(client: httpx2.Client) -> None:
    answer = client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200, answer.text


@pytest.mark.slow
@pytest.mark.untraced
def test_one_port_answers_for_all_workers_and_forgets_none(folder: Path) -> None:
    """A scrape shows a part of the sign-ins, another one each time, and fewer once a worker is restarted."""
    port = free_port()
    env = settings(folder, BYMAX_AUTH_SERVE__METRICS_PORT=str(port))
    with serving(folder, "--workers", "2", env=env, command=COMMAND) as service:
        with service.client() as client:
            registered(service, client)
            signed_in(client)
            look_over_and_over(client)
            assert (counted(port, "login"), counted(port, "me")) == (1, LOOKS)
            workers = [line["process"] for line in service.logged() if "/auth/me" in line["message"]]
            os.kill(workers[-1], signal.SIGKILL)
            look_over_and_over(client)
            assert (counted(port, "login"), counted(port, "me")) == (1, 2 * LOOKS)
        samples = scraped(port)
        assert samples["bymax_auth_kdf_waiting[]"] == 0
        for secret in (EMAIL, "ana", "acme", "127.0.0.1"):
            assert secret not in str(samples)
        assert service.end() == 0


@pytest.mark.untraced
def test_one_process_answers_for_itself_and_leaves_no_file(folder: Path) -> None:
    """A service without workers has no metrics, or fills the disk with each start."""
    port, temporary = free_port(), folder / "temporary"
    temporary.mkdir()
    env = settings(folder, BYMAX_AUTH_SERVE__METRICS_PORT=str(port), TMPDIR=str(temporary))
    with serving(folder, env=env) as service:
        with service.client() as client:
            registered(service, client)
            signed_in(client)
        assert counted(port, "login") == 1
        assert len(list(temporary.iterdir())) == 1
        assert service.end() == 0
    assert list(temporary.iterdir()) == []


@long_only
def test_a_service_that_is_not_asked_for_metrics_has_none(folder: Path) -> None:
    """A deployment opens a port that nobody knows of."""
    with serving(folder, env=settings(folder)) as service, service.client() as client:
        assert client.get("/metrics").status_code == 404


def test_a_port_in_use_is_said_in_a_line(folder: Path) -> None:
    """The service runs, and its metrics are another program's."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = settings(folder, BYMAX_AUTH_SERVE__METRICS_PORT=str(port))
        done = run("serve", "--port", str(free_port()), env=env)
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr
