"""How often a spreadsheet is looked at: every 2 s while something happens, every 15 s at rest."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.doors.sheet.client import wait_before
from bot.doors.sheet.faults import SheetFault

BUSY_S, IDLE_S = 2.0, 15.0
BUSY_FOR_S = 120.0
"""After the last change the pace stays up this long: who typed one row often types the next."""

SOONEST_S = 1.0
"""Google advises one request a second for each spreadsheet; a round makes one or two.
Source: https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors
"""

AFTER_WRITE_S = 2.1
"""A round that wrote made two requests; and so no minute holds more than thirty writes, wherever it begins."""

CALLS_PER_MINUTE = 50.0

OWNER_S = 30.0
"""What only its owner can mend is tried again this often."""


class PollInterval:
    """The rhythm of one spreadsheet's loop; `sheets` is how many spreadsheets share the credential's minute.

    Every round says that it begins, and how it ended: `after` and `after_fault` return the seconds from its beginning
    to the next one's. `clock` gives seconds since 1970, `monotonic` seconds that nobody sets.
    """

    def __init__(
        self,
        sheets: int = 1,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sheets, self._clock, self._monotonic = sheets, clock, monotonic
        self._began = self._active_at = monotonic()
        self._began_at = clock()
        self._wrote = True
        self._failed = 0

    def begin(self) -> None:
        """A round begins; until it is known, it may have written."""
        self._began, self._began_at, self._wrote = self._monotonic(), self._clock(), True

    def after(self, *, is_active: bool, wrote: bool, settles_at: float | None) -> float:
        """It ended well. `settles_at`: when, since 1970, the next row will have settled."""
        now = self._monotonic()
        self._failed, self._wrote = 0, wrote
        if is_active:
            self._active_at = now
        settles_in_s = None if settles_at is None else settles_at - self._began_at
        return pause_s(quiet_s=now - self._active_at, settles_in_s=settles_in_s, wrote=wrote, sheets=self._sheets)

    def after_fault(self, fault: SheetFault) -> float:
        """It failed."""
        self._failed += 1
        return OWNER_S if fault.kind == "owner" else max(BUSY_S, wait_before(self._failed))

    def left_s(self, wait_s: float) -> float:
        """What is left of a pause."""
        return max(0.0, self._began + wait_s - self._monotonic())

    def soonest_left_s(self, wait_s: float) -> float:
        """What is left of it for a wake-up, which may not begin the next round before its time either."""
        return self.left_s(min(soonest_s(wrote=self._wrote), wait_s))


def pause_s(*, quiet_s: float, settles_in_s: float | None, wrote: bool, sheets: int) -> float:
    """Seconds from the start of one round to the next.

    `quiet_s`: since anything changed. `settles_in_s`: until a row that was typed will have settled. `wrote`: the last
    round made two requests. `sheets`: how many spreadsheets share the credential's minute.
    """
    busy_s = max(BUSY_S, sheets * 60.0 / CALLS_PER_MINUTE if sheets > 1 else 0.0)
    rest_s = busy_s if quiet_s < BUSY_FOR_S else min(IDLE_S, busy_s + (quiet_s - BUSY_FOR_S) / 10.0)
    rest_s = max(rest_s, busy_s, soonest_s(wrote=wrote))
    if settles_in_s is not None:
        rest_s = min(rest_s, max(settles_in_s, SOONEST_S))
    return rest_s


def soonest_s(*, wrote: bool) -> float:
    """The earliest that a wake-up may begin the next round after the last one began."""
    return AFTER_WRITE_S if wrote else SOONEST_S
