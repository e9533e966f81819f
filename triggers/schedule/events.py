"""The events of schedules: one for each instant, and one of its own for whoever starts a rule by hand. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.doors.schedule.rule import timetable_of
from bot.doors.schedule.words import short
from bot.events import Event, Kept
from bot.rules.rule import Rule

SOURCE = "schedule"


def event_of_instant(rule: Rule, instant: datetime) -> Event:
    """The event of one instant: seen again, it is the same."""
    return _event(rule, instant, f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "")


def event_by_hand(rule: Rule, now: datetime) -> Event:
    """The event of a run that somebody started at this moment; no instant of the schedule has its id."""
    return _event(rule, now, f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z-by-hand", ", by hand")


def _event(rule: Rule, moment: datetime, name: str, how: str) -> Event:
    conversation = f"{SOURCE}:{rule.name}"
    return Event(
        id=f"{conversation}:{name}",
        source=SOURCE,
        rule=rule.name,
        text="",
        subject=f"{rule.name}, {short(moment.astimezone(timetable_of(rule).place))}{how}",
        # In the zone of the rule: the prompt says which day it is there.
        time=moment.astimezone(timetable_of(rule).place),
        conversation=conversation,
        reply_to=Kept(),
        fields={"zone": timetable_of(rule).zone},
    )
