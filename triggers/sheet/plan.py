"""This file is the plan: one read, the ledger and the clock in; claims, answers, repairs and words out. Pure.

The row is its own state, so nothing here counts rows or remembers numbers. Whatever a write hit by mistake is seen by
the next read: a row that wears another's token gets back what is missing among the rows with its question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.sheet_ledger import Record, StoredAnswer
from triggers.sheet import status
from triggers.sheet.binding import ENDED_WORDS, Bound, Content, bind, foreign_of
from triggers.sheet.columns import Wanted
from triggers.sheet.jobs import Before, Job, Plan
from triggers.sheet.rows import Row
from triggers.sheet.settling import Settling
from triggers.sheet.values import NoSuchColumn, cell_values, looks_like

SUSPECT_S = 180.0
"""A write whose response was lost may still take effect this long: the API's own limit for one request.
Source: https://developers.google.com/workspace/sheets/api/limits
"""

UNKNOWN_S = 30.0
"""A token that no ledger knows is left alone this long: it may be another installation at work."""

GONE_READS = 2
MOST_CHANGES = 5
CHANGES_WORDS = "The question changed again each time while it was being answered"
GONE_WORDS = "The row was deleted, or its question changed, before the answer was written; the answer was dropped."
FILLED_WORDS = "Somebody filled the answer's cell first; it was left as it is."
COLUMNS_WORDS = "The answer does not fit this tab's columns: they changed since it was asked"


@dataclass(frozen=True, slots=True)
class Tab:
    """Where a plan is made: the spreadsheet's id, the tab's sheetId and the columns wanted there."""

    spreadsheet: str
    tab_id: int
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the read: records of this tab by token, stored answers, what stood there before.

    `hits`: by token, the question that stood in the row which its last write hit by mistake.
    """

    records: Mapping[str, Record]
    answers: Mapping[str, StoredAnswer]
    before: Before
    hits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """When: `now` in seconds since 1970, the time of day in the sheet's zone, as 14:03, and how to name a new claim."""

    now: float
    time_words: str
    new_token: Callable[[], str]


def make_plan(tab: Tab, rows: Sequence[Row], known: Known, settling: Settling, moment: Moment) -> Plan:
    """The plan for one tab after one read; `settling` remembers since when rows stand as they do."""
    return _Planning(tab, rows, known, settling, moment).plan()


