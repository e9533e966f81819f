"""What is gathered for one question: what its source knows beyond the event, and what its rule reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.events import Event
from bot.rules.rule import Rule
from handlers.prompt import Gathered, with_readings
from handlers.reading.reading import Reading

Gather = Callable[[Event], Awaitable[Gathered]]
"""Reads what a source knows beyond the event: the thread before it, files behind a URL."""


class Gathering:
    """`readers` by source; without `reading` no rule reads anything."""

    def __init__(self, readers: Mapping[str, Gather] | None = None, reading: Reading | None = None) -> None:
        self._readers, self._reading = readers or {}, reading

    async def gather(self, event: Event, rule: Rule, *, keeps: bool = True) -> Gathered:
        """All of it. `keeps`: what was read counts as told once the event is answered."""
        gather = self._readers.get(event.source)
        gathered = await gather(event) if gather else Gathered()
        readings = await self._reading.read(event, rule, keeps=keeps) if self._reading else None
        return with_readings(gathered, readings) if readings else gathered
