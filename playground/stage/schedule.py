"""The demo's schedule: a morning report out of the sheet into #general, and the clock that one can turn ahead."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.doors.schedule.timetable import Timetable
from bot.doors.schedule.words import rhythm, short
from playground import names
from playground.stage.sheet import TAB

CHANNEL = "C0GENERAL"
TIMETABLE = Timetable("0 8 * * MON-FRI", "Europe/Berlin")
RULE = f"""
[[rule]]
name = "report"
on = "schedule"
cron = "{TIMETABLE.cron}"
zone = "{TIMETABLE.zone}"
ask = "Write the morning report {{period}}: which requests stand in the sheet, and which are urgent?"
read = ["sheet:{names.SPREADSHEET_ID}/{TAB}!A:E"]
reply = "slack:{CHANNEL}"
"""
BEFORE_REPORT_S = 2.0
"""The clock stops so long before the report: it comes while one looks on."""
STEPS_S = {"hour": 3_600.0, "day": 86_400.0}


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What the clock shows, in words."""

    time: str
    day: str
    zone: str
    rule: str
    next: str


class TurnedClock:
    """A clock that runs ahead of this machine's by what stands in its file; a bot is led there by its settings."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self.file, self._clock = file, clock
        self._ahead_s = 0.0

    def turn(self, to: str) -> None:
        """Ahead by an "hour" or a "day", or to shortly before the next "report". Raises KeyError for anything else."""
        if to == "report":
            self._ahead_s += (next(TIMETABLE.after(self._now())) - self._now()).total_seconds() - BEFORE_REPORT_S
        else:
            self._ahead_s += STEPS_S[to]
        self.file.write_text(str(self._ahead_s))

    def face(self) -> ClockFace:
        """What it shows now."""
        now = self._now().astimezone(TIMETABLE.place)
        (following,) = TIMETABLE.following(now, 1)
        return ClockFace(
            time=f"{now:%H:%M:%S}",
            day=f"{now:%A}, {now.day} {now:%B %Y}",
            zone=TIMETABLE.zone,
            rule=rhythm(TIMETABLE.cron),
            next=short(following, now.year),
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock() + self._ahead_s, UTC)
