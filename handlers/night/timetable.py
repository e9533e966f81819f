"""When each batch is looked at next: gaps grow while nothing happens, and after failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from bot.errors import BellhopError, TryAgain
from bot.retry import backoff_s

log = structlog.get_logger()

FIRST_LOOK_S = 2.0
LOOK_GROWTH = 1.3
AGAIN_FIRST_S, AGAIN_LONGEST_S = 1.0, 60.0
TELL_EVERY_S = 3.0


class Timetable:
    """One for each run of the lane, by the names of its batches; `fault` says what failed last, "" when all is well."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due_s: dict[str, float] = {}
        self._looks: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._told_s: dict[str, float] = {}
        self.fault = ""
        self.heard_at: datetime | None = None

    def is_due(self, piece_id: str) -> bool:
        """Whether it is time."""
        return self._clock() >= self._due_s.get(piece_id, 0.0)

    def look(self, piece_id: str, longest_s: float) -> None:
        """It went well: look again after a gap that grows up to `longest_s`."""
        looks = self._looks[piece_id] = self._looks.get(piece_id, 0) + 1
        self._failures.pop(piece_id, None)
        first_s = min(FIRST_LOOK_S, longest_s)
        self._due_s[piece_id] = self._clock() + backoff_s(looks, first_s, longest_s, growth=LOOK_GROWTH)
        self.fault, self.heard_at = "", datetime.now(UTC)

    def again(self, piece_id: str, error: BellhopError) -> None:
        """It failed: try again later, not before the other side asked for."""
        failures = self._failures[piece_id] = self._failures.get(piece_id, 0) + 1
        asked_s = error.after_s if isinstance(error, TryAgain) and error.after_s is not None else 0.0
        wait_s = max(asked_s, backoff_s(failures, AGAIN_FIRST_S, AGAIN_LONGEST_S))
        self._due_s[piece_id] = self._clock() + wait_s
        self.fault = error.reason
        log.warning("batch is tried again", reason=error.reason, after_s=round(wait_s, 1))

    def may_tell(self, piece_id: str) -> bool:
        """Whether it is long enough ago that people were told how far it is."""
        may = self._clock() - self._told_s.get(piece_id, float("-inf")) >= TELL_EVERY_S
        if may:
            self._told_s[piece_id] = self._clock()
        return may

    def forget(self, piece_id: str) -> None:
        """It is over."""
        for known in (self._due_s, self._looks, self._failures, self._told_s):
            known.pop(piece_id, None)
        self.fault, self.heard_at = "", datetime.now(UTC)
