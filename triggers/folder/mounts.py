"""This file is which folders the kernel cannot watch: mounts that another machine or another kernel writes to."""

from __future__ import annotations

import os
import re
from pathlib import Path

NETWORK_TYPES = frozenset(
    "nfs nfs4 cifs smb3 smbfs 9p virtiofs vboxsf prl_fs ceph glusterfs lustre afs fakeowner osxfs fuse".split()  # noqa: SIM905 (a list this long reads better as one line)
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def read_mounts() -> str:
    """The mount table of this process; empty where there is none (macOS, Windows)."""
    try:
        return os.fsdecode(Path("/proc/self/mounts").read_bytes())
    except OSError:
        return ""


def network_mount(root: str, mounts: str) -> str:
    """The type of the network mount that holds `root`, or lies below it; "" when the kernel sees every write.

    `root` is a real path; `mounts` is the text of /proc/self/mounts.
    """
    table = [(_plain(words[1]), words[2]) for line in mounts.splitlines() if len(words := line.split(" ")) > 2]
    holding = max((row for row in table if _holds(row[0], root)), key=lambda row: len(row[0]), default=("/", ""))
    below = [row for row in table if _holds(root, row[0])]
    return next((kind for _, kind in (holding, *below) if _is_network(kind)), "")


def _is_network(kind: str) -> bool:
    return kind in NETWORK_TYPES or kind.startswith("fuse.")


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _plain(point: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), point)
