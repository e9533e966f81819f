"""This file is one watched root: hints and scans make candidates, ready ones are read, and what is new is claimed.

`step` does one round of blocking work, one at a time; events are a hint, the scan is the truth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
import structlog

from triggers.folder import candidates as rule
from triggers.folder.answers import unwritable
from triggers.folder.backlog import REASON as BACKLOG_SKIPPED
from triggers.folder.backlog import Backlog, backlog
from triggers.folder.candidates import Candidate, Limits, Read, Signature, Skip, Wait
from triggers.folder.condition import Condition, unlistable
from triggers.folder.copies import Copies, Reading
from triggers.folder.hints import Hints
from triggers.folder.memory import Claim
from triggers.folder.refusals import Refusals
from triggers.folder.roots import Root
from triggers.folder.scan import Listing, look, scan
from triggers.folder.settling import Outcome, Settling
from triggers.folder.supervision import TEND_EVERY_S, Supervision
from triggers.folder.waiting import Waiting

log = structlog.get_logger()

MOST_PER_STEP = 256
UNSETTLED_RETRY_S = 3.0
LONGEST_PAUSE_S = 2.0
READERS = 4
"""Enough to keep a disk busy with syncs; more only wait for each other's turn at the interpreter."""


class RootWatch:
    """Everything about one root that lives between two steps."""

    def __init__(
        self,
        *,
        root: Root,
        limits: Limits,
        supervision: Supervision,
        settling: Settling,
        copies: Copies,
        known: dict[str, Signature],
        excluded: frozenset[str],
        is_first_start: bool,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.root = root
        self.condition = Condition(root.path, supervision.polled)
        self.waiting = Waiting()
        self.skips_backlog = True
        self._is_first_start = is_first_start
        self._limits = limits
        self._supervision = supervision
        self._settling = settling
        self._copies = copies
        self._known = known
        self._excluded = excluded
        self._refusals = Refusals(root.path)
        self.condition.denied = self._refusals.names
        self._hints = Hints(self.waiting, self.condition, self._refusals, supervision, limits, excluded)
        self._clock = clock
        self._monotonic = monotonic
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="folder-read")
        self._one_at_a_time = threading.Lock()
        self._is_closed = False

    def step(self) -> tuple[list[Claim], float]:
        """One round; returns the claims made and the most seconds to wait before the next. Raises SQL errors."""
        with self._one_at_a_time:
            if self._is_closed:
                return [], LONGEST_PAUSE_S
            now_s = self._monotonic()
            self._tend(now_s)
            for notice in self._supervision.notices.take_all():
                self._hints.take(notice, now_s)
            claims: list[Claim] = []
            if not self.condition.missing and self._supervision.is_scan_due(now_s):
                claims += self._scan(now_s)
            claims += self._look_at_due(now_s)
            return claims, self._pause_s()

    def _tend(self, now_s: float) -> None:
        condition = self.condition
        condition.missing, condition.failed = self._supervision.tend(now_s), ""
        condition.unwritable = "" if condition.missing else unwritable(self.root)
        if condition.missing:
            condition.unlistable = ""
        elif not condition.unlistable:
            condition.heard_at = self._clock()

    def first_start_backlog(self) -> Backlog:
        """What waits below a root that was never watched before; nothing when it was, or when it is not there."""
        empty = Backlog(self.root.path, 0, 0, 0)
        try:
            files = scan(self.root.path, self._excluded).files if self._is_first_start else {}
        except OSError:
            return empty
        return backlog(self.root.path, files, self._limits)

    def close(self) -> None:
        """Stop the watcher and the readers; a running step is waited for."""
        with self._one_at_a_time:
            self._is_closed = True
            self._supervision.stop()
            self._readers.shutdown(wait=True)

    def _pause_s(self) -> float:
        if self.condition.is_closed:
            return TEND_EVERY_S
        soonest_s = min(self.waiting.next_due_at_s(), self._supervision.next_scan_at_s)
        return min(LONGEST_PAUSE_S, max(0.0, soonest_s - self._monotonic()))

    def _scan(self, now_s: float) -> list[Claim]:
        try:
            listing = scan(self.root.path, self._excluded)
        except OSError as error:
            self.condition.unlistable = unlistable(self.root.path, error)
            self._supervision.not_scanned(now_s)
            return []
        self.condition.unlistable = ""
        claims = self._begin(listing) if self._is_first_start else []
        self._take_listing(listing, now_s)
        self._supervision.scanned(now_s, self._monotonic() - now_s)
        return claims

    def _begin(self, listing: Listing) -> list[Claim]:
        is_skipped = self.skips_backlog and backlog(self.root.path, listing.files, self._limits).needs_a_word
        waiting = listing.files.items() if is_skipped else ()
        outcomes = [Outcome(name, signature, reason=BACKLOG_SKIPPED) for name, signature in waiting]
        claims = self._settling.settle(outcomes, is_first_start=True)
        self._known.update(listing.files if is_skipped else {})
        self._is_first_start = False
        log.info(
            "folder watched for the first time", folder=self.root.path, waiting=len(listing.files), skipped=len(claims)
        )
        return claims

    def _take_listing(self, listing: Listing, now_s: float) -> None:
        self.condition.unreadable = listing.unreadable
        if self._supervision.has_lost_hints:
            self._doubt_the_writing(listing, now_s)
        given_up = self._refusals.given_up
        for name, signature in (listing.files | listing.links).items():
            if self._known.get(name) != signature and name not in self.waiting and name not in given_up:
                self.waiting.put(name, rule.seen(signature, now_s, self._limits))
        self._refusals.keep(listing.files.keys())
        self._known = {
            name: mark for name, mark in self._known.items() if name in listing.files or name in listing.links
        }
        for name in self._refusals.readable_again():
            self._refusals.over(name)
            self.waiting.put(name, rule.seen(listing.files[name], now_s, self._limits))

    def _doubt_the_writing(self, listing: Listing, now_s: float) -> None:
        for name, signature in listing.files.items():
            candidate = self.waiting.get(name)
            if candidate is not None:
                self.waiting.put(name, rule.doubted(candidate, signature, now_s, self._limits))

    def _look_at_due(self, now_s: float) -> list[Claim]:
        ready: list[tuple[str, Read]] = []
        outcomes: list[Outcome] = []
        due = {name: self.waiting.get(name) for name in self.waiting.due(now_s, MOST_PER_STEP)}
        for name, candidate in due.items():
            if candidate is not None:
                self._examine(name, candidate, now_s, ready, outcomes)
        outcomes += self._read_all(ready)
        try:
            return self._settle(outcomes)
        except (sa.exc.SQLAlchemyError, OSError):
            # Nothing was remembered: the same files are due again shortly.
            for name, candidate in due.items():
                self.waiting.put(name, candidate)
                self.waiting.postpone(name, now_s + UNSETTLED_RETRY_S)
            raise

    def _examine(
        self, name: str, candidate: Candidate, now_s: float, ready: list[tuple[str, Read]], outcomes: list[Outcome]
    ) -> None:
        here = look(f"{self.root.path}/{name}")
        step = rule.examined(candidate, here, now_s, self._clock(), self._limits)
        is_known = here.signature is not None and self._known.get(name) == here.signature
        if is_known and candidate.sign not in ("closed", "writing"):
            self.waiting.put(name, None)
        elif isinstance(step, Read):
            ready.append((name, step))
        elif isinstance(step, Wait):
            self.waiting.put(name, step.candidate)
        else:
            self.waiting.put(name, None)
            outcomes += [Outcome(name, step.signature, reason=step.reason)] if isinstance(step, Skip) else []

    def _read_all(self, ready: list[tuple[str, Read]]) -> list[Outcome]:
        readings = self._readers.map(self._read, ready)
        return [
            outcome
            for (name, read), reading in zip(ready, readings, strict=True)
            for outcome in self._after(name, read, reading)
        ]

    def _read(self, item: tuple[str, Read]) -> Reading:
        name, order = item
        return self._copies.read(self.root.path, name, order, is_local=not self._supervision.polled)

    def _after(self, name: str, order: Read, reading: Reading) -> list[Outcome]:
        now_s = self._monotonic()
        if reading.outcome == "denied":
            self._refusals.names.add(name)
        else:
            self._refusals.over(name)
        if reading.outcome in ("whole", "gone"):
            self.waiting.put(name, None)
            return [Outcome(name, order.signature, reading)] if reading.outcome == "whole" else []
        if reading.outcome == "empty":
            self.waiting.put(name, None)
            return [Outcome(name, order.signature, reason=rule.EMPTY)]
        self.condition.is_stuck |= reading.outcome == "stuck"
        step = rule.another_time(reading.outcome, order, now_s, self._limits)
        self.waiting.put(name, step.candidate if isinstance(step, Wait) else None)
        return [Outcome(name, step.signature, reason=step.reason)] if isinstance(step, Skip) else []

    def _settle(self, outcomes: list[Outcome]) -> list[Claim]:
        if not outcomes:
            return []
        claims = self._settling.settle(outcomes)
        for outcome in outcomes:
            self._known[outcome.name] = outcome.signature
            if outcome.reason == rule.DENIED:
                self._known.pop(outcome.name)
                self._refusals.given_up.add(outcome.name)
        if any(outcome.reading for outcome in outcomes):
            self.condition.is_stuck = False
        if claims:
            self.condition.last_at = self._clock()
        return claims
