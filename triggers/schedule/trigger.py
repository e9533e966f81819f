"""The schedule trigger: it looks at the clock every second, and hands on each instant once, with its mark."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import sqlalchemy as sa
import structlog
from starlette.routing import BaseRoute

from bot.doors.schedule.rule import ScheduleRule, timetable_of
from bot.doors.schedule.schedule_store import Kept, ScheduleStore
from bot.doors.schedule.timetable import Timetable
from bot.doors.schedule.words import in_words
from bot.errors import TryAgain
from bot.events import Emit, Event, Health, Receipt, Record
from bot.rules.rule import Rule
from triggers.schedule.events import event_of_instant
from triggers.schedule.missed import MISSED, Due, decided

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
"""The clock on the wall may be set, and the machine may sleep: so it is never slept longer than this."""
UNWATCHED_S = 60.0
"""Two looks that lie further apart: the machine slept, or its clock was set; what came in between was missed."""
WRONG_CLOCK_S = 3_600.0
"""A mark that lies so far ahead was made by a clock that was wrong. To go back is safe: an instant's id runs once."""
MOST_TOLD = 1_000
"""Of more instants that were missed the latest get a receipt each; to tell the rest would take hours."""
LONGEST_DOWN_S = 366 * 86_400.0


class Skip(Protocol):
    """Records an event without running it (`Engine.skip`)."""

    def __call__(
        self, event: Event, reason: str, record: Record | None = None, *, code: str = ""
    ) -> Awaitable[Receipt]: ...


class ScheduleTrigger:
    """Runs the schedules of `rules`. `clock` counts seconds since 1970, and may jump."""

    name = "schedule"

    def __init__(
        self, rules: Sequence[Rule], store: ScheduleStore, skip: Skip, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._timetables = {rule.name: timetable_of(rule) for rule in rules}
        self._store, self._skip, self._clock = store, skip, clock
        self._kept: dict[str, Kept] = {}
        self._next: dict[str, datetime] = {}
        self._watched_since_s = self._looked_s = clock()
        self._last_event_at: datetime | None = None
        self._fault = ""

    def routes(self, _emit: Emit) -> Sequence[BaseRoute]:
        """None: clocks do not come over HTTP."""
        return ()

    def health(self) -> Health:
        """Fine while the clock is looked at and what is due can be kept. Heard: the last look."""
        now = _moment(self._looked_s)
        words = "; ".join(f"{name}: {in_words(table, now, 1)}" for name, table in self._timetables.items())
        return Health(not self._fault, self._fault or words, now, self._last_event_at)

    async def run(self, emit: Emit) -> None:
        """Watch until cancelled; a database that takes no writes is waited out."""
        self._kept, self._next = {}, {}
        self._watched_since_s = self._looked_s = self._clock()
        while True:
            try:
                await self.look(emit)
                self._fault = ""
            except (TryAgain, sa.exc.SQLAlchemyError) as error:
                self._fault = "What is due could not be kept; it is tried again every second."
                log.warning("schedule not kept, tried again", fault=type(error).__name__)
            await asyncio.sleep(self._pause_s())

    async def look(self, emit: Emit) -> None:
        """Hand on all that is due by now."""
        now_s = self._clock()
        if now_s - self._looked_s > UNWATCHED_S:
            self._watched_since_s = now_s
        self._watched_since_s, self._looked_s = min(self._watched_since_s, now_s), now_s
        if not self._kept:
            self._kept = await asyncio.to_thread(self._begin, now_s)
        for name in self._rules:
            await self._settle(name, now_s, emit)

    def _pause_s(self) -> float:
        """Until the next second begins, because instants are full minutes."""
        return LOOK_EVERY_S - self._clock() % LOOK_EVERY_S

    def _begin(self, now_s: float) -> dict[str, Kept]:
        known = self._store.all()
        for name in sorted(known.keys() - self._rules.keys()):
            log.info("schedule has no rule any more; under another name it starts anew", rule=name)
        return {name: known.get(name) or self._begun_anew(name, now_s) for name in self._rules}

    def _begun_anew(self, name: str, now_s: float) -> Kept:
        table = self._timetables[name]
        log.info("schedule begins", rule=name, when=in_words(table, _moment(now_s), 1))
        return self._store.begin(Kept(name, table.cron, table.zone, now_s))

    async def _settle(self, name: str, now_s: float, emit: Emit) -> None:
        kept, table = self._kept[name], self._timetables[name]
        if kept.done_until > now_s + WRONG_CLOCK_S:
            log.warning("schedule was kept by a clock that ran ahead", rule=name, until=str(_moment(kept.done_until)))
            kept = self._kept[name] = await asyncio.to_thread(partial(self._store.change, kept, done_until=now_s))
            self._next.pop(name, None)
        is_edited = (kept.cron, kept.zone) != (table.cron, table.zone)
        # What was due by the line of before is settled by that line; the new one counts from now.
        await self._hand_on(name, Timetable(kept.cron, kept.zone) if is_edited else table, now_s, emit)
        if is_edited:
            log.info("schedule was edited", rule=name, when=in_words(table, _moment(now_s), 1))
            change = partial(self._store.change, cron=table.cron, zone=table.zone, done_until=now_s)
            self._kept[name] = await asyncio.to_thread(change, self._kept[name])
            self._next.pop(name, None)

    async def _hand_on(self, name: str, table: Timetable, now_s: float, emit: Emit) -> None:
        now, start = _moment(now_s), _moment(max(self._kept[name].done_until, now_s - LONGEST_DOWN_S))
        if name not in self._next:
            self._next[name] = next(table.after(start))
        if self._next[name] > now:
            return
        instants = await asyncio.to_thread(deque, table.between(start, now), MOST_TOLD)
        rule = self._rules[name]
        missed = rule.of(ScheduleRule).missed
        for due in decided(tuple(instants), _moment(self._watched_since_s), now, missed):
            await self._keep(rule, due, emit)
            until_s = due.instant.timestamp()
            self._kept[name] = replace(self._kept[name], done_until=until_s)
            self._next.pop(name, None)

    async def _keep(self, rule: Rule, due: Due, emit: Emit) -> None:
        """The event and the mark, in one commit."""
        event = event_of_instant(rule, due.instant)
        record = partial(self._store.done, rule=rule.name, until=due.instant.timestamp())
        if due.left_out:
            await self._skip(event, due.left_out, record, code=MISSED)
            return
        await emit(event, record)
        self._last_event_at = _moment(self._looked_s)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
