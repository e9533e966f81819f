"""The stand-in's clock: real time, real time run faster, or moved by hand."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What every deadline of the stand-in is measured with, in seconds since 1970."""

    def now(self) -> float:
        """Seconds since 1970, never going back."""

    def real_s(self, seconds: float) -> float:
        """How long to really wait before looking again for something due in `seconds` of this clock."""


class RunningClock:
    """Real time; at `speed` 10, a minute of Slack's limits passes in six seconds."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._wall_s = time.time()
        self._started_s = time.monotonic()

    def now(self) -> float:
        return self._wall_s + (time.monotonic() - self._started_s) * self.speed

    def real_s(self, seconds: float) -> float:
        return max(0.0, seconds / self.speed)


class HandClock:
    """Stands still until `advance` moves it; who waits looks again every 5 ms."""

    def __init__(self, now_s: float = 1_790_000_000.0) -> None:
        self._now_s = now_s

    def now(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._now_s += seconds

    def real_s(self, seconds: float) -> float:
        return 0.005 if seconds > 0 else 0.0
