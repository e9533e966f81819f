"""The stand-in's clock: the real one, or a quicker one, without ever jumping."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """Seconds that pass `speed` times as fast as those of `source`, from where that stood at first."""

    def __init__(self, source: Callable[[], float], speed: float = 1.0) -> None:
        self._source = source
        self._speed = speed
        self._source_at = source()
        self._shown_at = self._source_at

    def now(self) -> float:
        """Seconds on this clock."""
        return self._shown_at + (self._source() - self._source_at) * self._speed

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of the source's."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Run faster or slower from now on."""
        self._shown_at, self._source_at = self.now(), self._source()
        self._speed = speed
