"""Which file systems are reached over a network, where the locks that atomicity rests on do not hold."""

import re
from pathlib import Path
from typing import Final

__all__ = ["network_file_system"]

_MOUNTS: Final = Path("/proc/self/mountinfo")

_NETWORKED: Final = frozenset(
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

    ``None`` when it is on a local one, or when this system does not say.

    Source: proc_pid_mountinfo(5).
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = path.resolve()
    # A later mount covers an earlier one at the same point, and a deeper one its parents.
    found = max(
        (
            (len(point.parts), order, kind)
            for order, (point, kind) in enumerate(map(_mount, lines))
            if place.is_relative_to(point)
        ),
        default=(0, 0, ""),
    )
    return found[2] if found[2] in _NETWORKED else None


def _mount(line: str) -> tuple[Path, str]:
    """Return where a file system is mounted, and its type, which follows a lone hyphen."""
    before, _, after = line.partition(" - ")
    point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
    return Path(point), after.split(" ")[0]
