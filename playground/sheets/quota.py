"""The minute quotas: how many reads and writes a credential and a project may make in any 60 seconds.

Source: https://developers.google.com/workspace/sheets/api/limits
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from playground.sheets.refusals import over_quota

WINDOW_S = 60.0


@dataclass
class Quota:
    """Sliding-minute counters per user and project; a refused call is counted as refused, not against the quota.

    `user_limit` and `project_limit` are calls per minute, for reads and writes each. `counts` holds calls ever made
    ("read", "write", "refused", "too_soon"); `too_soon` counts calls on one spreadsheet less than `advised_gap_s`
    after the one before (advice only: https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors).
    """

    user_limit: int = 60
    project_limit: int = 300
    advised_gap_s: float = 1.0
    counts: Counter[str] = field(default_factory=Counter)
    _windows: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    _last_at: dict[str, float] = field(default_factory=dict)

    def spend(self, kind: str, user: str, project: str, now: float) -> None:
        """Count one call. Raises Refused (429) when the user's or the project's minute is full."""
        windows = [self._window(kind, f"user {user}", now), self._window(kind, f"project {project}", now)]
        limits = [("user", self.user_limit), ("project", self.project_limit)]
        for window, (per, limit) in zip(windows, limits, strict=True):
            if len(window) >= limit:
                self.counts["refused"] += 1
                raise over_quota(kind.capitalize(), per, limit, project)
        for window in windows:
            window.append(now)
        self.counts[kind] += 1

    def touch(self, spreadsheet_id: str, now: float) -> None:
        """Note a call on a spreadsheet, for the advised rate of one per second."""
        if now - self._last_at.get(spreadsheet_id, float("-inf")) < self.advised_gap_s:
            self.counts["too_soon"] += 1
        self._last_at[spreadsheet_id] = now

    def spent(self, kind: str, user: str, now: float) -> int:
        """Calls of this kind that the user made in the last minute."""
        return len(self._window(kind, f"user {user}", now))

    def _window(self, kind: str, key: str, now: float) -> deque[float]:
        window = self._windows.setdefault((kind, key), deque())
        while window and window[0] <= now - WINDOW_S:
            window.popleft()
        return window
