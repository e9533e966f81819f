"""The waker: work that has just been accepted is fetched at once instead of at the next poll.

dbos looks for queued work by polling only. Its queue loop waits on a stop event between two looks; this one ends that
wait when somebody rings, so that polling can be slow (and cheap) and the start still quick.
"""

from __future__ import annotations

import threading
import time

GAP_S = 0.065
"""Under load rings follow each other closely; one look serves all within this time."""


class QueueWaker:
    """Stands in for the `threading.Event` that stops a dbos queue loop, which calls `wait` and `is_set`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rung = self._stopped = self._paused = False
        self._looked_at = 0.0

    def ring(self) -> None:
        """There is work."""
        with self._changed:
            self._rung = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Take no new work for now."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Take work again."""
        with self._changed:
            self._paused, self._rung = False, True
            self._changed.notify_all()

    def set(self) -> None:
        """Take no work any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def is_set(self) -> bool:
        """Whether the loop must end."""
        return self._stopped

    def wait(self, timeout: float | None = None) -> bool:
        """Return False when it is time to look for work, True when the loop must end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or (self._rung and not self._paused), timeout)
            self._changed.wait_for(lambda: self._stopped or not self._paused)
            gap_s = self._looked_at + GAP_S - time.monotonic()
            if gap_s > 0:
                self._changed.wait_for(lambda: self._stopped, gap_s)
            self._rung, self._looked_at = False, time.monotonic()
            return self._stopped
