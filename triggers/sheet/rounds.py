"""This file is one round of a spreadsheet: one read, a plan for each tab, one write, checked row by row."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from bot.sheet_ledger import Record, SheetLedger, StoredAnswer
from triggers.sheet import faults, preparing, status
from triggers.sheet.calls import Calls, Info, TabInfo, cells, row_area
from triggers.sheet.faults import SheetFault
from triggers.sheet.jobs import Before, Given, Job, Plan
from triggers.sheet.memory import Memory
from triggers.sheet.plan import SUSPECT_S, Known, Moment, make_plan
from triggers.sheet.plan import Tab as Place
from triggers.sheet.rows import Row, row_of
from triggers.sheet.tabs import Tab
from triggers.sheet.values import utf16_length

log = structlog.get_logger()

MOST_JOBS = 200
MOST_CHARACTERS = 1_500_000
"""One write stays well below the 2 MB that are recommended.
Source: https://developers.google.com/workspace/sheets/api/limits
"""

INFO_EVERY_S = 300.0
BLOCKED_S = 600.0
"""A row that Google refuses to have written is left alone this long, or until it changes."""

_ORDER = {"repair": 0, "answer": 1, "adopt": 2, "claim": 3}
_WHICH = re.compile(r"data\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round found: `is_active` when it wrote or saw something new; `settles_at` on the monotonic clock."""

    is_active: bool
    again: bool = False
    settles_at: float | None = None


