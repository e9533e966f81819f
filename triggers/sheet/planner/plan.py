"""The plan: one read, the store and the clock in; claims, answers, repairs and words out. Pure.

The row is its own state, so nothing here counts rows or remembers numbers. Whatever a write hit by mistake is seen by
the next read: a row that wears another's token gets back what is missing among the rows with its question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.doors.sheet import status
from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Row
from triggers.sheet.planner import jobs
from triggers.sheet.planner.attribution import Attribution, Known
from triggers.sheet.planner.debounce import Debounce
from triggers.sheet.planner.jobs import (
    COLUMNS_WORDS,
    SUSPECT_S,
    Moment,
    Plan,
    TabRef,
    claimed,
    ended,
    gone,
    reopened,
)
from triggers.sheet.planner.matching import tells_end
from triggers.sheet.planner.restoration import Draft, Restoration

UNKNOWN_S = 30.0
"""A token that no store knows is left alone this long: it may be another installation at work."""

GONE_READS = 2


def make_plan(tab_ref: TabRef, rows: Sequence[Row], known: Known, debounce: Debounce, moment: Moment) -> Plan:
    """The plan for one tab after one read; `debounce` remembers since when rows stand as they do."""
    return _Planning(tab_ref, rows, known, debounce, moment).plan()


def plan_telling(  # noqa: PLR0917  # as make_plan, and the words
    tab_ref: TabRef, rows: Sequence[Row], known: Known, debounce: Debounce, moment: Moment, words: str
) -> Plan:
    """The plan for a tab that pauses although its columns are known: rows that wait are told `words`, none is asked."""
    attribution = Attribution(tab_ref.wanted, rows, known)
    # While a write may still have gone astray, what stood there before it must not be forgotten over this.
    is_certain = not any(record.suspect_until > moment.now for record in known.records.values())
    waiting = [row for row in rows if not row.status and row.is_complete and row.is_unanswered]
    told = [jobs.telling(tab_ref, moment, row, words) for row in waiting if debounce.is_settled(row) and is_certain]
    debounce.end_read(moment.now)
    foreign = attribution.foreign()
    return Plan(
        told,
        foreign=foreign,
        foreign_rows=attribution.count(foreign),
        is_uncertain=known.before.is_uncertain,
        settles_at=debounce.next_at(),
    )


class _Planning:
    """One planning at work; lives for one call of `make_plan`."""

    def __init__(self, tab_ref: TabRef, rows: Sequence[Row], known: Known, debounce: Debounce, moment: Moment) -> None:
        self._tab_ref, self._rows, self._known, self._debounce, self._moment = tab_ref, rows, known, debounce, moment
        self._attribution = Attribution(tab_ref.wanted, rows, known)
        self._matches = self._attribution.matches
        self._draft = Draft(tab_ref, known, moment)
        self._restoration = Restoration(self._draft, self._attribution, debounce)
        self._void: list[str] = []
        self._restores = False
        self._notes: list[tuple[int, Record]] = []

    def plan(self) -> Plan:
        for token, row in self._matches.homes.items():
            self._at_home(row, self._known.records[token])
        for row, record in self._matches.strays:
            # While a formula is at work again, the row is what it was once its value is back.
            if not row.is_pending or record.suspect_until:
                self._stray(row, record)
        for row in self._matches.unknown:
            if row.is_unanswered and row.word not in {"error", status.ADDED} and self._tab_ref.wanted.outputs:
                self._ask(row, wait_s=UNKNOWN_S)
        for row in self._rows:
            if not row.status:
                self._unmarked(row)
        self._look_for_lost()
        self._debounce.end_read(self._moment.now)
        foreign = self._attribution.foreign()
        is_uncertain = any(job.wipes for job in self._draft.jobs) or (
            self._known.before.is_uncertain and self._restores
        )
        return Plan(
            self._draft.jobs,
            list(self._draft.changes.values()),
            self._void,
            foreign=foreign,
            foreign_rows=self._attribution.count(foreign),
            is_uncertain=is_uncertain,
            notes=self._notes,
            settles_at=self._debounce.next_at(),
            questions=frozenset(row.fingerprint for row in self._rows if row.is_complete),
        )

    def _at_home(self, row: Row, record: Record) -> None:
        answer = self._known.answers.get(record.token)
        is_due = answer is not None and answer.version > record.settled
        if record.suspect_until and self._moment.now > record.suspect_until and not self._has_strays(record):
            record = self._draft.change(replace(record, suspect_until=0.0))
        if record.note_due and not row.is_unanswered:
            self._notes.append((row.number, record))
        if not record.is_live and not is_due:
            self._ended(row, record)
        elif record.state == "claiming":
            self._draft.change(claimed(record, row, self._tab_ref.wanted, self._moment.now))
        elif answer is not None and is_due:
            if tells_end(row) and record.is_live:
                # What a person typed over it already is theirs.
                shown = row.outputs if self._attribution.shows(row, answer) else ()
                self._draft.change(replace(ended(record, row, answer, self._moment.now), shown=shown))
            elif row.fingerprint == record.fingerprint:
                self._deliver(row, record, answer)
        elif record.state == "asked" and row.fingerprint == record.fingerprint and row.is_promised:
            self._say_wait(row, record)

    def _say_wait(self, row: Row, record: Record) -> None:
        """A row that waits says so once, and no longer than it does."""
        words = self._known.waits.get(record.token)
        text = status.waiting(words, record.token) if words else status.working(record.token)
        if row.status != text and (words or row.word == "waiting"):
            self._draft.jobs.append(jobs.progress(row, record, text))

    def _ended(self, row: Row, record: Record) -> None:
        """A row that was answered: its answer cleared asks again; people may do with it what they like otherwise."""
        if row.is_promised and row.fingerprint == record.fingerprint and row.is_unanswered and record.settled:
            self._draft.change(reopened(record))  # its answer went into a twin, which has lost it since
        elif record.state in {"done", "skipped"} and row.is_unanswered and self._tab_ref.wanted.outputs:
            self._ask(row, reads=2)
        elif record.state == "gone" and row.is_unanswered:
            self._ask(row)
        else:
            self._restoration.end_filled(row)

    def _deliver(self, row: Row, record: Record, answer: StoredAnswer) -> None:
        token, words = record.token, self._moment.time_words
        if answer.reason:
            self._write(row, record, answer, status.error(answer.reason, token))
        elif not row.is_unanswered and row.outputs != record.over and not self._attribution.is_leftover(row):
            self._write(row, record, answer, status.skipped(token))
        else:
            values = self._attribution.values(answer)
            text = status.done(words, token) if values is not None else status.error(COLUMNS_WORDS, token)
            self._write(row, record, answer, text, values)

    def _write(
        self, row: Row, record: Record, answer: StoredAnswer, text: str, values: tuple[object, ...] | None = None
    ) -> None:
        self._draft.jobs.append(jobs.delivery(self._moment.now, row, record, answer, text=text, values=values))

    def _stray(self, row: Row, record: Record) -> None:
        """A row that wears a token which is not its own: a copy, a reworked question, or a write that hit it."""
        was_hit = bool(record.suspect_until) or record.state == "claiming"
        is_twin = row.fingerprint == record.fingerprint
        if is_twin and self._restoration.is_due_here(row, record):
            return
        if record.state == "claiming" and row.word == "error":
            return  # it is another question at each look, and says so; clearing the cell tries again
        if not was_hit and not row.is_unanswered:
            self._restoration.end_filled(row)
            return
        if was_hit and self._restoration.give_back(row, record):
            return
        if is_twin and row.word == "done" and not row.is_unanswered:
            return  # a copy, or a twin that was hit: it has the right answer, or what a person typed since
        if row.is_unanswered and self._restoration.adopt(row):
            return
        if was_hit and not row.is_unanswered:
            outputs = ("",) * len(row.outputs) if self._attribution.may_wipe(row) else None
            self._draft.repair(row, outputs, "")
        elif row.is_complete:
            self._ask(row, changed=record if record.is_live else None)
        elif was_hit or self._debounce.is_settled(row):
            self._draft.repair(row, None, "")

    def _unmarked(self, row: Row) -> None:
        """A row whose status is empty: new, half-typed, answered by a person, or cleared to be asked again."""
        if self._known.before.is_uncertain and self._restoration.give_back_marks(row):
            self._restores = True
        elif self._attribution.is_leftover(row):
            self._restoration.clear(row)
        elif not row.is_complete or not self._may_ask(row):
            return
        elif not (row.is_unanswered and self._restoration.adopt(row)):
            self._ask(row)

    def _may_ask(self, row: Row) -> bool:
        """Unanswered; or it shows an answer of ours, word for word, whose status a person has cleared."""
        if row.is_unanswered:
            return True
        cleared = (record for record in self._attribution.orphans.get(row.fingerprint, ()) if record.state == "done")
        return any(record.shown == row.outputs for record in cleared)

    def _ask(self, row: Row, *, reads: int = 1, wait_s: float = 0.0, changed: Record | None = None) -> None:
        if not row.is_complete or not self._debounce.is_settled(row, reads=reads, wait_s=wait_s):
            return
        self._draft.jobs.append(jobs.claim(self._tab_ref, self._moment, row, changed))

    def _look_for_lost(self) -> None:
        """Tokens that no row bears: their rows were deleted, or they never came about."""
        # Rows that are being put right may be theirs: the next read may give them back.
        in_repair = {job.fingerprint for job in self._draft.jobs if job.kind == "repair"}
        in_repair |= self._attribution.wrongly_filled()
        given = {job.before.token for job in self._draft.jobs if job.before is not None}
        for fingerprint, orphans in self._attribution.orphans.items():
            for record in orphans if fingerprint not in in_repair else ():
                if record.token not in given:
                    self._lost(record)

    def _lost(self, record: Record) -> None:
        answer = self._known.answers.get(record.token)
        is_due = answer is not None and answer.version > record.settled
        if not (record.state == "claiming" or is_due) or self._debounce.absent(record.token) < GONE_READS:
            return
        if record.state == "claiming":
            if self._moment.now > record.claimed_at + SUSPECT_S:
                self._void.append(record.token)
        elif answer is not None and not self._has_strays(record):
            self._draft.change(gone(record, answer.version, self._moment.now))

    def _has_strays(self, record: Record) -> bool:
        return any(other.token == record.token for _, other in self._matches.strays)
