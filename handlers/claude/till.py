"""The till of one event: every call to Claude is reserved there before it is made, and paid there once it is over."""

from __future__ import annotations

from typing import Protocol

from bot.events import Usage
from handlers.claude.forecast import Forecast


class Till(Protocol):
    """Where an answer's calls are paid, but for the last one: that is paid with the answer itself, in one commit."""

    async def reserve(self, call: Forecast) -> None:
        """Return once the call may be made. Raises Refused or Waits, in plain words, where its money is not there."""

    async def settle(self, model: str, usage: Usage, cost_usd: float) -> None:
        """The reserved call is over and gave no whole answer; it used this, or nothing."""
