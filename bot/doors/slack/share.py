"""This file is one worker's part of the workspace: it falls at once and rises a minute late."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from bot.doors.slack.limits import WINDOW_S


class SteadyShare:
    """The smallest part of the last minute. Slack still counts what a worker called that has gone since."""

    def __init__(self, share: Callable[[], float], clock: Callable[[], float]) -> None:
        self._share, self._clock = share, clock
        self._lately: deque[tuple[float, float]] = deque()

    def __call__(self) -> float:
        now, part = self._clock(), self._share()
        while self._lately and self._lately[0][0] <= now - WINDOW_S:
            self._lately.popleft()
        # Whatever is larger and older can never be the smallest again.
        while self._lately and self._lately[-1][1] >= part:
            self._lately.pop()
        self._lately.append((now, part))
        return self._lately[0][1]
