"""What the schedule's tests share: rules, a clock that is set by hand, and an engine that keeps ids in memory."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from bot.doors.schedule.rule import ScheduleRule
from bot.doors.schedule.schedule_store import Kept
from bot.errors import TryAgain
from bot.rules.rule import Rule


def rule(name: str = "report", cron: str = "0 8 * * *", zone: str = "UTC", missed: str = "latest") -> Rule:
    return Rule(name=name, on="schedule", ask="Report.", options=ScheduleRule(cron=cron, zone=zone, missed=missed))


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


class Clock:
    def __init__(self, text: str) -> None:
        self.at_s = seconds(text)

    def __call__(self) -> float:
        return self.at_s

    def set(self, text: str) -> None:
        self.at_s = seconds(text)


class MemoryStore:
    """`ScheduleStore` without a database."""

    def __init__(self) -> None:
        self.rows: dict[str, Kept] = {}

    def all(self):
        return dict(self.rows)

    def begin(self, kept):
        return self.rows.setdefault(kept.rule, kept)

    def done(self, connection, rule, until):
        if self.rows[rule].done_until < until:
            self.change(self.rows[rule], done_until=until)

    def change(self, kept, *, cron="", zone="", done_until):
        self.rows[kept.rule] = Kept(kept.rule, cron or kept.cron, zone or kept.zone, done_until)
        return self.rows[kept.rule]


class Crash(Exception):
    pass


class MemoryEngine:
    """Accepts events as the engine does: the record and the event together, a known id once.

    With `chance` it fails now and then: before the commit (TryAgain), or right after it (Crash).
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        self.ran_once: dict[str, None] = {}
        self.skipped: dict[str, str] = {}
        self.repeats = 0
        self._chance = chance

    async def emit(self, event, record=None):
        self._maybe(0.01, TryAgain("the database is away"))
        if event.id in self.ran_once or event.id in self.skipped:
            self.repeats += 1
        else:
            self.ran_once[event.id] = None
        record(None)
        self._maybe(0.01, Crash())

    async def skip(self, event, reason, record=None, *, code=""):
        if event.id not in self.ran_once:
            self.skipped.setdefault(event.id, code)
        record(None)
        self._maybe(0.01, Crash())

    def _maybe(self, share: float, error: Exception) -> None:
        if self._chance and self._chance.random() < share:
            raise error

    @property
    def ran(self) -> list[str]:
        return list(self.ran_once)

    def instants(self) -> set[str]:
        return set(self.ran_once) | set(self.skipped)
