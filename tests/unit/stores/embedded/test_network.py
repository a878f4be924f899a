"""Which file systems a store refuses."""

from pathlib import Path

import pytest

from bymax_auth.stores.embedded.network import network_file_system

MOUNTS = r"""
21 1 259:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:41 / /data rw,relatime shared:2 master:1 - nfs4 server:/export rw,vers=4.2
31 30 259:2 / /data/local rw - xfs /dev/sdb1 rw
32 21 0:42 / /with\040space rw - fuse.sshfs me@host: rw
33 21 0:43 / /covered rw - cifs //server/share rw
34 21 259:3 / /covered rw - ext4 /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/auth.db", None),
        ("/data/auth.db", "nfs4"),
        ("/database/auth.db", None),
        ("/data/local/auth.db", None),
        ("/with space/deep/auth.db", "fuse.sshfs"),
        ("/covered/auth.db", None),
    ],
)
def test_the_file_system_is_that_of_the_deepest_and_latest_mount(
    tmp_path: Path, path: str, kind: str | None
) -> None:
    """A store on a share would lose its locks, and one on a disk below it must be let through."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.lstrip())
    assert network_file_system(Path(path), mounts) == kind


def test_a_system_that_does_not_list_its_mounts_is_trusted(tmp_path: Path) -> None:
    """The library must start on systems that have no such list."""
    assert network_file_system(Path("/srv/auth.db"), tmp_path / "absent") is None


def test_an_empty_list_names_nothing(tmp_path: Path) -> None:
    """A container may show an empty list."""
    (tmp_path / "mountinfo").touch()
    assert network_file_system(Path("/srv/auth.db"), tmp_path / "mountinfo") is None


def test_this_machine_lets_a_temporary_folder_through(tmp_path: Path) -> None:
    """The real list of this machine can be read."""
    assert network_file_system(tmp_path / "auth.db") is None
