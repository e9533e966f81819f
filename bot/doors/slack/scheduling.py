"""This file is which call goes next: a pure choice among everything that wants to be sent."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.doors.slack.rate_limits import Budget, Priority

FIRST_GAP_S = 1.0
GAP_GROWTH = 1.3
"""Gaps between the edits of one answer grow 1, 1.3, 1.7 …-fold up to the fair gap: who began is followed closely.

Starting at 1 s however many answers are live spends the minute in its first seconds; starting at half the fair gap
halved the 95th percentile of staleness for five answers in simulated time.
"""


@dataclass(frozen=True, slots=True)
class Want:
    """A call that somebody wants made.

    `key` names the message (or whatever else must not have two calls under way). Times are the pacer's clock, in s:
    `asked_at` when it was wanted, `not_before` when it may go at the earliest, `shown_at` when the message last
    changed. `edits` counts the message's edits so far. `repeatable`: may be sent again when its answer was lost.
    """

    method: str
    key: str
    priority: Priority
    asked_at: float
    channel: str = ""
    not_before: float = -math.inf
    shown_at: float = -math.inf
    edits: int = 0
    repeatable: bool = True


def choose(wants: Iterable[Want], budget: Budget, busy: Collection[str], now: float) -> tuple[Want | None, float]:
    """The want to send now, if any, and when to ask again when there is none (NEVER: when a call has ended).

    Highest priority first, then the message that has stood unchanged for longest, then who asked first.
    """
    wake_at = math.inf
    for want in sorted(wants, key=lambda want: (want.priority, want.shown_at, want.asked_at)):
        if want.key in busy:
            continue
        at = may_go_at(want, budget, now)
        if at <= now:
            return want, now
        wake_at = min(wake_at, at)
    return None, wake_at


def may_go_at(want: Want, budget: Budget, now: float) -> float:
    """The earliest time for this want, as the budget stands."""
    at = max(want.not_before, budget.free_at(want.method, want.channel, want.priority, now))
    if want.priority is Priority.PARTIAL:
        at = max(at, want.shown_at + gap_s(want.edits, budget.fair_gap_s(want.method, now)))
    return at


def gap_s(edits: int, fair_s: float) -> float:
    """Seconds a message rests after its `edits`-th edit: from half its fair part up to the whole, never under 1 s."""
    begin_s = max(FIRST_GAP_S, fair_s / 2)
    return max(FIRST_GAP_S, min(begin_s * GAP_GROWTH ** min(edits, 20), fair_s))
