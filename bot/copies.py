"""Private copies below STATE_DIR/files: what is asked about is read from them, and they go when nothing needs them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import structlog

SLACK, REPLAY = "slack", "replay"
SHARED = (SLACK, REPLAY)
"""Folders whose copies belong to no single event: they go when none has needed them for RETENTION_DAYS."""
ORPHAN_AFTER_S = 3_600.0
"""A file younger than this may be a copy in the making."""
PART = ".part"
SWEEP_EVERY_S = 6 * 3_600.0

IsWanted = Callable[[Sequence[str]], Collection[str]]

log = structlog.get_logger()


def folder_of(state_dir: Path, name: str) -> Path:
    """Where the copies of this name lie."""
    return state_dir / "files" / name


def sweep(
    folder: Path,
    event_id_of: Callable[[Path], str],
    is_wanted: Callable[[Sequence[str]], Collection[str]],
    now_s: float,
) -> int:
    """Remove every copy whose event is known no more, and what a crash left half made; returns how many went.

    `is_wanted` says which of so many events are still known; `now_s` in seconds since 1970.
    """
    old = {path: event_id_of(path) for path in _older(folder, now_s - ORPHAN_AFTER_S)}
    wanted = is_wanted(list(old.values()))
    return _remove([path for path, event_id in old.items() if event_id not in wanted])


def sweep_shared(folder: Path, kept_s: float, now_s: float) -> int:
    """Remove every copy that nobody has needed for so long, and what a crash left half made; returns how many went."""
    half = [path for path in _older(folder, now_s - ORPHAN_AFTER_S) if path.suffix == PART]
    return _remove(half) + _remove(_older(folder, now_s - kept_s))


async def sweep_now_and_then(state_dir: Path, kept_days: int, clock: Callable[[], float] = time.time) -> None:
    """Keep the shared folders swept, until cancelled."""
    while True:
        for name in SHARED:
            folder = folder_of(state_dir, name)
            try:
                await asyncio.to_thread(sweep_shared, folder, kept_days * 86_400.0, clock())
            except OSError as error:  # copies that stay too long must not end anything
                log.warning("sweeping private copies failed", folder=str(folder), reason=error.strerror)
        await asyncio.sleep(SWEEP_EVERY_S)


def _older(folder: Path, before_s: float) -> list[Path]:
    return [path for path in _listed(folder) if _changed_s(path, before_s) < before_s]


def _listed(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _changed_s(path: Path, if_gone_s: float) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return if_gone_s


def _remove(paths: Sequence[Path]) -> int:
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)
