"""The care for one root's observer, built again when it died, overflowed or its folder was replaced, and
when the root is scanned next.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

import structlog

from triggers.folder.observer import ChangeQueue, FolderObserver, OverflowListener
from triggers.folder.roots import Root

log = structlog.get_logger()

TEND_EVERY_S = 1.0
REBUILD_AFTER_S = 30.0
POLL_FASTEST_S, POLL_SLOWEST_S = 2.0, 10.0
AFTER_OVERFLOW_S = (0.5, 3.0, 10.0)
"""An overflowed observer may still be working through what it did hear: one look would come too early."""
MOST_OF_THE_TIME = 20
"""A scan may take a twentieth of the time at most."""


class ScanSchedule:
    """When a root is scanned next; monotonic seconds. `has_lost_changes`: not every file was looked at since."""

    def __init__(self, rescan_s: float) -> None:
        self.next_at_s = 0.0
        self.has_lost_changes = False
        self._rescan_s = rescan_s
        self._after_overflow: list[float] = []

    def soon(self, at_s: float) -> None:
        """Scan at that time at the latest."""
        self.next_at_s = min(self.next_at_s, at_s)

    def overflowed(self, now_s: float) -> None:
        """Changes were lost: scan soon, and again."""
        self.has_lost_changes = True
        self._after_overflow = [now_s + after_s for after_s in AFTER_OVERFLOW_S]
        self.soon(self._after_overflow.pop(0))

    def scanned(self, now_s: float, took_s: float, *, is_observed: bool) -> None:
        """A scan was done: plan the next, sooner where no changes are told."""
        poll_s = min(POLL_SLOWEST_S, max(POLL_FASTEST_S, MOST_OF_THE_TIME * took_s))
        slow_s = max(self._rescan_s, MOST_OF_THE_TIME * took_s)
        self.next_at_s = now_s + (slow_s if is_observed else min(poll_s, self._rescan_s))
        self.has_lost_changes = bool(self._after_overflow)
        if self._after_overflow:
            self.soon(self._after_overflow.pop(0))

    def failed(self, now_s: float) -> None:
        """The root could not be listed: look again soon."""
        self.next_at_s = now_s + POLL_FASTEST_S


class Supervisor:
    """Keeps changes coming. `polled`: why there is no observer, "" otherwise."""

    def __init__(self, root: Root, polled: str, rescan_s: float, wake: Callable[[], None]) -> None:
        self.polled = polled
        self.changes = ChangeQueue(wake)
        self.real_root = root.real
        self.schedule = ScanSchedule(rescan_s)
        self._root = root
        self._overflow = OverflowListener(wake)
        self._observer: FolderObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._tended_at_s = float("-inf")
        self._built_at_s = float("-inf")
        self._fault = ""
        self._must_rebuild = False

    def tend(self, now_s: float) -> str:
        """Look after the observer, at most once a second; returns what is wrong with the root, "" when nothing is."""
        if self._overflow.take():
            self.schedule.overflowed(now_s)
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
            self.stop()
            self._identity = None
            return fault
        identity = (status.st_dev, status.st_ino)
        is_dead = self._observer is not None and not self._observer.is_alive()
        is_retry_due = not self._observer and not self.polled and now_s - self._built_at_s >= REBUILD_AFTER_S
        if identity != self._identity or is_dead or is_retry_due or self._must_rebuild:
            self._rebuild(identity, now_s)
        return ""

    def _rebuild(self, identity: tuple[int, int], now_s: float) -> None:
        self.stop()
        self._must_rebuild = False
        self._identity, self._built_at_s = identity, now_s
        self.real_root = self._root.real
        if not self.polled:
            self._observe()
        # Whatever happened while nobody watched is found by looking.
        self.schedule.soon(now_s)

    def _observe(self) -> None:
        self._overflow.attach()
        try:
            self._observer = FolderObserver(self.real_root, self.changes)
        except OSError as error:
            log.warning("folder cannot be watched, scanning instead", folder=self._root.path, fault=str(error))

    def rebuild_soon(self) -> None:
        """Build the observer anew at the next chance (a folder that was closed to it has been opened)."""
        self._must_rebuild = True

    def scanned(self, now_s: float, took_s: float, *, was_unlistable: bool) -> None:
        """The root was listed, as it could not be before when `was_unlistable`."""
        # The library takes a folder that it may not read without a word, and never hears of it.
        self._must_rebuild |= was_unlistable
        self.schedule.scanned(now_s, took_s, is_observed=self._observer is not None)

    def stop(self) -> None:
        """End the observer."""
        self._overflow.detach()
        if self._observer:
            self._observer.stop()
        self._observer = None


def _absent(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} is missing. Make the folder (or mount it) and Bellhop watches it."
    return f"{path} cannot be reached ({error.strerror}). Check the folders above it and the drive."
