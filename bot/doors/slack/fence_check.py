"""This file is the permit of one answer: whether this process may still write it, asked anew when it may have slept.

A host that is frozen for minutes is taken for dead, and its work done elsewhere. When it thaws, what it was about to
write must not be written any more: it would stand there twice, or over the finished answer.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.doors.slack.calls import Outcome, Skipped
from bot.doors.slack.pacer import STOP_TRYING_AFTER_S, Make
from bot.doors.slack.rate_limits import Budget
from bot.doors.slack.scheduling import Want
from bot.errors import TryAgain

GOOD_FOR_S = 20.0
"""Work is taken over after two minutes of silence at the earliest, so a permit this young is still good."""
TAKEN_OVER = "Another worker has taken over this answer."

Holds = Callable[[str], Awaitable[bool]]
"""Whether the work on an event is still this process's."""


class Sender(Protocol):
    """What the writers of an answer need of the pacer; see there."""

    budget: Budget
    clock: Callable[[], float]

    async def send(self, want: Want, make: Make, give_up_s: float = STOP_TRYING_AFTER_S) -> Outcome: ...

    def withdraw(self, key: str) -> None: ...


class Permit:
    """The pacer as one answer uses it: its calls leave only with a young permit.

    `clock` is the wall's, in seconds: it is the one that goes on while a host is frozen.
    """

    def __init__(self, pacer: Sender, event_id: str, holds: Holds, clock: Callable[[], float] = time.time) -> None:
        self.budget = pacer.budget
        self.clock = pacer.clock
        self._pacer, self._event_id, self._holds, self._wall = pacer, event_id, holds, clock
        self._asked_at = -GOOD_FOR_S

    async def send(self, want: Want, make: Make, give_up_s: float = STOP_TRYING_AFTER_S) -> Outcome:
        """`Pacer.send`. Raises TryAgain when another worker has this answer now."""
        while True:
            await self._renew()
            # Looked at again when its turn has come, which may be minutes later.
            outcome = await self._pacer.send(want, lambda: make() if self._is_good() else None, give_up_s)
            if not isinstance(outcome, Skipped) or self._is_good():
                return outcome

    def withdraw(self, key: str) -> None:
        """`Pacer.withdraw`."""
        self._pacer.withdraw(key)

    def _is_good(self) -> bool:
        return 0.0 <= self._wall() - self._asked_at < GOOD_FOR_S

    async def _renew(self) -> None:
        if self._is_good():
            return
        asked_at = self._wall()
        if not await self._holds(self._event_id):
            raise TryAgain(TAKEN_OVER)
        self._asked_at = asked_at
