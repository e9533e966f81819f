"""When a schedule runs: the instants of a cron line in its zone. Pure.

The line is walked as the clock on the wall shows it (cronsim), and each time on the wall becomes one instant: a time
that a change of clocks skips is the first moment after it, one that comes twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

FIELDS = ("minute", "hour", "day of month", "month", "weekday")
_SECOND = timedelta(seconds=1)


class NoTimetable(ValueError):
    """A cron line or a zone that cannot be used; `key` is the one of the two, `words` say what was expected."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key, self.words = key, words


@dataclass(frozen=True, slots=True)
class Timetable:
    """A cron line in a zone. Raises NoTimetable for a line that is none or never comes, and for an unknown zone."""

    cron: str
    zone: str
    place: ZoneInfo = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", _zone(self.zone))
        if len(self.cron.split()) != len(FIELDS):
            words = f'expected five fields ({", ".join(FIELDS)}) such as "0 8 * * MON", found {self.cron!r}'
            raise NoTimetable("cron", words)
        try:
            next(CronSim(self.cron, datetime(2024, 1, 1)))  # noqa: DTZ001  # a time on the wall has no zone
        except CronSimError as error:
            part = str(error).removeprefix("Bad ").replace("day-of-", "day of ").replace("day of week", "weekday")
            raise NoTimetable(
                "cron", f"expected a line that comes true one day, and the {part} never does in {self.cron!r}"
            ) from None
        except (StopIteration, RuntimeError):
            raise NoTimetable("cron", f"expected a line that comes true one day, found {self.cron!r}") from None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The instants later than `moment`, in order, in UTC; moments are aware."""
        last = moment.astimezone(UTC)
        for wall in CronSim(self.cron, last.astimezone(self.place).replace(tzinfo=None)):
            instant = first_moment(wall, self.place)
            if instant > last:
                yield instant
                last = instant

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The instants later than `start` and not later than `end`."""
        for instant in self.after(start):
            if instant > end:
                return
            yield instant

    def following(self, moment: datetime, count: int) -> list[datetime]:
        """The next instants after `moment`, in the zone."""
        return [instant.astimezone(self.place) for instant in islice(self.after(moment), count)]


def first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which the clock on the wall shows `wall`, or a later time if it never does."""
    there = wall.replace(tzinfo=zone).astimezone(UTC)
    if _shown(there, zone) == wall:
        return there
    # In a gap the two readings lie on both sides of the change: look for it between them.
    before, after = sorted((there, wall.replace(tzinfo=zone, fold=1).astimezone(UTC)))
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        before, after = (before, middle) if _shown(middle, zone) > wall else (middle, after)
    return after.replace(microsecond=0)


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such zone, or a name that leads out of the folder of zones
        import difflib

        near = next(iter(difflib.get_close_matches(name, available_timezones(), n=1)), "")
        meant = f' (did you mean "{near}"?)' if near else ""
        raise NoTimetable("zone", f'expected a time zone such as "Europe/Berlin", found {name!r}{meant}') from None
