"""The fence check of one answer: may this process still write it? Asked anew when it may have slept.

A host that is frozen for minutes is taken for dead, and its work done elsewhere. When it thaws, what it was about to
write must not be written any more: it would stand there twice, or over the finished answer.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from bot.doors.slack.calls import STOP_TRYING_AFTER_S, CallRequest, CallResult, Make, Sender, Skipped
from bot.errors import TryAgain

GOOD_FOR_S = 20.0
"""Work is taken over after two minutes of silence at the earliest, so a check this young is still good."""
TAKEN_OVER = "Another worker has taken over this answer."

Holds = Callable[[str], Awaitable[bool]]
"""Whether the work on an event is still this process's."""


class FenceCheck:
    """The pacer as one answer uses it: its calls leave only behind a recent check.

    `clock` is the wall's, in seconds: it is the one that goes on while a host is frozen.
    """

    def __init__(self, pacer: Sender, event_id: str, holds: Holds, clock: Callable[[], float] = time.time) -> None:
        self.limits = pacer.limits
        self.clock = pacer.clock
        self._pacer, self._event_id, self._holds, self._wall = pacer, event_id, holds, clock
        self._asked_at = -GOOD_FOR_S

    async def send(self, request: CallRequest, make: Make, give_up_s: float = STOP_TRYING_AFTER_S) -> CallResult:
        """`Pacer.send`. Raises TryAgain when another worker has this answer now."""
        while True:
            await self._renew()
            # Looked at again when its turn has come, which may be minutes later.
            result = await self._pacer.send(request, lambda: make() if self._is_good() else None, give_up_s)
            if not isinstance(result, Skipped) or self._is_good():
                return result

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
