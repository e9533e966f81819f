"""The schedule door as others see it: its trigger and how it is opened, its check, and an instant of one's own."""

from __future__ import annotations

from bot.doors.schedule.clock import clock_of
from bot.doors.schedule.schedule_store import ScheduleStore
from bot.doors.schedule.settings import ScheduleSettings
from bot.parts import Parts
from bot.rules.rule import Rule
from triggers.schedule.check import check
from triggers.schedule.events import event_by_hand, event_of_instant
from triggers.schedule.trigger import ScheduleTrigger

__all__ = ["ScheduleTrigger", "check", "event_by_hand", "event_of_instant", "open_trigger"]


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> ScheduleTrigger:
    """The trigger of all schedule rules."""
    clock = clock_of(parts.settings.door(ScheduleSettings))
    return ScheduleTrigger(rules, ScheduleStore(parts.database), parts.engine.skip, clock=clock)
