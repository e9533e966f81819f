"""One look at a path: what lies there, without following a link."""

from __future__ import annotations

import os
import stat

from bot.doors.folder.signature import signature_of
from triggers.folder.candidates import Look


def look(path: str) -> Look:
    """What lies at a path, without following a link; a path that cannot be looked at counts as gone."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return Look("gone")
    if stat.S_ISREG(status.st_mode):
        return Look("file", signature_of(status))
    return Look("link" if stat.S_ISLNK(status.st_mode) else "other", signature_of(status))
