"""Outages of Claude's API: who waits for how long, and whose fault it is.

An outage ends with the first question that is answered; then everything that waits for it goes on at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import FAULT, OUTAGE, Refused, TryAgain, Waits

SILENT = "Claude does not answer just now"
FIRST_GAP, LONGEST_GAP = timedelta(minutes=1), timedelta(hours=2)
"""Between two tries of what nobody watches; a gap is as long as the outage has lasted."""
LASTS = timedelta(hours=1)
WATCHED_FIRST_GAP, WATCHED_LONGEST_GAP = timedelta(seconds=15), timedelta(minutes=2)
WATCHED_MOST = timedelta(minutes=30)
"""Whoever asked in a chat has gone elsewhere by then, and is told so."""


@dataclass(slots=True)
class Outages:
    """What one process knows of them. `now` gives aware times; `over` lets everything go on that is parked for one."""

    now: Callable[[], datetime]
    over: Callable[[], None] = lambda: None
    _since: datetime | None = None
    _tried_at: datetime | None = None
    _answered_at: datetime | None = None
    _first_failed: dict[str, datetime] = field(default_factory=dict)

    def hold(self) -> Waits | None:
        """What nobody watches asks nothing while another question has just failed: one of them tries for all."""
        if self._since is None or self._tried_at is None:
            return None
        next_at = self._tried_at + self._gap(watched=False)
        if self.now() < next_at:
            return Waits(SILENT, next_at, waits_for=OUTAGE)
        self._tried_at = self.now()  # this one tries; what is due at the same time waits for what becomes of it
        return None

    def failed(self, event_id: str, error: TryAgain, *, watched: bool) -> Waits | Refused | None:
        """What becomes of an event whose question failed; None: it may be its own fault, and is tried as any other.

        A fault that comes while others are answered is taken for the event's own.
        """
        now = self.now()
        begun = self._first_failed.setdefault(event_id, now)
        is_own = self._answered_at is not None and self._answered_at > begun
        if error.code not in {OUTAGE, FAULT} or (error.code == FAULT and is_own):
            return None
        self._since = self._since or now
        self._tried_at = now
        if watched and now - begun >= WATCHED_MOST:
            return Refused(error.reason, error.code)
        gap = max(self._gap(watched=watched), timedelta(seconds=error.after_s or 0.0))
        return Waits(SILENT, now + gap, waits_for=OUTAGE)

    def answered(self) -> None:
        """A question was answered, which ends an outage."""
        was_on, self._since = self._since is not None, None
        self._answered_at = self.now()
        if was_on:
            self.over()

    def forget(self, event_id: str) -> None:
        """The event is over."""
        self._first_failed.pop(event_id, None)

    def _gap(self, *, watched: bool) -> timedelta:
        first, longest = (WATCHED_FIRST_GAP, WATCHED_LONGEST_GAP) if watched else (FIRST_GAP, LONGEST_GAP)
        lasted = self.now() - self._since if self._since else timedelta()
        return min(max(lasted, first), longest)
