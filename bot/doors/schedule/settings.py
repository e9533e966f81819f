"""What schedules are set up with: nothing but their rules, and the clock that they run by."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from bot.settings import FromEnvironment


class ScheduleSettings(FromEnvironment):
    """`schedule_clock_file` holds the seconds by which schedules run ahead of this machine's clock, for trying them."""

    schedule_clock_file: Path | None = None


def clock_of(settings: ScheduleSettings, clock: Callable[[], float] = time.time) -> Callable[[], float]:
    """Seconds since 1970, as this machine says, or ahead of it where somebody tries schedules out."""
    file = settings.schedule_clock_file
    return clock if file is None else lambda: clock() + _ahead_s(file)


def _ahead_s(file: Path) -> float:
    with contextlib.suppress(OSError, ValueError):  # no such file (yet), or half written
        return float(file.read_text())
    return 0.0
