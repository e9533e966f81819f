"""Patience with people who are still typing: since when each row stands as it does."""

from __future__ import annotations

from bot.doors.sheet.rows import Row

Key = tuple[str, str, bool]


class Debounce:
    """Remembers rows by what they say, because their numbers mean nothing. One for each tab.

    A row has settled when it was seen unchanged for `settle_s` seconds, at two reads at least (one when that is 0).
    """

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._seen: dict[Key, tuple[float, int]] = {}
        self._now: set[Key] = set()
        self._due: list[float] = []
        self._at = 0.0
        self._absent: dict[str, int] = {}
        self._absent_now: set[str] = set()

    def begin_read(self, at: float) -> None:
        """A read begins; times are seconds on any clock."""
        if at < self._at:  # the clock was set back: what was seen in its future was seen now
            self._seen = {key: (min(first, at), count) for key, (first, count) in self._seen.items()}
        self._at = at
        self._now, self._due, self._absent_now = set(), [], set()

    def is_settled(self, row: Row, *, reads: int = 1, wait_s: float = 0.0) -> bool:
        """Whether this row stands unchanged long enough; asks once for each row and read."""
        key = (row.fingerprint, row.status, row.is_unanswered)
        wait_s = max(wait_s, self._settle_s)
        first, count = self._seen.get(key, (self._at, 0))
        if key not in self._now:
            count += 1
            self._seen[key] = (first, count)
            self._now.add(key)
        if self._at >= first + wait_s and count >= max(reads, 2 if wait_s else 1):
            return True
        self._due.append(first + wait_s)
        return False

    def absent(self, token: str) -> int:
        """At how many reads in a row this token was missed, this one included."""
        if token not in self._absent_now:
            self._absent_now.add(token)
            self._absent[token] = self._absent.get(token, 0) + 1
        return self._absent[token]

    def end_read(self, _at: float) -> None:
        """Forget what this read did not show."""
        self._seen = {key: seen for key, seen in self._seen.items() if key in self._now}
        self._absent = {token: count for token, count in self._absent.items() if token in self._absent_now}

    def next_at(self) -> float | None:
        """When the next row will have settled; None when none waits."""
        return min(self._due, default=None)
