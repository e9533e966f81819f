"""How one event is asked by night: handed in, parked, and answered with what its batch says of it.

What is asked and what becomes of an answer is the handler's own matter; here only the asking differs from the day's.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
import structlog

from bot import reservations
from bot.errors import BATCH, STOPPED, NotWanted, Refused, TryAgain, Waits, reason_of
from bot.events import Answer, Event, Usage
from bot.payments import Payment, book
from bot.retry import STOPPED_WORDS, backoff_s
from bot.rules.rule import Rule
from bot.store.group_commit import ENVIRONMENT
from handlers.claude.ask import Ask, shortened
from handlers.claude.entry import AskAgain, bill_of, mended, read_entry, request_in_batch
from handlers.claude.till import Till
from handlers.night.entries import Entries, Entry, Facts
from handlers.night.words import entry_words, failed_words, gathered_words

T = TypeVar("T")
log = structlog.get_logger()

MOST_BATCHES = 3
"""An entry is asked again twice at most."""
Presence = Callable[[Event], Awaitable[None]]
"""Raises NotWanted when what an event was about is gone from its source."""


class Books(Protocol):
    """Where money is kept (bot/engine/engine.py)."""

    async def keep(self, change: Callable[[sa.Connection], T]) -> T:
        """Write, however long the database is away."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, ready to be put to Claude, and the notes for the reader that come with its answer."""

    ask: Ask
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One event as the handler has it: `build` makes its question, `finish` its columns (raises TryAgain, Refused)."""

    event: Event
    rule: Rule
    build: Callable[[], Awaitable[Asked]]
    finish: Callable[[Answer, int], Answer]
    till: Till | None = None
    is_quick: bool = False


class GiveUp(Exception):
    """The batches brought no answer, and the rule wants a direct call then."""


class NightAsking:
    """`presence` by source. `ring` is called when something was handed in: it wakes a lane in this process."""

    def __init__(
        self,
        entries: Entries,
        books: Books,
        gather_s: float,
        *,
        presence: Mapping[str, Presence] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._entries, self._books, self._gather_s = entries, books, gather_s
        self._presence, self._clock = presence or {}, clock
        self.ring: Callable[[], None] = lambda: None

    async def answer(self, job: Job, stop: asyncio.Event) -> Answer:
        """What the batch answered. Raises Waits until that is there, GiveUp, Refused, NotWanted and TryAgain."""
        entry = await self._kept(lambda: self._entries.entry(job.event.id))
        if stop.is_set():
            await self._take_out(entry)
            raise Refused(STOPPED_WORDS, STOPPED)
        try:
            await self.look_for(job.event)
        except NotWanted:
            await self._take_out(entry)
            raise
        if entry is None:
            raise await self._hand_in(job, ())
        if entry.state == "withdrawn":
            await self._kept(lambda: self._entries.want_again(job.event.id))
        if entry.state == "gathered":
            raise self._gathered()
        if entry.state != "back":
            raise Waits(entry_words(entry), waits_for=BATCH)
        return await self._back(job, entry)

    async def look_for(self, event: Event) -> None:
        """Raise NotWanted when what the event was about is gone."""
        present = self._presence.get(event.source)
        if present is not None:
            await present(event)

    async def forget(self, event_id: str) -> None:
        """The event has ended."""
        await self._kept(lambda: self._entries.withdraw(event_id))

    async def _back(self, job: Job, entry: Entry) -> Answer:
        facts, result = entry.facts, entry.result or {}
        seconds = max(0.0, self._clock() - (entry.since_s or self._clock()))
        try:
            found = read_entry(result, facts.max_tokens, shortens=facts.shortens, duration_s=seconds)
            answer = job.finish(found, facts.max_tokens)
        except Refused:
            await self._book(entry)
            await self.forget(job.event.id)
            raise
        except TryAgain as error:
            raise await self._again(job, entry, AskAgain(error.reason)) from None
        except AskAgain as again:
            raise await self._again(job, entry, again) from None
        return replace(answer, notes=tuple(dict.fromkeys((*facts.notes, *answer.notes))))

    async def _again(self, job: Job, entry: Entry, again: AskAgain) -> Exception:
        """Gather it for the next batch; or what is to be done when there were enough of them."""
        await self._book(entry)
        log.info("batch entry brought no answer", event_id=job.event.id, tries=entry.tries, reason=again.words)
        if entry.tries < MOST_BATCHES:
            mends = (*entry.facts.mends, again.mend) if again.mend else entry.facts.mends
            return await self._hand_in(job, tuple(dict(mend) for mend in mends))
        if job.rule.lane_fallback == "now":
            return GiveUp(again.words)
        await self.forget(job.event.id)
        return Refused(failed_words(again.words, entry.tries))

    async def _hand_in(self, job: Job, mends: tuple[dict[str, object], ...]) -> Waits:
        asked = await job.build()
        question = mended(asked.ask, mends)
        if job.till is not None:
            await self._books.keep(lambda connection: reservations.settle(connection, job.event.id))
            await job.till.reserve(question.forecast(""))
        request = await asyncio.to_thread(lambda: json.dumps(request_in_batch(question), ensure_ascii=False).encode())
        notes = (*asked.notes, *question.notes)
        facts = Facts(asked.ask.max_tokens, notes, shortened(question.messages) is not None, mends)
        now_s, event_id = self._clock(), job.event.id
        await self._kept(lambda: self._entries.hand_in(event_id, request, facts, now_s, is_quick=job.is_quick))
        self.ring()
        return self._gathered()

    def _gathered(self) -> Waits:
        return Waits(gathered_words(self._clock() + self._gather_s), waits_for=BATCH)

    async def _take_out(self, entry: Entry | None) -> None:
        if entry is not None:
            if entry.state == "back":
                await self._book(entry)
            await self.forget(entry.event_id)

    async def _book(self, entry: Entry) -> None:
        await book_result(self._books, entry.event_id, entry.custom_id, entry.result or {}, self._clock())

    async def _kept(self, work: Callable[[], T]) -> T:
        """Work with the database, however long it is away: an event must not fail for that."""
        tried = 0
        while True:
            try:
                return await asyncio.to_thread(work)
            except ENVIRONMENT as error:
                tried += 1
                log.warning("night lane waits for the database", reason=reason_of(error))
                await asyncio.sleep(backoff_s(tried, 0.5, 5.0))


async def book_result(books: Books, event_id: str, custom_id: str, result: Mapping[str, Any], now_s: float) -> None:
    """Book what a result cost that gave no answer, once, and let go of what was reserved for it."""
    bill = bill_of(result)
    payment = Payment(custom_id, event_id, bill.model, bill.usage, bill.cost_usd)

    def write(connection: sa.Connection) -> None:
        reservations.settle(connection, event_id)
        if bill.usage != Usage():
            book(connection, payment, now_s)

    await books.keep(write)
