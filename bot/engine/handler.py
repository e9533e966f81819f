"""The ONE handler as the engine sees it: what it calls for each event, stage by stage."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from bot.events import Answer, Event, Place


class Handler(Protocol):
    """The ONE handler as the engine sees it: three steps, each of which may run again after a crash, and their end."""

    async def open_reply(self, event: Event, attempt: int) -> Place:
        """Take the reply's place. `attempt` above 1: an earlier run may have taken it; look before repeating."""

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        """Ask Claude. `stop`: the person wants no more.

        Raises Refused (final), TryAgain (worth another attempt) or Waits (not now: the event is parked), as every
        stage may; an event that goes on after it was parked begins again at the first stage that is not kept.
        """

    async def wait(self, event: Event, reason: str, until: datetime | None) -> None:
        """Tell the person that this event waits behind an earlier one of its conversation. Never raises."""

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        """Put the stored answer where it belongs."""

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        """Tell the person that there is no answer, and why."""

    def over(self, event_id: str, *, is_parked: bool) -> None:
        """This process is done with a run of the event, whatever came of it: nothing more of it must be remembered.

        `is_parked`: it goes on later, in this process or in another.
        """
