"""What `bot check` says of schedules: each in words, with its next instants."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.door import Finding
from bot.doors.schedule.rule import timetable_of
from bot.doors.schedule.schedule_store import ScheduleStore
from bot.doors.schedule.settings import ScheduleSettings, clock_of
from bot.doors.schedule.words import in_words
from bot.errors import BellhopError
from bot.rules.rule import Rule
from bot.settings import Settings
from bot.store.database import open_database

DOOR = "schedule"


async def check(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    """A finding for each schedule; one that has no past yet says so."""
    known = await asyncio.to_thread(_begun, settings)
    return [_finding(name, words, known) for name, words in in_words_of(settings, rules).items()]


def in_words_of(settings: Settings, rules: tuple[Rule, ...]) -> dict[str, str]:
    """Each schedule by its rule, in words, with its next instants from now on."""
    now = datetime.fromtimestamp(clock_of(settings.door(ScheduleSettings))(), UTC)
    return {rule.name: in_words(timetable_of(rule), now) for rule in rules}


def _finding(name: str, words: str, known: frozenset[str]) -> Finding:
    anew = "" if name in known else "; it starts anew: no schedule of this name has run here"
    return Finding(DOOR, name, ok=True, words=f"{words}{anew}")


def _begun(settings: Settings) -> frozenset[str]:
    # A database that cannot be opened is a finding of its own.
    with contextlib.suppress(BellhopError, sa.exc.SQLAlchemyError):
        database = open_database(settings.database_url)
        try:
            return frozenset(ScheduleStore(database).all())
        finally:
            database.dispose()
    return frozenset()
