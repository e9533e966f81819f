"""The schedule door as others see it: its trigger and how it is opened, its check, and an instant of one's own."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.doors.schedule.schedule_store import ScheduleStore
from bot.doors.schedule.settings import ScheduleSettings, clock_of
from bot.events import Event
from bot.parts import Parts
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.schedule.check import check, in_words_of
from triggers.schedule.events import event_by_hand
from triggers.schedule.trigger import ScheduleTrigger

__all__ = [
    "ScheduleTrigger",
    "check",
    "event_by_hand",
    "in_words_of",
    "open_trigger",
    "run_by_hand",
]


def run_by_hand(rule: Rule, settings: Settings) -> Event:
    """The event of a run that somebody starts now, by the clock that schedules run by."""
    return event_by_hand(rule, datetime.fromtimestamp(clock_of(settings.door(ScheduleSettings))(), UTC))


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> ScheduleTrigger:
    """The trigger of all schedule rules."""
    clock = clock_of(parts.settings.door(ScheduleSettings))
    return ScheduleTrigger(rules, ScheduleStore(parts.database), parts.engine.skip, clock=clock)
