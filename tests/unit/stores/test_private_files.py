"""Database files are for their owner, and one that is not is found."""

import os
import stat
from pathlib import Path

import pytest

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig, ConfigError
from bymax_auth.engine import AuthEngine
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.private_files import create_private, exposed_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the modes are those of POSIX")


def test_a_new_file_is_for_its_owner_whatever_the_umask(tmp_path: Path) -> None:
    """Every user of the machine reads the password hashes."""
    before = os.umask(0)
    try:
        create_private(tmp_path / "users.db")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "users.db").stat().st_mode) == 0o600


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    """The second start empties the database."""
    file = tmp_path / "users.db"
    file.write_bytes(b"accounts")
    file.chmod(0o640)
    create_private(file)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"accounts", 0o640)


def test_a_file_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    """The database is created later, with the mode of the umask."""
    with pytest.raises(FileNotFoundError):
        create_private(tmp_path / "missing" / "users.db")


@pytest.mark.parametrize("companion", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o660, False), (0o604, True), (0o602, True)])
def test_each_file_of_a_database_is_examined(
    tmp_path: Path, companion: str, mode: int, exposed: bool
) -> None:
    """The database is private, and what was written last is readable beside it."""
    file = tmp_path / f"users.db{companion}"
    file.touch()
    file.chmod(mode)
    assert exposed_files(tmp_path / "users.db") == ((str(file),) if exposed else ())


def test_other_systems_have_no_such_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows no engine starts."""
    file = tmp_path / "auth.db"
    file.touch()
    file.chmod(0o666)
    monkeypatch.setattr(os, "name", "nt")
    assert exposed_files(file) == ()


@pytest.mark.parametrize("companion", ["", "-wal", "-shm"])
@pytest.mark.parametrize("mode", [0o666, 0o644])
def test_an_engine_in_production_refuses_a_store_that_everybody_may_read(
    tmp_path: Path, companion: str, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A file from before is used as it is, and every user of the machine reads who is signed in."""
    file = tmp_path / f"auth.db{companion}"
    file.touch()
    file.chmod(mode)

    def engine(environment: str) -> AuthEngine:
        config = AuthConfig.nest_compat_defaults(
            environment=environment,
            jwt={"secret": fresh_secret()},
            roles={"hierarchy": {"USER": []}},
            password={"scrypt": {"cost_factor": 16_384}},
        )
        return AuthEngine(config, users=InMemoryUserRepository(), stores=EmbeddedStores(tmp_path / "auth.db"))

    with pytest.raises(ConfigError) as caught:
        engine("production")
    assert caught.value.codes == ("store_file_exposed",)
    assert str(file) in str(caught.value)
    engine("development")
    assert "store_file_exposed" in caplog.text
    file.chmod(0o600)
    assert engine("production").stores
