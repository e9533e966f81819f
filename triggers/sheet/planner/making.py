"""This file is the making of jobs: claims, adoptions, answers and repairs, from rows as the read showed them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.doors.sheet import status
from bot.doors.sheet.columns import Wanted
from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Row
from triggers.sheet.planner.jobs import Job
from triggers.sheet.planner.recording import claimed, ended

MOST_CHANGES = 5
MOST_CLAIMS = 20
"""A question that is another at each look (a formula with the time in it) is not claimed for ever."""

CHANGES_WORDS = "The question changed again each time while it was being answered"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plan is made: the spreadsheet's id, the tab's sheetId and the columns wanted there."""

    spreadsheet: str
    tab: int
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Moment:
    """When: `now` in seconds since 1970, the time of day in the sheet's zone, as 14:03, and how to name a new claim."""

    now: float
    time_words: str
    new_token: Callable[[], str]


def claim(place: Place, moment: Moment, row: Row, changed: Record | None) -> Job:
    """Mark a row as asked. `changed`: the record whose question this row had before, or whose write it shows."""
    generation = changed.generation + 1 if changed else 0
    is_too_often = generation > (MOST_CHANGES if changed and changed.state != "claiming" else MOST_CLAIMS)
    token = moment.new_token()
    # An answer of ours may be written over even when its status was cleared; other people's words never.
    record = Record(
        token,
        place.spreadsheet,
        place.tab,
        place.wanted.rule,
        row.fingerprint,
        over=row.outputs,
        generation=generation,
        claimed_at=moment.now,
    )
    text = status.error(CHANGES_WORDS, token) if is_too_often else _working(place, moment, token)
    after = claimed(record, row, place.wanted, moment.now)
    if is_too_often:
        after = replace(after, state="failed", reason=CHANGES_WORDS, status=text, shown=row.outputs)
    return Job("claim", row.number, row.fingerprint, row.outputs, text, None, record, after)


def adoption(place: Place, moment: Moment, row: Row, orphan: Record, outputs: tuple[str, ...] | None) -> Job:
    """Give a row the live token with its question that no row has."""
    text = _working(place, moment, orphan.token)
    after = claimed(orphan, row, place.wanted, moment.now)
    return Job("adopt", row.number, row.fingerprint, row.outputs, text, outputs, orphan, after)


def delivery(
    now: float, row: Row, record: Record, answer: StoredAnswer, *, text: str, values: tuple[Any, ...] | None
) -> Job:
    """End a row: `text` for its status cell, `values` for its outputs (None: leave them)."""
    word, _ = status.parse(text)
    after = ended(record, replace(row, status=text, word=word), answer, now)
    return Job("answer", row.number, row.fingerprint, row.outputs, text, values, record, after)


def repair(row: Row, outputs: tuple[Any, ...] | None, words: str) -> Job:
    """Put a row right: its status, and its outputs where they are given."""
    return Job("repair", row.number, row.fingerprint, row.outputs, words, outputs)


def _working(place: Place, moment: Moment, token: str) -> str:
    return status.sent_on(moment.time_words, token) if place.wanted.goes_elsewhere else status.working(token)
