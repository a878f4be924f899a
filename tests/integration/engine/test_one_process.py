"""A second process that serves the same address is noticed while anything is in one process's memory."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.config import ConfigError, Environment
from bymax_auth.engine.dependencies import Dependencies
from bymax_auth.engine.one_process import refuse_second_process
from bymax_auth.engine.served_addresses import ServedAddresses
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import build_engine, config_for_tests

HOLDER = """
import sys
from pathlib import Path
from bymax_auth.engine.served_addresses import ServedAddresses
addresses = ServedAddresses(Path(sys.argv[1]))
print(addresses.hold(), flush=True)
sys.stdin.read()
"""


@contextmanager
def listening(family: int = socket.AF_INET, address: Any = ("127.0.0.1", 0)) -> Iterator[socket.socket]:
    """A server's socket, bound before its workers start."""
    with socket.socket(family) as server:
        server.bind(address)
        yield server


@contextmanager
def worker(server: socket.socket, folder: Path) -> Iterator[tuple[int, str]]:
    """Another process with the server's socket: its id, and whom it found."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        pass_fds=[server.fileno()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.communicate()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's lock files are."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def served_before(folder: Path) -> Iterator[set[Path]]:
    """The lock files of what this process serves already, as where another test's server is still running."""
    with listening():
        addresses = ServedAddresses(folder)
        addresses.hold()
        addresses.release()
        yield set(folder.glob("*.lock"))


@pytest.mark.processes
def test_workers_of_one_server_find_each_other(folder: Path) -> None:
    """Ten of twelve session lists are empty, every refresh fails, and nothing says why."""
    with listening() as server, worker(server, folder) as (first, alone):
        assert alone == "None"
        with worker(server, folder) as (_, found):
            assert found == str(first)
    with listening() as server, worker(server, folder) as (_, alone):
        assert alone == "None"


@pytest.mark.processes
def test_an_address_is_free_again_when_its_process_ends(folder: Path) -> None:
    """A restarted server is refused because of the one before."""
    with listening() as server:
        for _ in range(2):
            with worker(server, folder) as (_, found):
                assert found == "None"


@pytest.mark.processes
async def test_a_development_server_is_warned(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A developer with four workers looks for hours why sessions come and go."""
    with listening() as server, worker(server, folder) as (other, _):
        async with build_engine():
            pass
    said = [record.getMessage() for record in caplog.records if "same address" in record.getMessage()]
    assert len(said) == 1
    assert said[0].startswith(f"accounts and sessions are in the memory of one process, and process {other}")


@pytest.mark.processes
def test_production_refuses(folder: Path) -> None:
    """Sign-outs and bans that one worker knows are unknown to the others."""
    production = config_for_tests().model_copy(update={"environment": Environment.PRODUCTION})
    given = Dependencies(users=InMemoryUserRepository(), stores=EmbeddedStores("never-opened.db"))
    fault = "accounts are in the memory of one process"
    with (
        listening() as server,
        worker(server, folder),
        pytest.raises(ConfigError, match=fault) as refused,
    ):
        refuse_second_process(production, given, ServedAddresses())
    assert refused.value.codes == ("memory_of_several_processes",)


@pytest.mark.processes
def test_what_is_shared_is_held_by_nobody(folder: Path) -> None:
    """Workers that share a database and a file are told that they do not."""

    class Elsewhere:
        """A repository of a host's, which says nothing of its memory."""

    users: Any = Elsewhere()
    given = Dependencies(users=users, stores=EmbeddedStores("never-opened.db"))
    with listening() as server, worker(server, folder):
        refuse_second_process(config_for_tests(), given, ServedAddresses())
        assert len(list(folder.glob("*.lock"))) == 1


async def test_two_engines_of_one_process_share_its_memory(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A test suite that builds many engines beside a server of its own is warned of itself."""
    with listening():
        async with build_engine(), build_engine():
            pass
        async with build_engine():
            pass
    assert [record for record in caplog.records if "same address" in record.getMessage()] == []


async def test_what_serves_nothing_is_not_held(folder: Path, served_before: set[Path]) -> None:
    """Two runs of a test suite at once warn of each other."""
    with ExitStack() as stack:
        stack.enter_context(socket.socket())
        stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", 0))
        stack.enter_context(socket.socket(socket.AF_UNIX))
        one, other = socket.socketpair()
        stack.enter_context(one)
        stack.enter_context(other)
        assert ServedAddresses(folder).hold() is None
    assert set(folder.glob("*.lock")) == served_before


def test_a_socket_file_is_an_address_too(folder: Path, served_before: set[Path]) -> None:
    """Workers behind a proxy on a socket file go unnoticed."""
    with listening(socket.AF_UNIX, str(folder / "app.sock")):
        addresses = ServedAddresses(folder)
        assert addresses.hold() is None
        assert len(set(folder.glob("*.lock")) - served_before) == 1
        addresses.release()
        addresses.release()


def test_a_lock_file_that_cannot_be_judged_accuses_nobody(folder: Path, served_before: set[Path]) -> None:
    """Another user of the host could keep a server from starting."""
    with listening():
        held = ServedAddresses(folder)
        held.hold()
        held.release()
        (path,) = set(folder.glob("*.lock")) - served_before
        path.unlink()
        path.symlink_to(folder / "elsewhere")
        assert ServedAddresses(folder).hold() is None
        path.unlink()
        path.touch()
        if os.geteuid() == 0:
            os.chown(path, 12345, 12345)
            assert ServedAddresses(folder).hold() is None


def test_accounts_in_memory_say_so() -> None:
    """The engine cannot warn of what it does not know."""
    assert InMemoryUserRepository().volatile