class Rounds:
    """Looks after one spreadsheet; every method belongs to one thread."""

    def __init__(
        self,
        spreadsheet: str,
        tabs: Sequence[Tab],
        calls: Calls,
        ledger: SheetLedger,
        memory: Memory,
        *,
        email: str = "",
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] | None = None,
    ) -> None:
        self.spreadsheet, self.tabs = spreadsheet, tabs
        self._calls, self._ledger, self._memory = calls, ledger, memory
        self._email, self._clock = email, clock
        self._new_token = new_token or (lambda: status.new_token(self.records))
        self.records: dict[str, Record] = {}
        self._answers: dict[str, StoredAnswer] = {}
        self._answers_at = 0.0
        self._info: Info | None = None
        self._info_at = 0.0
        self._blocked: dict[tuple[int, str, str], float] = {}
        self._last: list[list[Row]] = []
        self._is_unconfirmed = False
        self._suspected: dict[str, float] = {}

    def load(self) -> None:
        """Begin, or begin again after somebody else looked after this spreadsheet."""
        self.records = self._ledger.records(self.spreadsheet)
        self._answers, self._answers_at = {}, 0.0
        self._info = None

    def waiting(self) -> list[Record]:
        """Claimed rows whose events are not durable yet."""
        return [record for record in self.records.values() if record.state == "claimed"]

    def has_due_answers(self) -> bool:
        """Whether an answer waits to be written."""
        self._fetch_answers()
        return any(self._is_due(answer) for answer in self._answers.values())

    def purge(self, before: float) -> None:
        """Forget rows that ended before that time and whose token no longer stands in the sheet."""
        worn = {row.token for rows in self._last for row in rows if row.token}
        if self._ledger.purge(self.spreadsheet, before, worn):
            self.records = self._ledger.records(self.spreadsheet)

    def save(self, records: Sequence[Record]) -> None:
        """Keep changed records."""
        self._ledger.save(records)
        self.records |= {record.token: record for record in records}

    def step(self) -> Outcome:
        """One round. Raises SheetFault when the spreadsheet cannot be read or written at all."""
        if self._info is None or self._clock() > self._info_at + INFO_EVERY_S:
            self._look_up()
        try:
            rows, is_new = self._read()
            if is_new:
                preparing.prepare(self._calls, self.tabs)
                rows, _ = self._read()
        except SheetFault as fault:
            if fault.is_about_tab:
                self._info = None  # renamed or removed: the next round looks the tabs up again
                return Outcome(is_active=True, again=True)
            raise
        return self._work(rows)

    def _look_up(self) -> None:
        self._info, self._info_at = self._calls.info(), self._clock()
        for tab in self.tabs:
            found = self._find(tab, self._info)
            if found is None:
                tab.info, tab.columns, tab.header = None, None, None
                titles = ", ".join(f'"{info.title}"' for info in self._info.tabs)
                tab.problem = f'There is no tab "{tab.wanted.tab}" in this spreadsheet; it has {titles}.'
                continue
            if tab.info is None or tab.info.tab != found.tab:
                tab.before = self._memory.before(self.spreadsheet, found.tab)
            if tab.info is None or tab.info.title != found.title:
                self._memory.remember_tab(self.spreadsheet, tab.wanted.tab, found.tab)
            tab.info = found
            if tab.columns is not None:
                tab.problem = ""

    def _find(self, tab: Tab, info: Info) -> TabInfo | None:
        """The tab by its sheetId once it is known, else by its name, else the first."""
        known = tab.info.tab if tab.info else None
        by_name = next((one for one in info.tabs if one.title.strip() == tab.wanted.tab.strip()), None)
        if known is None and (by_name is None or not tab.wanted.tab):
            known = self._memory.tab(self.spreadsheet, tab.wanted.tab)
        by_id = next((one for one in info.tabs if one.tab == known), None)
        if by_id is not None and by_name is None and tab.wanted.tab:
            log.warning("tab was renamed; still working in it", tab=tab.wanted.tab, now=by_id.title)
        return by_id or by_name or (info.tabs[0] if info.tabs and not tab.wanted.tab else None)

    def _read(self) -> tuple[list[list[Row] | None], bool]:
        """The rows of each tab (None: it pauses), and whether a header was new: then the columns must be read again."""
        asked = [tab.ranges() for tab in self.tabs]
        flat = [area for ranges in asked for area in ranges]
        found = self._calls.read(flat) if flat else []
        rows: list[list[Row] | None] = []
        is_new = False
        for tab, ranges in zip(self.tabs, asked, strict=True):
            mine, found = found[: len(ranges)], found[len(ranges) :]
            before = tab.header
            taken = tab.take(mine) if ranges and len(mine) == len(ranges) else None
            if taken is None and tab.header != before:
                is_new = True
                if tab.problem and not tab.needs_status:
                    log.warning("tab paused", spreadsheet=self.spreadsheet, reason=tab.problem)
            is_new = is_new or (taken is None and tab.columns is not None)
            rows.append(taken)
        return rows, is_new

    def _work(self, found: Sequence[list[Row] | None]) -> Outcome:
        self._fetch_answers()
        now = self._clock()
        work: list[tuple[Tab, Plan]] = []
        for tab, rows in zip(self.tabs, found, strict=True):
            if rows is not None and tab.info is not None:
                work.append((tab, self._plan(tab, rows, now)))
        self._keep([record for _, plan in work for record in plan.changes], [t for _, plan in work for t in plan.void])
        chosen = self._chosen(work, now)
        is_new = [rows or [] for rows in found] != self._last
        self._last = [rows or [] for rows in found]
        self._is_unconfirmed = False
        if chosen:
            self._remember_before(work, chosen, now)
            for tab in self.tabs:
                tab.hits.clear()
            self._write(chosen)
        for tab, plan in work:
            if plan.notes:
                self._write_notes(tab, plan.notes)
        settles = [plan.settles_at for _, plan in work if plan.settles_at is not None]
        left_over = sum(len(plan.jobs) for _, plan in work) > len(chosen)
        is_active = bool(chosen) or is_new or left_over
        return Outcome(is_active, again=self._is_unconfirmed, settles_at=min(settles, default=None))

    def _plan(self, tab: Tab, rows: Sequence[Row], now: float) -> Plan:
        assert tab.info is not None  # asked for by _work
        mine = {token: record for token, record in self.records.items() if record.tab == tab.info.tab}
        known = Known(mine, self._answers, tab.before, tab.hits)
        place = Place(self.spreadsheet, tab.info.tab, tab.wanted)
        tab.settling.begin_read(now)
        return make_plan(place, rows, known, tab.settling, Moment(now, self._time_words(now), self._new_token))

    def _keep(self, changes: Sequence[Record], void: Sequence[str]) -> None:
        self.save(changes)
        if void:
            self._ledger.forget(void)
            for token in void:
                self.records.pop(token, None)

    def _chosen(self, work: Sequence[tuple[Tab, Plan]], now: float) -> list[tuple[Tab, Job]]:
        """The jobs of this write: repairs and answers before claims, not more than one write should carry."""
        self._blocked = {key: until for key, until in self._blocked.items() if until > now}
        jobs = [(tab, job) for tab, plan in work for job in plan.jobs if _key(tab, job) not in self._blocked]
        jobs.sort(key=lambda one: _ORDER[one[1].kind])
        chosen: list[tuple[Tab, Job]] = []
        size = 0
        for tab, job in jobs[:MOST_JOBS]:
            size += 200 + sum(utf16_length(str(value)) for value in job.outputs or ())
            if chosen and size > MOST_CHARACTERS:
                break
            chosen.append((tab, job))
        return chosen

    def _remember_before(self, work: Sequence[tuple[Tab, Plan]], chosen: Sequence[tuple[Tab, Job]], now: float) -> None:
        """All that is needed to undo a write that hits other rows, on disk before it is made."""
        for tab, plan in work:
            mine = [job for other, job in chosen if other is tab]
            is_uncertain = plan.is_uncertain or any(job.wipes for job in mine)
            self._remember(tab, Before(plan.foreign, is_uncertain, _given(tab, mine, now)))
        marks: list[Record] = []
        self._suspected = {}
        for tab, job in chosen:
            record = job.before or self._worn_by(tab, job)
            if record is not None:
                self._suspected[record.token] = record.suspect_until
                marks.append(replace(record, suspect_until=now + SUSPECT_S))
        self.save(marks)

    def _remember(self, tab: Tab, before: Before) -> None:
        if tab.info and before != tab.before:
            self._memory.remember_before(self.spreadsheet, tab.info.tab, before)
            tab.before = before

    def _worn_by(self, _tab: Tab, job: Job) -> Record | None:
        """A repair writes a status with somebody's token: that token is under suspicion too until it is confirmed."""
        _, token = status.parse(job.status)
        return self.records.get(token)

    def _write(self, chosen: Sequence[tuple[Tab, Job]]) -> None:
        try:
            rows = self._calls.write([_range(tab, job) for tab, job in chosen])
        except SheetFault as fault:
            if fault.kind != "request":
                raise
            self._refused(chosen, fault)
            return
        if any(row is None for row in rows):
            self._is_unconfirmed = True  # no rows came back: one more read confirms what was written
            return
        confirmed: list[Record] = []
        for (tab, job), cells_now in zip(chosen, rows, strict=True):
            assert tab.columns is not None
            assert cells_now is not None
            row = row_of(job.number, [""] * tab.columns.first + cells_now, tab.columns)
            confirmed += self._confirm(tab, job, row)
        # Two rows may have been written for one token: where one write missed, the other clears nothing.
        missed = {token for tab, _ in chosen for token in tab.hits}
        self.save([replace(one, suspect_until=self._until(one)) if one.token in missed else one for one in confirmed])

    def _until(self, record: Record) -> float:
        return self.records[record.token].suspect_until

    def _confirm(self, tab: Tab, job: Job, row: Row) -> list[Record]:
        """The records that a write's own response proves; a write that hit another row proves nothing."""
        is_right = row.fingerprint == job.fingerprint and row.status == job.status
        if job.outputs is None and row.outputs != job.shown:
            is_right = False
        if not is_right:
            token = status.parse(job.status)[1]
            tab.hits[token] = row.fingerprint
            log.info("write hit another row; it will be put right", token=token, row=job.number)
            return []
        if job.kind == "repair":
            self._remember(tab, replace(tab.before, given=_without(tab.before.given, job)))
            worn = self._worn_by(tab, job)
            return [replace(worn, suspect_until=self._suspected.get(worn.token, 0.0))] if worn else []
        assert job.before is not None
        assert job.after is not None
        inputs = tuple(zip(tab.wanted.inputs, row.inputs, strict=True))
        after = replace(job.after, inputs=inputs, shown=row.outputs, status=row.status)
        if after.state == "done":
            text = self._answers[after.token]
            after = replace(after, note_due=preparing.needs_note(text))
        return [replace(after, suspect_until=job.before.suspect_until)]

    def _refused(self, chosen: Sequence[tuple[Tab, Job]], fault: SheetFault) -> None:
        """A 400 voids the whole write: find the row at fault, so that it does not hold up the others."""
        if fault.is_about_tab or fault.is_about_grid:
            self._info = None
            return
        if len(chosen) == 1:
            self._give_up(*chosen[0], fault)
            return
        named = _WHICH.search(fault.detail)
        at = int(named[1]) if named and int(named[1]) < len(chosen) else None
        halves = (
            (chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :])
            if at is None
            else ([*chosen[:at], *chosen[at + 1 :]], [chosen[at]])
        )
        for half in halves:
            self._write(half)

    def _give_up(self, tab: Tab, job: Job, fault: SheetFault) -> None:
        reason = faults.cell_reason(fault, self._email)
        log.warning("row cannot be written", spreadsheet=self.spreadsheet, row=job.number, reason=reason)
        if job.kind == "answer" and job.outputs is not None and job.before is not None:
            # The answer does not go in; perhaps the status cell takes the reason.
            text = status.error(reason, job.before.token)
            answer = self._answers[job.before.token]
            after = replace(job.before, state="failed", reason=reason, settled=answer.version, written_at=self._clock())
            self._write([(tab, replace(job, outputs=None, status=text, after=after))])
            return
        tab.problem = f'Row {job.number} of "{tab.info.title if tab.info else ""}" cannot be written: {reason}.'
        self._blocked[_key(tab, job)] = self._clock() + BLOCKED_S

    def _write_notes(self, tab: Tab, notes: Sequence[tuple[int, Record]]) -> None:
        """The whole answers, into the notes of the cells that could not hold them."""
        for number, record in notes:
            answer = self._answers.get(record.token)
            is_right = answer is None or preparing.write_note(self._calls, tab, number, record.token, answer)
            if is_right:
                self.save([replace(record, note_due=False)])

    def _fetch_answers(self) -> None:
        """The answers that came since the last look, a minute's overlap for clocks that differ."""
        found = self._ledger.answers(self.spreadsheet, self._answers_at - 60.0 if self._answers_at else 0.0)
        self._answers |= found
        self._answers_at = max((answer.stored_at for answer in found.values()), default=self._answers_at)

    def _is_due(self, answer: StoredAnswer) -> bool:
        record = self.records.get(answer.token)
        return record is not None and answer.version > record.settled

    def _time_words(self, now: float) -> str:
        zone = ZoneInfo("UTC")
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo(self._info.zone if self._info else "UTC")
        return datetime.fromtimestamp(now, zone).strftime("%H:%M")


