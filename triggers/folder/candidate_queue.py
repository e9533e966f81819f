"""The queue of one root's candidates: kept by name, found again when their time has come."""

from __future__ import annotations

import heapq
from dataclasses import replace

from triggers.folder.candidates import Candidate


class CandidateQueue:
    """A dictionary with an alarm clock; 60,000 candidates cost a few heap steps each, never a pass over all."""

    def __init__(self) -> None:
        self._candidates: dict[str, Candidate] = {}
        self._alarms: list[tuple[float, str]] = []
        self._alarm_of: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._candidates)

    def __contains__(self, name: object) -> bool:
        return name in self._candidates

    def get(self, name: str) -> Candidate | None:
        """The candidate of that name, if it is waiting."""
        return self._candidates.get(name)

    def put(self, name: str, candidate: Candidate | None) -> None:
        """Keep the candidate, or forget the name when there is none."""
        if candidate is None:
            self._candidates.pop(name, None)
            return
        self._candidates[name] = candidate
        # A later due time needs no new alarm: the earlier one rings, finds it not due and is set again.
        if candidate.due_at_s < self._alarm_of.get(name, float("inf")):
            self._set_alarm(name, candidate.due_at_s)

    def due(self, now_s: float, most: int) -> list[str]:
        """Up to `most` names whose time has come; each must be put back or forgotten by the caller."""
        names: list[str] = []
        while self._alarms and self._alarms[0][0] <= now_s and len(names) < most:
            at_s, name = heapq.heappop(self._alarms)
            if self._alarm_of.get(name) != at_s:
                continue
            del self._alarm_of[name]
            candidate = self._candidates.get(name)
            if candidate is None:
                continue
            if candidate.due_at_s <= now_s:
                names.append(name)
            else:
                self._set_alarm(name, candidate.due_at_s)
        return names

    def postpone(self, name: str, until_s: float) -> None:
        """Let the candidate of that name be due again at `until_s`."""
        if name in self._candidates:
            self.put(name, replace(self._candidates[name], due_at_s=until_s))

    def next_due_at_s(self) -> float:
        """When to look again, at the latest; infinity when nothing waits."""
        return self._alarms[0][0] if self._alarms else float("inf")

    def _set_alarm(self, name: str, at_s: float) -> None:
        self._alarm_of[name] = at_s
        heapq.heappush(self._alarms, (at_s, name))
