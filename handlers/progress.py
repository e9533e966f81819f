"""What this process remembers of the events that it works on, and of those that it parked last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.events import Reply

MOST_PARKED = 1_000
"""Another worker may finish what was parked here, which nobody tells: beyond this the longest parked is forgotten."""


@dataclass(slots=True)
class Progress:
    """One event: its reply, since when Claude is asked, and whether its person was told that the answer comes later."""

    reply: Reply | None = None
    begun_at: datetime | None = None
    is_told: bool = False


class OpenEvents:
    """By event. What is forgotten is found again as after a restart; `forgotten` is told the event's id."""

    def __init__(self, forgotten: Callable[[str], None], *, most_parked: int = MOST_PARKED) -> None:
        self._forgotten, self._most_parked = forgotten, most_parked
        self._working: dict[str, Progress] = {}
        self._parked: OrderedDict[str, Progress] = OrderedDict()

    def __len__(self) -> int:
        return len(self._working) + len(self._parked)

    def of(self, event_id: str) -> Progress:
        """What is known of an event that is being worked on."""
        if event_id in self._parked:
            self._working[event_id] = self._parked.pop(event_id)
        return self._working.setdefault(event_id, Progress())

    def park(self, event_id: str) -> None:
        """It goes on later: who was told, and since when it is asked, counts then."""
        if (progress := self._working.pop(event_id, None)) is not None:
            self._parked[event_id] = progress
        while len(self._parked) > self._most_parked:
            self.forget(next(iter(self._parked)))

    def forget(self, event_id: str) -> None:
        """It ended, or is another's now."""
        self._working.pop(event_id, None)
        self._parked.pop(event_id, None)
        self._forgotten(event_id)