def _key(tab: Tab, job: Job) -> tuple[int, str, str]:
    return (tab.info.tab if tab.info else -1, job.fingerprint, job.kind)


def _given(tab: Tab, jobs: Sequence[Job], now: float) -> tuple[Given, ...]:
    """The words of people that these jobs, and earlier ones that are not over yet, may leave in the wrong row."""
    new = [
        Given(job.fingerprint, tuple(map(str, job.outputs)), now + SUSPECT_S)
        for job in jobs
        if job.kind == "repair" and job.outputs is not None and any(job.outputs)
    ]
    return (*(one for one in tab.before.given if one.until > now), *new)


def _without(given: tuple[Given, ...], job: Job) -> tuple[Given, ...]:
    """Without what this job put where it belongs; the same from an earlier write that missed stays."""
    outputs = tuple(map(str, job.outputs or ()))
    mine = [one for one in given if (one.fingerprint, one.outputs) == (job.fingerprint, outputs)]
    return tuple(one for one in given if one is not (mine[-1] if mine else None))


def _range(tab: Tab, job: Job) -> dict[str, Any]:
    """The whole stretch of the row, null where a cell stays as it is: the response then shows all of it."""
    assert tab.info is not None
    assert tab.columns is not None
    columns = tab.columns
    line: list[Any] = [None] * (columns.last - columns.first + 1)
    line[columns.status - columns.first] = job.status
    for column, value in zip(columns.outputs, job.outputs or (), strict=job.outputs is not None):
        line[column - columns.first] = value
    return {"range": cells(tab.info.title, row_area(job.number, columns.first, columns.last)), "values": [line]}
