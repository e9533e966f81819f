"""The clock that schedules run by: this machine's, turned ahead by a file where somebody tries them out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from bot.doors.schedule.settings import ScheduleSettings


def clock_of(settings: ScheduleSettings, clock: Callable[[], float] = time.time) -> Callable[[], float]:
    """Seconds since 1970."""
    file = settings.schedule_clock_file
    return clock if file is None else lambda: clock() + _ahead_s(file)


def _ahead_s(file: Path) -> float:
    with contextlib.suppress(OSError, ValueError):  # no such file (yet), or half written
        return float(file.read_text())
    return 0.0
