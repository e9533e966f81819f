"""The one write of a round: what goes in, what is remembered before it, and what its response proves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.doors.sheet import faults, status
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.row_cache import RowCache
from bot.doors.sheet.row_store import Record
from bot.doors.sheet.rows import Row, row_of
from bot.doors.sheet.spreadsheet import Calls, cells, row_area
from bot.doors.sheet.values import utf16_length
from triggers.sheet import tab_setup as preparing
from triggers.sheet.planner.jobs import SUSPECT_S, Before, Given, Job, Plan
from triggers.sheet.tab_store import TabStore
from triggers.sheet.tabs import Tab

log = structlog.get_logger()

MOST_JOBS = 200
MOST_CHARACTERS = 1_500_000
"""One write stays well below the 2 MB that are recommended.
Source: https://developers.google.com/workspace/sheets/api/limits
"""

BLOCKED_S = 600.0
"""A row that Google refuses to have written is left alone this long, or until it changes."""

_ORDER = {"repair": 0, "answer": 1, "adopt": 2, "claim": 3, "progress": 4}
_WHICH = re.compile(r"data\[(\d+)\]")

Work = Sequence[tuple[Tab, Plan]]
Chosen = Sequence[tuple[Tab, Job]]


class Writer:
    """Writes for one spreadsheet. `is_unconfirmed`: the last response proved nothing, so a read has to.

    `is_moved`: a tab or a row is no longer where the last look found it.
    """

    def __init__(
        self,
        spreadsheet: str,
        calls: Calls,
        cache: RowCache,
        tab_store: TabStore,
        *,
        email: str,
        clock: Callable[[], float],
    ) -> None:
        self._spreadsheet, self._calls, self._cache, self._tab_store = spreadsheet, calls, cache, tab_store
        self._email, self._clock = email, clock
        self._blocked: dict[tuple[int, str, str], float] = {}
        self._suspected: dict[str, float] = {}
        self.is_unconfirmed = self.is_moved = False

    def write(self, work: Work, now: float, *, with_claims: bool = True) -> int:
        """Carry out what the plans ask for; returns how many jobs went into the write. Raises SheetFault."""
        chosen = [one for one in self._chosen(work, now) if with_claims or one[1].kind != "claim"]
        self.is_unconfirmed = self.is_moved = False
        if chosen:
            self._remember_before(work, chosen, now)
            for tab, plan in work:
                tab.hits.clear()
                tab.questions = plan.questions
            self._write(chosen)
        return len(chosen)

    def _chosen(self, work: Work, now: float) -> list[tuple[Tab, Job]]:
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

    def _remember_before(self, work: Work, chosen: Chosen, now: float) -> None:
        """All that is needed to undo a write that hits other rows, on disk before it is made."""
        for tab, plan in work:
            mine = [job for other, job in chosen if other is tab]
            is_uncertain = plan.is_uncertain or any(job.wipes for job in mine)
            self._remember(tab, Before(plan.foreign, plan.foreign_rows, is_uncertain, _given(tab, mine, now)))
        marks: list[Record] = []
        self._suspected = {}
        for _, job in chosen:
            record = job.before or self._worn_by(job)
            if record is not None:
                self._suspected[record.token] = record.suspect_until
                marks.append(replace(record, suspect_until=now + SUSPECT_S))
        self._cache.save(marks)

    def _remember(self, tab: Tab, before: Before) -> None:
        if tab.info and before != tab.before:
            self._tab_store.remember_before(self._spreadsheet, tab.info.tab, before)
            tab.before = before

    def _worn_by(self, job: Job) -> Record | None:
        """A repair writes a status with somebody's token: that token is under suspicion too until it is confirmed."""
        _, token = status.parse(job.status)
        return self._cache.records.get(token)

    def _write(self, chosen: Chosen) -> None:
        try:
            rows = self._calls.write([_range(tab, job) for tab, job in chosen])
        except SheetFault as fault:
            if fault.kind != "request":
                raise
            self._refused(chosen, fault)
            return
        if any(row is None for row in rows):
            self.is_unconfirmed = True  # no rows came back: one more read confirms what was written
            return
        confirmed: list[Record] = []
        for (tab, job), cells_now in zip(chosen, rows, strict=True):
            assert tab.columns is not None
            assert cells_now is not None
            row = row_of(job.number, [""] * tab.columns.first + cells_now, tab.columns)
            confirmed += self._confirm(tab, job, row)
        self._cache.save(self._without_missed(chosen, confirmed))

    def _without_missed(self, chosen: Chosen, confirmed: Sequence[Record]) -> list[Record]:
        """Two rows may have been written for one token: where one write missed, the other clears no suspicion."""
        missed = {token for tab, _ in chosen for token in tab.hits}
        marks = {token: self._cache.records[token].suspect_until for token in missed if token in self._cache.records}
        return [replace(one, suspect_until=marks.get(one.token, one.suspect_until)) for one in confirmed]

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
            worn = self._worn_by(job)
            return [replace(worn, suspect_until=self._suspected.get(worn.token, 0.0))] if worn else []
        assert job.before is not None
        assert job.after is not None
        inputs = tuple(zip(tab.wanted.inputs, row.inputs, strict=True))
        after = replace(job.after, inputs=inputs, shown=row.outputs, status=row.status)
        if after.state == "done":
            text = self._cache.answers[after.token]
            after = replace(after, note_due=preparing.needs_note(text))
        return [replace(after, suspect_until=job.before.suspect_until)]

    def _refused(self, chosen: Chosen, fault: SheetFault) -> None:
        """A 400 voids the whole write: find the row at fault, so that it does not hold up the others."""
        if fault.is_about_tab or fault.is_about_grid:
            self.is_moved = True
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
        log.warning("row cannot be written", spreadsheet=self._spreadsheet, row=job.number, reason=reason)
        if job.kind == "answer" and job.outputs is not None and job.before is not None:
            # The answer does not go in; perhaps the status cell takes the reason.
            text = status.error(reason, job.before.token)
            answer = self._cache.answers[job.before.token]
            after = replace(job.before, state="failed", reason=reason, settled=answer.version, written_at=self._clock())
            self._write([(tab, replace(job, outputs=None, status=text, after=after))])
            return
        tab.problem = f'Row {job.number} of "{tab.info.title if tab.info else ""}" cannot be written: {reason}.'
        self._blocked[_key(tab, job)] = self._clock() + BLOCKED_S


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
