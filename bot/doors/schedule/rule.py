"""What a rule on a schedule may say beyond the common keys."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.doors.schedule.timetable import Timetable
from bot.rules.keys import Filled, RuleKeys
from bot.rules.rule import Rule

Missed = Literal["latest", "all", "skip"]
"""Which of the instants run that passed while nothing watched."""


class ScheduleRule(RuleKeys):
    """`cron` has five fields: minute, hour, day of month, month, weekday; `zone` is an IANA name."""

    cron: Filled = Field(description='a cron line in quotes such as "0 8 * * MON"')
    zone: Filled = Field("UTC", description='a time zone in quotes such as "Europe/Berlin"')
    missed: Missed = Field("latest", description='"latest", "all" or "skip"')


def timetable_of(rule: Rule) -> Timetable:
    """When this rule runs. Raises NoTimetable."""
    own = rule.of(ScheduleRule)
    return Timetable(own.cron, own.zone)
