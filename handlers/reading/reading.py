"""The reading for one run: every source of the rule, the period it is for, and what of it must not come again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import NotWanted
from bot.events import Event
from bot.reads import Reads, Run
from bot.rules.rule import Rule
from handlers.documents.document import Document
from handlers.fence import harmless
from handlers.reading.material import Material, Source

NOTHING_NEW = "nothing-new"
"""Code of an event that was skipped because its sources had nothing."""
NOTHING = "There was nothing new to tell."
DATED = ("schedule",)
"""The doors whose events have no words of their own: what they ask is about a time."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read: `facts` fill placeholders of the rule's `ask`, `words` say to Claude what there is and is not."""

    facts: Mapping[str, str]
    words: str = ""
    documents: tuple[Document, ...] = ()
    notes: tuple[str, ...] = ()
    today: str = ""


class Reading:
    """`sources` by their kind."""

    def __init__(self, sources: Mapping[str, Source], reads: Reads) -> None:
        self._sources, self._reads = sources, reads

    async def read(self, event: Event, rule: Rule, *, keeps: bool = True) -> Readings | None:
        """What the rule's sources have for this event; None for a rule that reads nothing.

        `keeps`: what it read counts as told once the event is answered. Raises NotWanted where there is nothing and
        the rule then wants none, TryAgain for what may pass.
        """
        if not rule.read and rule.on not in DATED:
            return None
        found = {source: await self._one(source, rule) for source in rule.read}
        if rule.read and rule.when_nothing == "skip" and all(is_nothing(one) for one in found.values()):
            raise NotWanted(NOTHING, NOTHING_NEW)
        since = await asyncio.to_thread(self._reads.last_run, rule.name, event.time.timestamp())
        if keeps:
            run = Run(event.id, rule.name, event.time.timestamp())
            await asyncio.to_thread(self._reads.begin, run, {source: one.items for source, one in found.items()})
        return readings_of(event, since, found)

    async def _one(self, source: str, rule: Rule) -> Material:
        kind, _, place = source.partition(":")
        return await self._sources[kind].read(place.strip(), partial(self._reads.seen, rule.name, source))


def is_nothing(material: Material) -> bool:
    """Whether a source had nothing, and was there to say so."""
    return not material.documents and not material.is_missing


def readings_of(event: Event, since: datetime | None, found: Mapping[str, Material]) -> Readings:
    """All of it as the prompt takes it. Pure."""
    zone_name = event.fields.get("zone", "UTC")
    zone = _zone(zone_name)
    now = event.time.astimezone(zone)
    started = _moment(since.astimezone(zone), now) if since else ""
    period = f"since {started}" if started else "so far (this is the first run)"
    date = f"{now:%A}, {now.day} {now:%B %Y}"
    words = f"It is {_moment(now, now)}. The period is {period}."
    if found:
        lines = "\n".join(f"- {harmless(source, 300)}: {one.words}" for source, one in found.items())
        words += f"\n\nWhat was read for this:\n{lines}"
    return Readings(
        facts={"date": date, "since": started or "the beginning", "period": period},
        words=words,
        documents=tuple(document for one in found.values() for document in one.documents),
        notes=tuple(f"{source}: {note}" for source, one in found.items() for note in one.notes),
        today=f"Today is {date}; days and times are those of {zone_name}.",
    )


def _moment(moment: datetime, now: datetime) -> str:
    of_year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment:%A} {moment.day} {moment:%b}{of_year} {moment:%H:%M}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a zone that was there when the event came
        return ZoneInfo(str(UTC))
