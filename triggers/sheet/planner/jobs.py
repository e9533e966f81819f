"""A plan's parts: one job for each row to write, how it is made, and what the store must know. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.doors.sheet import status
from bot.doors.sheet.columns import Wanted
from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Content, Row

JobKind = Literal["claim", "adopt", "answer", "repair", "progress"]

SUSPECT_S = 180.0
"""A write whose response was lost may still take effect this long: the API's own limit for one request.
Source: https://developers.google.com/workspace/sheets/api/limits
"""

MOST_CHANGES = 5
MOST_CLAIMS = 20
"""A question that is another at each look (a formula with the time in it) is not claimed for ever."""

CHANGES_WORDS = "The question changed again each time while it was being answered"
GONE_WORDS = "The row was deleted, or its question changed, before the answer was written; the answer was dropped."
FILLED_WORDS = "Somebody filled the answer's cell first; it was left as it is."
COLUMNS_WORDS = "The answer does not fit this tab's columns: they changed since it was asked"


@dataclass(frozen=True, slots=True)
class Job:
    """Write `status` (and `outputs`, None: leave them) into the row that was at `number`.

    It hit the right row when that still shows `fingerprint`. `shown` is what its outputs showed at the read. `after`
    is the record once the write is confirmed (None for a repair of a row that has no token of its own).
    """

    kind: JobKind
    number: int
    fingerprint: str
    shown: tuple[str, ...]
    status: str
    outputs: tuple[Any, ...] | None = None
    before: Record | None = None
    after: Record | None = None

    @property
    def wipes(self) -> bool:
        """It leaves a row without any token: were it to hit another, that one could not be told by its status."""
        return not self.status


@dataclass(frozen=True, slots=True)
class Given:
    """Words of people that a repair wrote back, and for which row; until it is certain, they may stand elsewhere."""

    fingerprint: str
    outputs: tuple[str, ...]
    until: float


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a tab before the last write, by fingerprint, and what that write may have put in a wrong place.

    `words`: what people wrote into outputs and status cells; `rows`: how many rows those questions stood in (0 where
    that was not counted). `is_uncertain`: a status cell may have been wiped.
    """

    words: Mapping[str, Counter[Content]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    is_uncertain: bool = False
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one read calls for. `changes` are saved whatever becomes of the jobs; `foreign`, people's words
    and in how many rows their questions stand, before they are written.

    `notes`: rows (by number) whose answer was cut and whose note is due. `settles_at`: when the next row will have
    settled. `questions`: those of all complete rows.
    """

    jobs: Sequence[Job] = ()
    changes: Sequence[Record] = ()
    void: Sequence[str] = ()
    foreign: Mapping[str, Counter[Content]] = field(default_factory=dict)
    foreign_rows: Mapping[str, int] = field(default_factory=dict)
    is_uncertain: bool = False
    notes: Sequence[tuple[int, Record]] = ()
    settles_at: float | None = None
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TabRef:
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


def claim(tab_ref: TabRef, moment: Moment, row: Row, changed: Record | None) -> Job:
    """Mark a row as asked. `changed`: the record whose question this row had before, or whose write it shows."""
    generation = changed.generation + 1 if changed else 0
    is_too_often = generation > (MOST_CHANGES if changed and changed.state != "claiming" else MOST_CLAIMS)
    token = moment.new_token()
    # An answer of ours may be written over even when its status was cleared; other people's words never.
    record = Record(
        token,
        tab_ref.spreadsheet,
        tab_ref.tab,
        tab_ref.wanted.rule,
        row.fingerprint,
        over=row.outputs,
        generation=generation,
        claimed_at=moment.now,
    )
    text = status.error(CHANGES_WORDS, token) if is_too_often else _working(tab_ref, moment, token)
    after = claimed(record, row, tab_ref.wanted, moment.now)
    if is_too_often:
        after = replace(after, state="failed", reason=CHANGES_WORDS, status=text, shown=row.outputs)
    return Job("claim", row.number, row.fingerprint, row.outputs, text, None, record, after)


def telling(tab_ref: TabRef, moment: Moment, row: Row, words: str) -> Job:
    """Tell a row why it waits. Its record is of no more use once it may be asked."""
    asked = claim(tab_ref, moment, row, None)
    assert asked.before is not None
    assert asked.after is not None
    text = status.error(words, asked.before.token)
    return replace(asked, status=text, after=replace(asked.after, state="gone", reason=words, status=text))


def adoption(tab_ref: TabRef, moment: Moment, row: Row, orphan: Record, outputs: tuple[str, ...] | None) -> Job:
    """Give a row the live token with its question that no row has."""
    text = _working(tab_ref, moment, orphan.token)
    after = claimed(orphan, row, tab_ref.wanted, moment.now)
    return Job("adopt", row.number, row.fingerprint, row.outputs, text, outputs, orphan, after)


def progress(row: Row, record: Record, text: str) -> Job:
    """Say how it goes with a row whose answer is still to come."""
    return Job("progress", row.number, row.fingerprint, row.outputs, text, None, record, record)


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


def _working(tab_ref: TabRef, moment: Moment, token: str) -> str:
    return status.sent_on(moment.time_words, token) if tab_ref.wanted.goes_elsewhere else status.working(token)


def claimed(record: Record, row: Row, wanted: Wanted, now: float) -> Record:
    """The record once the row shows its token; the inputs are those of the row as the claim found it."""
    if record.state != "claiming":
        return replace(record, suspect_until=0.0) if record.state == "gone" else record
    inputs = tuple(zip(wanted.inputs, row.inputs, strict=True))
    return replace(record, state="claimed", inputs=inputs, written_at=now, status=row.status)


def ended(record: Record, row: Row, answer: StoredAnswer, now: float) -> Record:
    """The record once the row shows its end; `row` as it is after the write."""
    base = replace(record, settled=answer.version, shown=row.outputs, status=row.status, written_at=now)
    if answer.reason or row.word == "error":
        return replace(base, state="failed", reason=answer.reason or COLUMNS_WORDS)
    if row.word == "skipped":
        return replace(base, state="skipped", reason=FILLED_WORDS)
    return replace(base, state="done", reason="")


def reopened(record: Record) -> Record:
    """The record of an answer that is to be written again."""
    return replace(record, state="asked", settled=record.settled - 1)


def gone(record: Record, settled: int, now: float) -> Record:
    """The record of a row that is not there any more; `settled` is the version of the answer that is dropped."""
    return replace(record, state="gone", reason=GONE_WORDS, settled=settled, written_at=now)