class _Planning:
    """One planning at work; lives for one call of `make_plan`."""

    def __init__(self, tab: Tab, rows: Sequence[Row], known: Known, settling: Settling, moment: Moment) -> None:
        self._tab, self._rows, self._known, self._settling, self._moment = tab, rows, known, settling, moment
        self._bound: Bound = bind(rows, known.records, known.answers)
        self._suspects = self._suspect_answers()
        self._foreign = foreign_of(rows, self._bound, known.records, self._is_anothers)
        self._missing = {
            fingerprint: left
            for fingerprint, before in known.before.words.items()
            if (left := before - self._foreign.get(fingerprint, Counter()))
        }
        self._orphans: dict[str, list[Record]] = {}
        for record in known.records.values():
            if record.token not in self._bound.homes:
                self._orphans.setdefault(record.fingerprint, []).append(record)
        self._jobs: list[Job] = []
        self._changes: dict[str, Record] = {}
        self._void: list[str] = []
        self._kept: dict[str, Counter[Content]] = {}
        self._restores = False
        self._notes: list[tuple[int, Record]] = []

    def plan(self) -> Plan:
        for token, row in self._bound.homes.items():
            self._at_home(row, self._known.records[token])
        for row, record in self._bound.strays:
            self._stray(row, record)
        for row in self._bound.unknown:
            if row.is_unanswered and row.word != "error" and self._tab.wanted.outputs:
                self._ask(row, wait_s=UNKNOWN_S)
        for row in self._rows:
            if not row.status:
                self._unmarked(row)
        in_repair = self._in_repair()
        for orphans in self._orphans.values():
            for record in orphans:
                self._lost(record, in_repair)
        self._settling.end_read(self._moment.now)
        foreign = {key: Counter(found) for key, found in self._foreign.items()}
        for fingerprint, kept in self._kept.items():
            foreign[fingerprint] = foreign.get(fingerprint, Counter()) + kept
        is_uncertain = any(job.wipes for job in self._jobs) or (self._known.before.is_uncertain and self._restores)
        changes = list(self._changes.values())
        return Plan(self._jobs, changes, self._void, foreign, is_uncertain, self._notes, self._settling.next_at())

    def _at_home(self, row: Row, record: Record) -> None:
        answer = self._known.answers.get(record.token)
        is_due = answer is not None and answer.version > record.settled
        if record.suspect_until and self._moment.now > record.suspect_until and not self._has_strays(record):
            record = self._change(replace(record, suspect_until=0.0))
        if record.note_due and not row.is_unanswered:
            self._notes.append((row.number, record))
        if not record.is_live and not is_due:
            self._ended(row, record)
        elif record.state == "claiming":
            self._change(claimed(record, row, self._tab.wanted, self._moment.now))
        elif answer is not None and is_due:
            if row.word in ENDED_WORDS and record.is_live:
                shown = row.outputs if self._shows(row, answer) else ()  # else a person has typed over it already
                self._change(replace(ended(record, row, answer, self._moment.now), shown=shown))
            elif row.fingerprint == record.fingerprint:
                self._deliver(row, record, answer)

    def _ended(self, row: Row, record: Record) -> None:
        """A row that was answered: its answer cleared asks again; people may do with it what they like otherwise."""
        if row.word == "working" and row.fingerprint == record.fingerprint and row.is_unanswered and record.settled:
            self._change(reopened(record))  # its answer went into a twin, which has lost it since
        elif record.state in {"done", "skipped"} and row.is_unanswered and self._tab.wanted.outputs:
            self._ask(row, reads=2)
        elif record.state == "gone" and row.is_unanswered:
            self._ask(row)
        else:
            self._filled(row)

    def _filled(self, row: Row) -> None:
        """A row that says working although a person answered it: nothing works there any more."""
        if row.word == "working" and not row.is_unanswered and self._settling.is_settled(row):
            self._repair(row, None, status.skipped(row.token))

    def _deliver(self, row: Row, record: Record, answer: StoredAnswer) -> None:
        token, words = record.token, self._moment.time_words
        if answer.reason:
            self._write(row, record, answer, status.error(answer.reason, token))
        elif not row.is_unanswered and row.outputs != record.over and not self._is_leftover(row):
            self._write(row, record, answer, status.skipped(token))
        else:
            try:
                values = cell_values(answer, self._tab.wanted.outputs, self._tab.wanted.kinds)
            except NoSuchColumn:
                self._write(row, record, answer, status.error(COLUMNS_WORDS, token))
            else:
                self._write(row, record, answer, status.done(words, token), values)

    def _write(
        self, row: Row, record: Record, answer: StoredAnswer, text: str, values: tuple[object, ...] | None = None
    ) -> None:
        word, _ = status.parse(text)
        wanted = replace(row, status=text, word=word)
        after = ended(record, wanted, answer, self._moment.now)
        self._jobs.append(Job("answer", row.number, row.fingerprint, row.outputs, text, values, record, after))

    def _stray(self, row: Row, record: Record) -> None:
        """A row that wears a token which is not its own: a copy, a reworked question, or a write that hit it."""
        was_hit = bool(record.suspect_until) or record.state == "claiming"
        is_twin = row.fingerprint == record.fingerprint
        if is_twin and self._is_due_here(row, record):
            return
        if not was_hit and not row.is_unanswered:
            self._filled(row)
            return
        if was_hit and (self._give_back(row, record) or self._give_back_reworded(row, record)):
            return
        if is_twin and row.word == "done" and not row.is_unanswered:
            return  # a copy, or a twin that was hit: it has the right answer, or what a person typed since
        if row.is_unanswered and self._adopt(row):
            return
        if was_hit and not row.is_unanswered:
            outputs = ("",) * len(row.outputs) if self._may_wipe(row) else None
            self._repair(row, outputs, "")
        elif row.is_complete:
            self._ask(row, changed=record if record.is_live and record.state != "claiming" else None)
        elif was_hit or self._settling.is_settled(row):
            self._repair(row, None, "")

    def _is_due_here(self, row: Row, record: Record) -> bool:
        """The answer went into a twin, a row with the same question: that one gets back what it had, this one is next.

        The write's own response cannot tell twins apart. Where nothing is missing, this row is a copy instead.
        """
        if record.is_live or row.word != "working" or not row.is_unanswered:
            return False
        twin = self._bound.homes.get(record.token)
        missing = self._missing.get(row.fingerprint, Counter())
        if (
            twin is None
            or twin.fingerprint != row.fingerprint
            or not (missing - Counter([(twin.outputs, twin.status)]))
        ):
            return self._give_back_ours(row)
        self._restore(twin, twin.fingerprint, max(missing))
        self._change(reopened(record))
        return True

    def _give_back_reworded(self, row: Row, record: Record) -> bool:
        """A row that was reworded in the seconds since a write hit it: it gets what stood beside its old question."""
        before = self._known.hits.get(record.token, row.fingerprint)
        missing = self._missing.get(before)
        is_gone = all(other.fingerprint != before for other in self._rows)
        if not missing or not is_gone or not (row.is_unanswered or self._is_ours(row)):
            return False
        self._restore(row, before, max(missing))
        return True

    def _restore(self, row: Row, before: str, content: Content) -> None:
        """Write people's words back that stood beside the question `before`; they count as theirs meanwhile."""
        self._missing[before] = self._missing[before] - Counter([content])
        self._kept.setdefault(row.fingerprint, Counter())[content] += 1
        outputs, words = content
        if (outputs, words) == (row.outputs, row.status):
            self._filled(row)  # nothing was lost after all
        else:
            self._repair(row, None if outputs == row.outputs else outputs, words)

    def _give_back(self, row: Row, record: Record | None) -> bool:
        """What is missing among the rows with this question: people's own words first, then answers of ours."""
        missing = self._missing.get(row.fingerprint, Counter())
        may_write = row.is_unanswered or self._is_ours(row)
        fitting = [content for content in missing if may_write or content[0] == row.outputs]
        if fitting:
            found = max(fitting, key=lambda content: (content[0] == row.outputs, content))
            self._restore(row, row.fingerprint, found)
            return True
        if record is not None and not row.is_unanswered and not self._is_ours(row):
            return False
        return (row.is_unanswered or record is not None) and self._give_back_ours(row)

    def _give_back_ours(self, row: Row) -> bool:
        for orphan in self._orphans.get(row.fingerprint, ()):
            answer = self._known.answers.get(orphan.token)
            if orphan.is_live or orphan.state == "gone" or not orphan.status:
                continue
            self._orphans[row.fingerprint].remove(orphan)
            values = None if answer is None or answer.reason else self._values(answer)
            self._repair(row, values if orphan.state == "done" else ("",) * len(row.outputs), orphan.status)
            return True
        if not row.is_unanswered and any(orphan.is_live for orphan in self._orphans.get(row.fingerprint, ())):
            return self._adopt(row, outputs=("",) * len(row.outputs))
        return False

    def _shows(self, row: Row, answer: StoredAnswer) -> bool:
        values = self._values(answer)
        return row.is_unanswered or (values is not None and looks_like(values, row.outputs))

    def _values(self, answer: StoredAnswer) -> tuple[object, ...] | None:
        try:
            return cell_values(answer, self._tab.wanted.outputs, self._tab.wanted.kinds)
        except NoSuchColumn:
            return None

    def _is_ours(self, row: Row) -> bool:
        """Whether this row shows what a write of ours may have left in the wrong place."""
        theirs = {outputs for outputs, _ in self._known.before.words.get(row.fingerprint, ())}
        if row.is_unanswered or row.outputs in theirs or row.fingerprint in self._given_so(row):
            return False
        return bool(self._written_for(row))

    def _is_anothers(self, row: Row) -> bool:
        """As `_is_ours`, and it was meant for another question than the row's."""
        return self._is_ours(row) and row.fingerprint not in self._written_for(row)

    def _is_leftover(self, row: Row) -> bool:
        """Whether this row is to be cleared of what a write meant for another left in it."""
        return not row.is_unanswered and self._is_anothers(row) and self._may_wipe(row)

    def _may_wipe(self, row: Row) -> bool:
        """Whether nothing is lost without it: an answer of ours, or people's words that stand in their own row too."""
        at_home = {other.fingerprint for other in self._rows if other.outputs == row.outputs and other is not row}
        return self._is_ours(row) and bool(self._answered_so(row) or self._given_so(row) & at_home)

    def _written_for(self, row: Row) -> set[str]:
        """The questions (by fingerprint) for which lately something was written that looks like this row's outputs."""
        return self._answered_so(row) | self._given_so(row)

    def _answered_so(self, row: Row) -> set[str]:
        return {fingerprint for fingerprint, values in self._suspects if looks_like(values, row.outputs)}

    def _given_so(self, row: Row) -> set[str]:
        return {given.fingerprint for given in self._known.before.given if given.outputs == row.outputs}

    def _suspect_answers(self) -> list[tuple[str, tuple[object, ...]]]:
        found: list[tuple[str, tuple[object, ...]]] = []
        for record in self._known.records.values():
            answer = self._known.answers.get(record.token) if record.suspect_until else None
            values = self._values(answer) if answer is not None and not answer.reason else None
            if values is not None:
                found.append((record.fingerprint, values))
        return found

    def _adopt(self, row: Row, outputs: tuple[str, ...] | None = None) -> bool:
        """Give a row the live token with its question that no row has: no second call for one question."""
        for orphan in self._orphans.get(row.fingerprint, ()):
            if orphan.is_live and row.is_complete:
                self._orphans[row.fingerprint].remove(orphan)
                text = self._working(orphan.token)
                after = claimed(orphan, row, self._tab.wanted, self._moment.now)
                self._jobs.append(Job("adopt", row.number, row.fingerprint, row.outputs, text, outputs, orphan, after))
                return True
        return False

    def _unmarked(self, row: Row) -> None:
        """A row whose status is empty: new, half-typed, answered by a person, or cleared to be asked again."""
        if self._known.before.is_uncertain and self._give_back_marks(row):
            self._restores = True
        elif self._is_leftover(row):
            self._repair(row, ("",) * len(row.outputs), "")
        elif not row.is_complete or not self._may_ask(row):
            return
        elif not (row.is_unanswered and self._adopt(row)):
            self._ask(row)

    def _give_back_marks(self, row: Row) -> bool:
        if self._missing.get(row.fingerprint) and self._give_back(row, None):
            return True
        orphans = [orphan for orphan in self._orphans.get(row.fingerprint, ()) if not orphan.is_live]
        return any(row.is_unanswered or orphan.shown == row.outputs for orphan in orphans) and self._give_back_ours(row)

    def _may_ask(self, row: Row) -> bool:
        """Unanswered; or it shows an answer of ours, word for word, whose status a person has cleared."""
        if row.is_unanswered:
            return True
        cleared = (record for record in self._orphans.get(row.fingerprint, ()) if record.state == "done")
        return any(record.shown == row.outputs for record in cleared)

    def _ask(self, row: Row, *, reads: int = 1, wait_s: float = 0.0, changed: Record | None = None) -> None:
        if not row.is_complete or not self._settling.is_settled(row, reads=reads, wait_s=wait_s):
            return
        generation = changed.generation + 1 if changed else 0
        token = self._moment.new_token()
        # An answer of ours may be written over even when its status was cleared; other people's words never.
        record = Record(
            token,
            self._tab.spreadsheet,
            self._tab.tab_id,
            self._tab.wanted.rule,
            row.fingerprint,
            over=row.outputs,
            generation=generation,
            claimed_at=self._moment.now,
        )
        text = status.error(CHANGES_WORDS, token) if generation > MOST_CHANGES else self._working(token)
        after = claimed(record, row, self._tab.wanted, self._moment.now)
        if generation > MOST_CHANGES:
            after = replace(after, state="failed", reason=CHANGES_WORDS, status=text, shown=row.outputs)
        self._jobs.append(Job("claim", row.number, row.fingerprint, row.outputs, text, None, record, after))

    def _working(self, token: str) -> str:
        elsewhere = self._tab.wanted.goes_elsewhere
        return status.sent_on(self._moment.time_words, token) if elsewhere else status.working(token)

    def _repair(self, row: Row, outputs: tuple[object, ...] | None, words: str) -> None:
        self._jobs.append(Job("repair", row.number, row.fingerprint, row.outputs, words, outputs))

    def _lost(self, record: Record, in_repair: set[str]) -> None:
        """A token that no row bears: its row was deleted, or it never came about."""
        if any(job.before is not None and job.before.token == record.token for job in self._jobs):
            return
        if record.fingerprint in in_repair:
            return  # its row may be one that is being put right; the next read may give it back
        answer = self._known.answers.get(record.token)
        is_due = answer is not None and answer.version > record.settled
        if record.state == "claiming":
            if self._settling.absent(record.token) >= GONE_READS and self._moment.now > record.claimed_at + SUSPECT_S:
                self._void.append(record.token)
        elif is_due and self._settling.absent(record.token) >= GONE_READS and not self._has_strays(record):
            settled = answer.version if answer else 0
            gone = replace(record, state="gone", reason=GONE_WORDS, settled=settled, written_at=self._moment.now)
            self._change(gone)

    def _in_repair(self) -> set[str]:
        """The questions of rows that show something which is not theirs."""
        jobs = {job.fingerprint for job in self._jobs if job.kind == "repair"}
        return jobs | {row.fingerprint for row in self._rows if self._is_anothers(row)}

    def _has_strays(self, record: Record) -> bool:
        return any(other.token == record.token for _, other in self._bound.strays)

    def _change(self, record: Record) -> Record:
        self._changes[record.token] = record
        return record


def claimed(record: Record, row: Row, wanted: Wanted, now: float) -> Record:
    """The record once the row shows its token; the inputs are those of the row as the claim found it."""
    if record.state != "claiming":
        return replace(record, suspect_until=0.0) if record.state == "gone" else record
    inputs = tuple(zip(wanted.inputs, row.inputs, strict=True))
    return replace(record, state="claimed", inputs=inputs, written_at=now, status=row.status)


def reopened(record: Record) -> Record:
    """The record of an answer that is to be written again."""
    return replace(record, state="asked", settled=record.settled - 1)


def ended(record: Record, row: Row, answer: StoredAnswer, now: float) -> Record:
    """The record once the row shows its end; `row` as it is after the write."""
    base = replace(record, settled=answer.version, shown=row.outputs, status=row.status, written_at=now)
    if answer.reason or row.word == "error":
        return replace(base, state="failed", reason=answer.reason or COLUMNS_WORDS)
    if row.word == "skipped":
        return replace(base, state="skipped", reason=FILLED_WORDS)
    return replace(base, state="done", reason="")
