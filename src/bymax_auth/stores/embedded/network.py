"""Detection of network file systems, whose locks do not give the atomicity that the store needs."""

import os
import re
from pathlib import Path
from typing import Final

__all__ = ["network_file_system"]

_MOUNTS: Final = Path("/proc/self/mountinfo")

_NETWORK_TYPES: Final = frozenset(
    {
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)


def network_file_system(path: Path, mounts: Path = _MOUNTS) -> str | None:
    """
    Return the type of the network file system that `path` is on.

    ``None`` when it is on a local one, or when this system does not tell.

    Source: proc_pid_mountinfo(5).
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    resolved = Path(os.path.realpath(path))  # `resolve` raises where links form a loop
    # A later mount hides an earlier one at the same point, and a deeper one its parents.
    found = [
        (len(point.parts), order, kind)
        for order, (point, kind) in enumerate(map(_mount, lines))
        if resolved.is_relative_to(point)
    ]
    kind = max(found)[2] if found else None
    return kind if kind in _NETWORK_TYPES else None


def _mount(line: str) -> tuple[Path, str]:
    """Return the mount point and the type of a file system; the type follows a single hyphen."""
    before, _, after = line.partition(" - ")
    point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
    return Path(point), after.split(" ")[0]
