"""Which instants run that are due, and which are left out because nothing watched when they came. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.doors.schedule.rule import Missed

FRESH = timedelta(hours=1)
"""A missed instant that is older does not run by the policy "latest"."""
MOST_MISSED = 10
"""So many run at most by the policy "all"."""
MISSED = "missed"
"""Code of a receipt: its instant passed while nothing watched the schedule."""

_WORDS: dict[Missed, str] = {
    "latest": "only the last one runs, and only within the hour",
    "all": f"the last {MOST_MISSED} run",
    "skip": "none runs",
}


@dataclass(frozen=True, slots=True)
class Due:
    """An instant that is due; `left_out` says why it does not run, "" when it does."""

    instant: datetime
    left_out: str = ""


def decided(instants: Sequence[datetime], watched_since: datetime, now: datetime, missed: Missed) -> list[Due]:
    """What becomes of each, in their order. Those that came while somebody watched run, however late it is by now."""
    late = [instant for instant in instants if instant <= watched_since]
    running = set(instants[len(late) :]) | _chosen(late, now, missed)
    why = f'It passed while nothing watched the schedule; with missed = "{missed}" {_WORDS[missed]}.'
    return [Due(instant, "" if instant in running else why) for instant in instants]


def _chosen(late: Sequence[datetime], now: datetime, missed: Missed) -> set[datetime]:
    if missed == "all":
        return set(late[-MOST_MISSED:])
    return {instant for instant in late[-1:] if missed == "latest" and now - instant < FRESH}
