"""One round of a spreadsheet: one read, a plan for each tab, one write, checked row by row."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from bot.doors.sheet import status
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.row_cache import RowCache
from bot.doors.sheet.row_store import Record, RowStore
from bot.doors.sheet.rows import Row
from bot.doors.sheet.spreadsheet import Calls, Info, TabInfo, find_tab, no_such_tab
from bot.doors.sheet.status import is_own_column, own_column_words
from triggers.sheet import tab_setup as preparing
from triggers.sheet.planner.attribution import Known
from triggers.sheet.planner.jobs import Moment, Plan, TabRef
from triggers.sheet.planner.plan import make_plan, plan_telling
from triggers.sheet.tab_store import TabStore
from triggers.sheet.tabs import Tab
from triggers.sheet.writer import Writer

log = structlog.get_logger()

INFO_EVERY_S = 300.0


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What a round found: `is_active` when it `wrote` or saw something new; `settles_at` in seconds since 1970."""

    is_active: bool
    wrote: bool = False
    again: bool = False
    settles_at: float | None = None


class Reconciler:
    """Looks after one spreadsheet; every method belongs to one thread."""

    def __init__(
        self,
        spreadsheet: str,
        tabs: Sequence[Tab],
        calls: Calls,
        row_store: RowStore,
        tab_store: TabStore,
        *,
        email: str = "",
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] | None = None,
    ) -> None:
        self.spreadsheet, self.tabs = spreadsheet, tabs
        self._calls, self._tab_store, self._clock = calls, tab_store, clock
        self.cache = RowCache(spreadsheet, row_store)
        self._writer = Writer(spreadsheet, calls, self.cache, tab_store, email=email, clock=clock)
        self._new_token = new_token or (lambda: status.new_token(self.cache.records))
        self._info: Info | None = None
        self._info_at = 0.0
        self._last: list[list[Row]] = []

    def load(self) -> None:
        """Begin, or begin again after somebody else looked after this spreadsheet."""
        self.cache.load()
        self._info = None

    def purge(self, before: float) -> None:
        """Forget rows that ended before that time and whose token no longer stands in the sheet."""
        self.cache.purge(before, {row.token for rows in self._last for row in rows if row.token})

    def step(self, *, with_claims: bool = True) -> RoundResult:
        """One round; without claims, only what is under way is ended.

        Raises SheetFault when the spreadsheet cannot be read or written at all.
        """
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
                return RoundResult(is_active=True, again=True)
            raise
        return self._work(rows, with_claims=with_claims)

    def _look_up(self) -> None:
        self._info, self._info_at = self._calls.info(), self._clock()
        for tab in self.tabs:
            found = self._find(tab, self._info)
            if found is None:
                tab.info, tab.columns, tab.header = None, None, None
                tab.problem = no_such_tab(self._info, tab.wanted.tab, tab.wanted.gid)
                continue
            if tab.info is None or tab.info.tab != found.tab:
                tab.before = self._tab_store.before(self.spreadsheet, found.tab)
            if tab.wanted.gid is None and (tab.info is None or tab.info.title != found.title):
                self._tab_store.remember_tab(self.spreadsheet, tab.wanted.tab, found.tab)
            tab.info = found
            if tab.columns is not None:
                tab.problem = tab.told

    def _find(self, tab: Tab, info: Info) -> TabInfo | None:
        """The tab by its sheetId once it is known, else by its name, else the first."""
        if tab.wanted.gid is not None:
            return find_tab(info, "", tab.wanted.gid)
        known = tab.info.tab if tab.info else None
        by_name = next((one for one in info.tabs if one.title.strip() == tab.wanted.tab.strip()), None)
        if known is None and (by_name is None or not tab.wanted.tab):
            known = self._tab_store.tab(self.spreadsheet, tab.wanted.tab)
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

    def _work(self, found: Sequence[list[Row] | None], *, with_claims: bool) -> RoundResult:
        now = self._clock()
        self.cache.fetch(now)
        work = [
            (tab, self._plan(tab, rows, now))
            for tab, rows in zip(self.tabs, found, strict=True)
            if rows is not None and tab.info is not None and not self._is_theirs(tab, rows)
        ]
        self.cache.save([record for _, plan in work for record in plan.changes])
        self.cache.forget([token for _, plan in work for token in plan.void])
        is_new = [rows or [] for rows in found] != self._last
        self._last = [rows or [] for rows in found]
        written = self._writer.write(work, now, with_claims=with_claims)
        if self._writer.is_moved:
            self._info = None
        for tab, plan in work:
            self._write_notes(tab, plan.notes)
        settles = [plan.settles_at for _, plan in work if plan.settles_at is not None]
        is_active = bool(written) or is_new or sum(len(plan.jobs) for _, plan in work) > written
        return RoundResult(
            is_active, bool(written), again=self._writer.is_unconfirmed, settles_at=min(settles, default=None)
        )

    def _plan(self, tab: Tab, rows: Sequence[Row], now: float) -> Plan:
        assert tab.info is not None  # asked for by _work
        mine = {token: record for token, record in self.cache.records.items() if record.tab == tab.info.tab}
        known = Known(mine, self.cache.answers, tab.before, tab.hits, tab.questions, self.cache.waits)
        tab_ref = TabRef(self.spreadsheet, tab.info.tab, tab.wanted)
        tab.debounce.begin_read(now)
        if tab.told:
            moment = Moment(now, self._time_words(now), self._new_token)
            return plan_telling(tab_ref, rows, known, tab.debounce, moment, tab.told)
        return make_plan(tab_ref, rows, known, tab.debounce, Moment(now, self._time_words(now), self._new_token))

    def _is_theirs(self, tab: Tab, rows: Sequence[Row]) -> bool:
        """Whether the status column holds people's words and none of ours: it is a column of their own, so we pause."""
        assert tab.info is not None  # asked for by _work
        is_known = any(record.tab == tab.info.tab for record in self.cache.records.values())
        is_theirs = not is_known and is_own_column(row.status for row in rows)
        words = own_column_words(tab.info.title, tab.wanted.status) if is_theirs else tab.told
        if is_theirs and tab.problem != words:
            log.warning("tab paused", spreadsheet=self.spreadsheet, reason=words)
        tab.problem = words
        return is_theirs

    def _write_notes(self, tab: Tab, notes: Sequence[tuple[int, Record]]) -> None:
        """The whole answers, into the notes of the cells that could not hold them."""
        for number, record in notes:
            answer = self.cache.answers.get(record.token)
            is_right = answer is None or preparing.write_note(self._calls, tab, number, record.token, answer)
            if is_right:
                self.cache.save([replace(record, note_due=False)])

    def _time_words(self, now: float) -> str:
        zone = ZoneInfo("UTC")
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo(self._info.zone if self._info else "UTC")
        return datetime.fromtimestamp(now, zone).strftime("%H:%M")
