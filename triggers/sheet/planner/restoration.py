"""Giving back: what rows lack that a write hit by mistake, and what they show that is not theirs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.doors.sheet import status
from bot.doors.sheet.row_store import Record
from bot.doors.sheet.rows import Content, Row
from triggers.sheet.planner import jobs
from triggers.sheet.planner.attribution import Attribution, Known
from triggers.sheet.planner.debounce import Debounce
from triggers.sheet.planner.jobs import Job, Moment, TabRef, reopened


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan in the making: its jobs so far, and by token the records that changed."""

    tab_ref: TabRef
    known: Known
    moment: Moment
    jobs: list[Job] = field(default_factory=list)
    changes: dict[str, Record] = field(default_factory=dict)

    def change(self, record: Record) -> Record:
        """Save a record whatever becomes of the jobs."""
        self.changes[record.token] = record
        return record

    def repair(self, row: Row, outputs: tuple[object, ...] | None, words: str) -> None:
        """Put a row right: its status, and its outputs where they are given."""
        self.jobs.append(jobs.repair(row, outputs, words))


class Restoration:
    """Works on one draft; lives as long."""

    def __init__(self, draft: Draft, attribution: Attribution, debounce: Debounce) -> None:
        self._draft, self._attribution, self._debounce = draft, attribution, debounce

    def end_filled(self, row: Row) -> None:
        """A row that says working although a person answered it: nothing works there any more."""
        if row.is_promised and not row.is_unanswered and self._debounce.is_settled(row):
            self._draft.repair(row, None, status.skipped(row.token))

    def is_due_here(self, row: Row, record: Record) -> bool:
        """The answer went into a twin, a row with the same question: that one gets back what it had, this one is next.

        The write's own response cannot tell twins apart. Where nothing is missing, this row is a copy instead.
        """
        if record.is_live or not row.is_promised or not row.is_unanswered:
            return False
        twin = self._attribution.matches.homes.get(record.token)
        content = self._attribution.take_from_twin(twin) if twin and twin.fingerprint == row.fingerprint else None
        if twin is None or content is None:
            return self._give_back_ended(row)
        self._restore(twin, content)
        self._draft.change(reopened(record))
        return True

    def _restore(self, row: Row, content: Content) -> None:
        """Write people's words back."""
        outputs, words = content
        if content == (row.outputs, row.status):
            self.end_filled(row)  # nothing was lost after all
        else:
            self._draft.repair(row, None if outputs == row.outputs else outputs, words)

    def give_back(self, row: Row, record: Record) -> bool:
        """What a row lacks that was hit: people's own words first, then answers of ours."""
        content = self._attribution.take_missing(row) or self._attribution.take_copied(row)
        if content is not None:
            self._restore(row, content)
            return True
        if self._attribution.may_write_over(row) and (self._give_back_ended(row) or self._adopt_over(row)):
            return True
        content = self._attribution.take_reworded(row, record.token)
        if content is not None:
            self._restore(row, content)
        return content is not None

    def _give_back_ended(self, row: Row) -> bool:
        """The answer, or the end without one, that this row had."""
        record = self._attribution.take_ended(row)
        if record is None:
            return False
        answer = self._draft.known.answers.get(record.token)
        values = self._attribution.values(answer) if answer is not None and not answer.reason else None
        if record.shown == row.outputs:
            values = None  # nothing but its status is missing
        elif record.state != "done":
            values = ("",) * len(row.outputs)
        self._draft.repair(row, values, record.status)
        return True

    def adopt(self, row: Row, outputs: tuple[str, ...] | None = None) -> bool:
        """Give a row the live token with its question that no row has: no second call for one question."""
        orphan = self._attribution.take_live(row) if row.is_complete else None
        if orphan is None:
            return False
        self._draft.jobs.append(jobs.adoption(self._draft.tab_ref, self._draft.moment, row, orphan, outputs))
        return True

    def _adopt_over(self, row: Row) -> bool:
        """The same for a row that shows what was meant for another."""
        return not row.is_unanswered and self.adopt(row, outputs=("",) * len(row.outputs))

    def clear(self, row: Row) -> None:
        """Take out what was meant for another row, and give back what stood there before that, if it can be told."""
        content = self._attribution.take_reworded(row)
        if content is not None:
            self._restore(row, content)
        else:
            self._draft.repair(row, ("",) * len(row.outputs), "")

    def give_back_marks(self, row: Row) -> bool:
        """What a row has lost whose status a write may have wiped: people's words, or how it had ended."""
        content = self._attribution.take_missing(row)
        if content is not None:
            self._restore(row, content)
            return True
        return self._give_back_ended(row)
