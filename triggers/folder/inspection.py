"""The inspection of one root's candidates: looked at when due, read when ready, remembered when read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from bot.doors.folder.reasons import BACKLOG, DENIED, EMPTY
from bot.doors.folder.scan import Listing
from bot.doors.folder.signature import Signature
from triggers.folder import candidates as rule
from triggers.folder.candidate_queue import CandidateQueue
from triggers.folder.candidates import Candidate, Change, Limits, Read, Skip, Wait
from triggers.folder.copies import Copies, Reading
from triggers.folder.look import look
from triggers.folder.root_status import RootStatus
from triggers.folder.roots import Root
from triggers.folder.versions import FileResult, NewVersion, Versions

MOST_PER_STEP = 256
UNRECORDED_RETRY_S = 3.0
READERS = 4
"""Enough to keep a disk busy with syncs; more only wait for each other's turn at the interpreter."""


class Inspection:
    """What is known of each file of a root, and what is still to be found out; used by one thread at a time.

    `known` are the signatures of the files seen to. `given_up`: files whose permission was refused until they were
    recorded; of those that may not be read just now, `status.denied` has the names.
    """

    def __init__(
        self,
        root: Root,
        limits: Limits,
        *,
        versions: Versions,
        copies: Copies,
        known: dict[str, Signature],
        status: RootStatus,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.limits = limits
        self.copies = copies
        self.status = status
        self.queue = CandidateQueue()
        self._root = root
        self._versions = versions
        self._known = known
        self._given_up: set[str] = set()
        self._clock = clock
        self._monotonic = monotonic
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="folder-read")

    def close(self) -> None:
        """Stop the readers."""
        self._readers.shutdown(wait=True)

    def take_change(self, name: str, change: Change, now_s: float) -> None:
        """A change to a file was reported."""
        self._given_up.discard(name)
        self.queue.put(name, rule.after_change(self.queue.get(name), change, now_s, self.limits))

    def skip(self, skipped: Mapping[str, Signature]) -> list[NewVersion]:
        """These files were there before the root was watched: they are to be recorded as skipped."""
        results = [FileResult(name, signature, reason=BACKLOG) for name, signature in skipped.items()]
        versions = self._versions.settle(results)
        self._known.update(skipped)
        return versions

    def take_listing(self, listing: Listing, now_s: float, *, has_lost_changes: bool) -> None:
        """The root was scanned: what is new becomes a candidate, what has gone is forgotten."""
        self.status.unreadable = listing.unreadable
        if has_lost_changes:
            self._doubt_the_writing(listing, now_s)
        for name, signature in (listing.files | listing.links).items():
            if self._known.get(name) != signature and name not in self.queue and name not in self._given_up:
                self.queue.put(name, rule.seen(signature, now_s, self.limits))
        self.status.denied.intersection_update(listing.files)
        self._given_up.intersection_update(listing.files)
        self._known = {
            name: mark for name, mark in self._known.items() if name in listing.files or name in listing.links
        }
        # A changed permission leaves no trace in a signature, and polled roots have no events: each scan asks.
        for name in [name for name in self._given_up if os.access(f"{self._root.path}/{name}", os.R_OK)]:
            self._may_be_read(name)
            self.queue.put(name, rule.seen(listing.files[name], now_s, self.limits))

    def _may_be_read(self, name: str) -> None:
        self.status.denied.discard(name)
        self._given_up.discard(name)

    def _doubt_the_writing(self, listing: Listing, now_s: float) -> None:
        for name, signature in listing.files.items():
            candidate = self.queue.get(name)
            if candidate is not None:
                self.queue.put(name, rule.doubted(candidate, signature, now_s, self.limits))

    def look_at_due(self, now_s: float) -> list[NewVersion]:
        """See to the candidates whose time has come; returns the new versions. Raises SQL errors."""
        ready: list[tuple[str, Read]] = []
        results: list[FileResult] = []
        due = {name: self.queue.get(name) for name in self.queue.due(now_s, MOST_PER_STEP)}
        for name, candidate in due.items():
            if candidate is not None:
                self._examine(name, candidate, now_s, ready, results)
        results += self._read_all(ready)
        try:
            return self._record(results)
        except (sa.exc.SQLAlchemyError, OSError):
            # Nothing was remembered: the same files are due again shortly.
            for name, candidate in due.items():
                self.queue.put(name, candidate)
                self.queue.postpone(name, now_s + UNRECORDED_RETRY_S)
            raise

    def _examine(
        self, name: str, candidate: Candidate, now_s: float, ready: list[tuple[str, Read]], results: list[FileResult]
    ) -> None:
        here = look(f"{self._root.path}/{name}")
        step = rule.examined(candidate, here, now_s, self._clock(), self.limits)
        is_known = here.signature is not None and self._known.get(name) == here.signature
        if is_known and candidate.phase not in ("closed", "writing"):
            self.queue.put(name, None)
        elif isinstance(step, Read):
            ready.append((name, step))
        elif isinstance(step, Wait):
            self.queue.put(name, step.candidate)
        else:
            self.queue.put(name, None)
            results += [FileResult(name, step.signature, reason=step.reason)] if isinstance(step, Skip) else []

    def _read_all(self, ready: list[tuple[str, Read]]) -> list[FileResult]:
        readings = self._readers.map(self._read, ready)
        return [
            result
            for (name, read), reading in zip(ready, readings, strict=True)
            for result in self._after(name, read, reading)
        ]

    def _read(self, item: tuple[str, Read]) -> Reading:
        name, order = item
        return self.copies.read(self._root.path, name, order, is_local=not self.status.polled)

    def _after(self, name: str, order: Read, reading: Reading) -> list[FileResult]:
        if reading.outcome == "denied":
            self.status.denied.add(name)
        else:
            self._may_be_read(name)
        if reading.outcome in ("whole", "gone"):
            self.queue.put(name, None)
            return [FileResult(name, order.signature, reading)] if reading.outcome == "whole" else []
        if reading.outcome == "empty":
            self.queue.put(name, None)
            return [FileResult(name, order.signature, reason=EMPTY)]
        self.status.is_stuck |= reading.outcome == "stuck"
        step = rule.after_reading(reading.outcome, order, self._monotonic(), self.limits)
        self.queue.put(name, step.candidate if isinstance(step, Wait) else None)
        return [FileResult(name, step.signature, reason=step.reason)] if isinstance(step, Skip) else []

    def _record(self, results: list[FileResult]) -> list[NewVersion]:
        if not results:
            return []
        versions = self._versions.settle(results)
        for result in results:
            self._known[result.name] = result.signature
            if result.reason == DENIED:
                self._known.pop(result.name)
                self._given_up.add(result.name)
        if any(result.reading for result in results):
            self.status.is_stuck = False
        if versions:
            self.status.last_at = self._clock()
        return versions
