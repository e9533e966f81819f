"""A file's signature: what tells one state of it from another without reading it."""

from __future__ import annotations

import os
from typing import NamedTuple


class Signature(NamedTuple):
    """One state of a file; `mtime_ns` in nanoseconds since 1970."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int


def signature_of(status: os.stat_result) -> Signature:
    """The signature in a stat result."""
    return Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
