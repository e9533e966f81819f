"""The instants of a schedule found by walking through time, a quarter of an hour at a step; the judge of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=15)
ZONES = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kathmandu",
)
LINES: dict[str, Callable[[datetime], bool]] = {
    "15 2 * * *": lambda wall: (wall.hour, wall.minute) == (2, 15),
    "0,30 1-3 * * *": lambda wall: wall.hour in (1, 2, 3) and wall.minute in (0, 30),
    "45 23 * * MON": lambda wall: (wall.hour, wall.minute) == (23, 45) and wall.weekday() == 0,
    "*/15 0-4 1 * *": lambda wall: wall.hour < 5 and wall.day == 1,
    "0 8 31 * *": lambda wall: (wall.hour, wall.minute) == (8, 0) and wall.day == 31,
}
"""Cron lines whose minutes are quarters, and what they mean."""


def walked(zone: str, lines: Iterable[str], start: datetime, end: datetime) -> dict[str, list[datetime]]:
    """By line, the instants after `start` and until `end` at which the wall first shows, or has just passed, a time
    that is met.
    """
    found: dict[str, list[datetime]] = {line: [] for line in lines}
    moment, place = start, ZoneInfo(zone)
    seen = moment.astimezone(place).replace(tzinfo=None)
    while moment + STEP <= end:
        moment += STEP
        wall = moment.astimezone(place).replace(tzinfo=None)
        passed = []
        while seen < wall:  # one step, or all that a change of clocks skipped
            seen += STEP
            passed.append(seen)
        for line, instants in found.items():
            if any(map(LINES[line], passed)):
                instants.append(moment)
    return found
