"""One watched root: changes and scans make candidates, and what is new of them is handed on.

`step` does one round of blocking work, one at a time; changes are a hint, the scan is the truth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import structlog

from bot.doors.folder.answers import answers_fault
from bot.doors.folder.filenames import readable
from bot.doors.folder.ignored import OURS, IgnoreTable
from bot.doors.folder.paths import is_within
from bot.doors.folder.scan import Listing, scan
from triggers.folder.backlog import Backlog, backlog, is_much
from triggers.folder.candidates import Change
from triggers.folder.inspection import Inspection
from triggers.folder.observer import FileChange
from triggers.folder.root_status import unlistable
from triggers.folder.roots import Root
from triggers.folder.supervisor import TEND_EVERY_S, Supervisor
from triggers.folder.versions import NewVersion

log = structlog.get_logger()

LONGEST_PAUSE_S = 2.0
CHANGES: dict[str, Change] = {word: word for word in get_args(Change)}


class RootWatch:
    """Everything about one root that lives between two steps. `has_begun`: that it was watched is to be remembered."""

    def __init__(
        self,
        root: Root,
        supervisor: Supervisor,
        inspection: Inspection,
        *,
        ignored: IgnoreTable,
        is_first_start: bool,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.root = root
        self.supervisor = supervisor
        self.inspection = inspection
        self.status = inspection.status
        self.skips_backlog = True
        self.has_begun = False
        self._is_first_start = is_first_start
        self._ignored = ignored
        self._clock = clock
        self._monotonic = monotonic
        self._one_at_a_time = threading.Lock()
        self._is_over = False

    def step(self) -> tuple[list[NewVersion], float]:
        """One round; returns the new versions and the most seconds to wait before the next. Raises SQL errors."""
        with self._one_at_a_time:
            if self._is_over:
                return [], LONGEST_PAUSE_S
            now_s = self._monotonic()
            self._tend(now_s)
            for change in self.supervisor.changes.take_all():
                self._take_change(change, now_s)
            versions: list[NewVersion] = []
            if not self.status.missing and now_s >= self.supervisor.schedule.next_at_s:
                versions += self._scan(now_s)
            versions += self.inspection.look_at_due(now_s)
            return versions, self._pause_s()

    def _tend(self, now_s: float) -> None:
        status = self.status
        status.missing, status.failed = self.supervisor.tend(now_s), ""
        status.unwritable = "" if status.missing else unwritable(self.root)
        if status.missing:
            status.unlistable = ""
        elif not status.unlistable:
            status.heard_at = self._clock()

    def first_start_backlog(self) -> Backlog | None:
        """What waits below a root that was never watched before, if it is much; None also when it is not there."""
        try:
            files = scan(self.root.path, self._ignored).files if self._is_first_start else {}
        except OSError:
            return None
        limits = self.inspection.limits
        found = backlog(self.root.path, files, limits) if is_much(files, limits) else None
        return replace(found, rule=self.root.rule) if found else None

    def is_closed(self) -> bool:
        """Whether nothing can be laid beside its files now, as it should be."""
        return self.root.answers_here and self.status.is_closed

    def close(self) -> None:
        """Stop the observer and the readers; a running step is waited for."""
        with self._one_at_a_time:
            self._is_over = True
            self.supervisor.stop()
            self.inspection.close()

    def _pause_s(self) -> float:
        if self.status.is_closed:
            return TEND_EVERY_S
        soonest_s = min(self.inspection.queue.next_due_at_s(), self.supervisor.schedule.next_at_s)
        return min(LONGEST_PAUSE_S, max(0.0, soonest_s - self._monotonic()))

    def _take_change(self, change: FileChange, now_s: float) -> None:
        if change.is_folder:
            self._take_folder(change, now_s)
        elif change.word == "moved":
            self._put(change.path, "deleted", now_s)
            self._put(change.destination, "moved", now_s)
        elif change.word in CHANGES:
            self._put(change.path, CHANGES[change.word], now_s)

    def _take_folder(self, change: FileChange, now_s: float) -> None:
        if change.word != "attrib":
            return
        if self._relative(change.path) in self.status.unreadable:
            self.supervisor.rebuild_soon()
        elif change.path == self.supervisor.real_root:
            self.supervisor.schedule.soon(now_s)

    def _put(self, path: str, change: Change, now_s: float) -> None:
        name = self._relative(path)
        why = self._ignored.path(name) if name else OURS
        if not why:
            self.inspection.take_change(name, change, now_s)
        elif why != OURS:
            log.debug("file ignored", folder=self.root.path, file=readable(name), because=why)

    def _relative(self, path: str) -> str:
        real = self.supervisor.real_root
        return path[len(real) + 1 :] if path != real and is_within(path, real) else ""

    def _scan(self, now_s: float) -> list[NewVersion]:
        was_unlistable = bool(self.status.unlistable)
        try:
            listing = scan(self.root.path, self._ignored)
        except OSError as error:
            self.status.unlistable = unlistable(self.root.path, error)
            self.supervisor.schedule.failed(now_s)
            return []
        self.status.unlistable = ""
        if listing.ignored:
            log.debug("files and folders ignored", folder=self.root.path, because=dict(listing.ignored))
        versions = self._begin(listing) if self._is_first_start else []
        lost = self.supervisor.schedule.has_lost_changes
        self.inspection.take_listing(listing, now_s, has_lost_changes=lost)
        self.supervisor.scanned(now_s, self._monotonic() - now_s, was_unlistable=was_unlistable)
        return versions

    def _begin(self, listing: Listing) -> list[NewVersion]:
        is_skipped = self.skips_backlog and is_much(listing.files, self.inspection.limits)
        versions = self.inspection.skip(listing.files) if is_skipped else []
        self._is_first_start, self.has_begun = False, True
        words = "folder watched for the first time"
        log.info(words, folder=self.root.path, waiting=len(listing.files), skipped=len(versions))
        return versions


def unwritable(root: Root) -> str:
    """Why the files of this root cannot be answered now, in words; "" when they can, or are answered elsewhere."""
    fault = answers_fault(root.path) if root.answers_here else None
    if fault is None:
        return ""
    return f"{fault.place}: {fault.words}. {fault.fix} What is ready waits, and is then answered."
