"""A schedule in words: "every Monday at 08:00, Europe/Berlin; next: Mon 30 Nov 08:00". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cronsim import CronSim

from bot.doors.schedule.timetable import Timetable

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_DAYS = tuple(day[:3].upper() for day in DAYS[:7])
MOST_TIMES = 4
NEXT = 3


def in_words(timetable: Timetable, now: datetime, count: int = NEXT) -> str:
    """When it runs, in which zone, and its next instants there; with the year where that is not this one."""
    year = now.astimezone(timetable.place).year
    following = ", ".join(short(moment, year) for moment in timetable.following(now, count))
    return f"{rhythm(timetable.cron)}, {timetable.zone}; next: {following}"


def short(moment: datetime, year: int | None = None) -> str:
    """A moment in its own zone: "Mon 30 Nov 08:00"; of another year than `year`, "Mon 4 Jan 2027 08:00"."""
    of_year = "" if moment.year == year else f" {moment.year}"
    return f"{moment:%a} {moment.day} {moment:%b}{of_year} {moment:%H:%M}"


def rhythm(cron: str) -> str:
    """When a cron line runs: "every Monday at 08:00"."""
    minute, hour, day, month, weekday = cron.upper().split()
    days, times = _days(day, month, weekday), _times(minute, hour)
    if days and times:
        return f"{days} at {times}"
    if (day, month, weekday, hour) == ("*", "*", "*", "*"):
        every = _every(minute)
        if every:
            return every
    words = CronSim(cron, datetime(2024, 1, 1)).explain()  # noqa: DTZ001  # only its words are wanted
    return words[:1].lower() + words[1:]


def _every(minute: str) -> str:
    if minute in {"*", "*/1"}:
        return "every minute"
    step = minute.removeprefix("*/")
    if step != minute and step.isdigit() and 60 % int(step) == 0:
        return f"every {step} minutes"
    return f"every hour at minute {int(minute)}" if minute.isdigit() else ""


def _times(minute: str, hour: str) -> str:
    """Plain hours and minutes as "08:00 and 12:30"; "" for anything else."""
    parts = [part.split(",") for part in (hour, minute)]
    if not all(one.isdigit() for part in parts for one in part) or len(parts[0]) * len(parts[1]) > MOST_TIMES:
        return ""
    times = sorted({(int(one), int(other)) for one in parts[0] for other in parts[1]})
    return _joined([f"{one:02}:{other:02}" for one, other in times])


def _days(day: str, month: str, weekday: str) -> str:
    if month != "*":
        return ""
    if day == "*":
        return "every day" if weekday == "*" else _weekdays(weekday)
    if weekday != "*":
        return ""
    if day == "L":
        return "on the last day of every month"
    return f"on day {_joined(day.split(','))} of every month" if day.replace(",", "").isdigit() else ""


def _weekdays(weekday: str) -> str:
    if weekday in {"1-5", "MON-FRI"}:
        return "every weekday (Monday to Friday)"
    days = [str(SHORT_DAYS.index(one)) if one in SHORT_DAYS else one for one in weekday.split(",")]
    if not all(one.isdigit() and int(one) < len(DAYS) for one in days):
        return ""
    return "every " + _joined([DAYS[one] for one in sorted({int(one) for one in days})])


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
