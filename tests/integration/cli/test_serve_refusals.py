"""What keeps `bymax-auth serve` from starting, each as one line that an operator can act on."""

import socket
from pathlib import Path

import pytest

from tests.integration.cli.dev_server import free_port
from tests.integration.cli.in_process import run
from tests.integration.cli.service import settings, with_tables

pytestmark = pytest.mark.processes


def refusal(folder: Path, port: int | None = None, **change: str) -> str:
    """The one line of a service that does not start; the address in it would hold this password."""
    given = settings(folder) | {f"BYMAX_AUTH_{name}": text for name, text in change.items()}
    done = run("serve", "--port", str(port or free_port()), env=given)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("bymax-auth: ")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr
    return done.stderr


def test_a_database_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    """A service without its database is taken for a good one, and fails whoever signs in."""
    said = refusal(tmp_path, DATABASE_URL="postgresql://auth:hunter2@127.0.0.1:1/auth?pool=hunter2")
    assert "the database failed: " in said
    assert "its tables are migrated" in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """The reason is one line among the log's."""
    with_tables(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal(tmp_path, port, SERVE__WORKERS="2")
    assert said == f"bymax-auth: port {port} of 127.0.0.1 cannot be listened on: Address already in use.\n"


def test_a_redis_address_that_leads_nowhere_is_told_without_its_password(tmp_path: Path) -> None:
    """A slip in the address writes its password into the orchestrator's log."""
    with_tables(tmp_path)
    refusal(tmp_path, STORE_URL="redis://:hunter2@127.0.0.1:1")
