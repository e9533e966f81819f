"""This file is the broom: private copies go when their event's receipt has gone, and half copies after a crash."""

from __future__ import annotations

from pathlib import Path

from bot.doors.folder.file_store import Memory

GRACE_S = 7 * 86_400.0
"""A copy outlives the retention of receipts by this much, counted from its claim: `retry` still finds it."""

ORPHAN_AFTER_S = 3_600.0
SWEEP_EVERY_S = 6 * 3_600.0


def sweep(memory: Memory, folder: Path, retention_s: float, now: float) -> int:
    """Forget expired claims and remove every copy that no claim speaks of; returns how many files went.

    `now` in seconds since 1970. A file younger than an hour may be a copy in the making and stays.
    """
    memory.forget_claims(before=now - retention_s - GRACE_S)
    wanted = {Path(copy).name for copy in memory.copies()}
    orphans = [path for path in _files(folder) if path.name not in wanted and _age_s(path, now) > ORPHAN_AFTER_S]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _age_s(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0
