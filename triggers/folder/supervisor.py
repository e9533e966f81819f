"""This file is the care for one root's watcher: built again when it died, overflowed or its folder was replaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

import structlog

from triggers.folder.observer import Complaints, Notices, Watching
from triggers.folder.roots import Root

log = structlog.get_logger()

TEND_EVERY_S = 1.0
REBUILD_AFTER_S = 30.0
POLL_FASTEST_S, POLL_SLOWEST_S = 2.0, 10.0
AFTER_COMPLAINT_S = (0.5, 3.0, 10.0)
"""An overflowed watcher may still be working through what it did hear: one look would come too early."""


class Supervision:
    """Keeps hints coming and says when the next scan is due. `polled`: why there is no watcher, "" otherwise."""

    def __init__(self, root: Root, polled: str, rescan_s: float, wake: Callable[[], None]) -> None:
        self.polled = polled
        self.notices = Notices(wake)
        self.real_root = root.real
        self.next_scan_at_s = 0.0
        self._root = root
        self._rescan_s = rescan_s
        self._wake = wake
        self._watching: Watching | None = None
        self._identity: tuple[int, int] | None = None
        self._tended_at_s = float("-inf")
        self._built_at_s = float("-inf")
        self._fault = ""
        self._must_rebuild = False
        self._complained = False
        self._scans_soon: list[float] = []
        self._was_unlistable = False
        self.has_lost_hints = False
        self._complaints = Complaints(self._on_complaint)

    def tend(self, now_s: float) -> str:
        """Look after the watcher, at most once a second; returns what is wrong with the root, "" when nothing is."""
        if self._complained:
            self._complained = False
            self.has_lost_hints = True
            self._scans_soon = [now_s + after_s for after_s in AFTER_COMPLAINT_S]
            self._plan_scan(self._scans_soon.pop(0))
        if now_s - self._tended_at_s >= TEND_EVERY_S or self._must_rebuild:
            self._tended_at_s = now_s
            self._fault = self._look_after(now_s)
        return self._fault

    def _look_after(self, now_s: float) -> str:
        try:
            status = os.stat(self._root.path)  # noqa: PTH116 (the path may hold stray bytes; a Path adds nothing)
            fault = "" if stat.S_ISDIR(status.st_mode) else f"{self._root.path} is a file. Put a folder in its place."
        except OSError as error:
            fault = _absent(self._root.path, error)
        if fault:
            self._end_watching()
            self._identity = None
            return fault
        identity = (status.st_dev, status.st_ino)
        is_dead = self._watching is not None and not self._watching.is_alive()
        is_retry_due = not self._watching and not self.polled and now_s - self._built_at_s >= REBUILD_AFTER_S
        if identity != self._identity or is_dead or is_retry_due or self._must_rebuild:
            self._rebuild(identity, now_s)
        return ""

    def _rebuild(self, identity: tuple[int, int], now_s: float) -> None:
        self._end_watching()
        self._must_rebuild = False
        self._identity, self._built_at_s = identity, now_s
        self.real_root = self._root.real
        if not self.polled:
            self._begin_watching()
        # Whatever happened while nobody watched is found by looking.
        self.next_scan_at_s = now_s

    def _begin_watching(self) -> None:
        self._complaints.attach()
        try:
            self._watching = Watching(self.real_root, self.notices)
        except OSError as error:
            log.warning("folder cannot be watched, scanning instead", folder=self._root.path, fault=str(error))

    def _end_watching(self) -> None:
        self._complaints.detach()
        if self._watching:
            self._watching.stop()
        self._watching = None

    def rebuild_soon(self) -> None:
        """Build the watcher anew at the next chance (a folder that was closed to it has been opened)."""
        self._must_rebuild = True

    def is_scan_due(self, now_s: float) -> bool:
        """Whether to scan now."""
        return now_s >= self.next_scan_at_s

    def scanned(self, now_s: float, took_s: float) -> None:
        """A scan was done: plan the next, sooner where no events come, never more than a twentieth of the time."""
        poll_s = min(POLL_SLOWEST_S, max(POLL_FASTEST_S, 20 * took_s))
        is_blind = self._watching is None
        self.next_scan_at_s = now_s + (min(poll_s, self._rescan_s) if is_blind else max(self._rescan_s, 20 * took_s))
        if self._was_unlistable:
            # The library takes a folder that it may not read without a word, and never hears of it.
            self._was_unlistable, self._must_rebuild = False, True
        self.has_lost_hints = bool(self._scans_soon)
        if self._scans_soon:
            self._plan_scan(self._scans_soon.pop(0))

    def not_scanned(self, now_s: float) -> None:
        """The root could not be listed: look again soon, and watch it anew when it can."""
        self._was_unlistable = True
        self.next_scan_at_s = now_s + POLL_FASTEST_S

    def scan_soon(self, now_s: float) -> None:
        """Scan at the next chance (something about the root itself has changed)."""
        self._plan_scan(now_s)

    def _plan_scan(self, at_s: float) -> None:
        self.next_scan_at_s = min(self.next_scan_at_s, at_s)

    def _on_complaint(self) -> None:
        self._complained = True
        self._wake()

    def stop(self) -> None:
        """End the watcher."""
        self._end_watching()


def _absent(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} is missing. Make the folder (or mount it) and Bellhop watches it."
    return f"{path} cannot be reached ({error.strerror}). Check the folders above it and the drive."
