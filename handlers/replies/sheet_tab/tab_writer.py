"""The calls by which rows are added to the tabs of one spreadsheet: header first, then one write for all of them.

The rows are put below the last row with data by the server itself, so nobody's row can be hit, whatever people sort or
insert meanwhile. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
(AppendCellsRequest).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doors.sheet.faults import SheetFault, cell_reason
from bot.doors.sheet.spreadsheet import (
    Calls,
    Info,
    TabInfo,
    cells,
    columns_area,
    date_look,
    find_tab,
    make_status_column,
    no_such_tab,
)
from bot.doors.sheet.status import is_own_column, own_column_words, parse
from bot.errors import Refused
from bot.events import SheetTab
from bot.rules.placeholders import indexes_of
from bot.rules.rule import ColumnKind
from handlers.replies.sheet_tab.added_row import Headers, NewRow, cells_of, fault_of
from handlers.replies.sheet_tab.journal import Journal

INFO_EVERY_S = 300.0
FIELDS = "userEnteredValue,note"
BUSY = "Another process is adding this row."


class TabWriter:
    """Belongs to one thread at a time. Every method makes calls, and raises SheetFault or Refused."""

    def __init__(
        self, calls: Calls, journal: Journal, headers: Headers, *, email: str, clock: Callable[[], float]
    ) -> None:
        self._calls, self._journal, self._headers = calls, journal, headers
        self._email, self._clock = email, clock
        self._info: Info | None = None
        self._info_at = 0.0
        self._shaped: set[tuple[int, int]] = set()

    def check(self, place: SheetTab, kinds: Mapping[str, ColumnKind]) -> None:
        """Whether rows can be added there. Raises Refused, in words for the tab's owner."""
        tab, header = self._look(place)
        wrong = fault_of(header, kinds, self._headers, tab.title)
        if wrong:
            raise Refused(wrong)
        if is_own_column(self._statuses(tab, header)):
            raise Refused(own_column_words(tab.title, self._headers.status))

    def tokens(self, place: SheetTab) -> set[str]:
        """The tokens that stand in the tab now."""
        tab, header = self._look(place)
        return {parse(text)[1] for text in self._statuses(tab, header)} - {""}

    def write(self, rows: Sequence[NewRow]) -> dict[str, Exception | None]:
        """Add these rows in one call; by token what became of each: None where it stands there now."""
        try:
            return self._written(rows)
        except SheetFault as fault:
            if fault.kind != "request":
                raise
            self._info = None
            if len(rows) == 1:
                return {rows[0].token: Refused(f"The row could not be added: {cell_reason(fault, self._email)}.")}
        return {token: fault for row in rows for token, fault in self.write([row]).items()}

    def _written(self, rows: Sequence[NewRow]) -> dict[str, Exception | None]:
        results: dict[str, Exception | None] = {}
        ready: list[tuple[TabInfo, list[str], list[NewRow]]] = []
        for place in dict.fromkeys(row.place for row in rows):
            mine = [row for row in rows if row.place == place]
            try:
                tab, header = self._ready(place)
            except Refused as refusal:
                results |= {row.token: refusal for row in mine}
                continue
            results |= {row.token: self._fault_of(row, tab, header) for row in mine}
            ready.append((tab, header, [row for row in mine if results[row.token] is None]))
        tokens = self._journal.begin({row.token: row.event.id for _, _, mine in ready for row in mine}, self._clock())
        # What another process is adding is looked for again by whoever waits for it.
        busy = {
            row.token: SheetFault(BUSY, "passing") for _, _, mine in ready for row in mine if row.token not in tokens
        }
        self._send([self._requests(tab, header, mine, tokens) for tab, header, mine in ready], tokens)
        return results | busy

    def _fault_of(self, row: NewRow, tab: TabInfo, header: Sequence[str]) -> Refused | None:
        kinds = {} if row.answer is None else row.kinds
        wrong = fault_of(header, kinds, self._headers, tab.title) if row.answer or not any(header) else ""
        return Refused(wrong) if wrong else None

    def _send(self, requests: Sequence[Sequence[dict[str, Any]]], tokens: set[str]) -> None:
        if not tokens:
            return
        try:
            self._calls.batch([one for of_tab in requests for one in of_tab])
        except SheetFault as fault:
            if not fault.is_unknown:
                self._journal.forget(tokens)
            raise
        self._journal.note(tokens)

    def _requests(
        self, tab: TabInfo, header: Sequence[str], rows: Sequence[NewRow], tokens: Container[str]
    ) -> list[dict[str, Any]]:
        now = datetime.fromtimestamp(self._clock(), self._zone())
        mine = [row for row in rows if row.token in tokens]
        lines = [{"values": cells_of(row, header, self._headers, f"{now:%H:%M}", self._zone())} for row in mine]
        append = {"appendCells": {"sheetId": tab.tab, "rows": lines, "fields": FIELDS}}
        kinds = {name: kind for row in mine for name, kind in row.kinds.items()}
        return [append, *self._date_looks(tab, header, kinds)] if mine else []

    def _date_looks(self, tab: TabInfo, header: Sequence[str], kinds: Mapping[str, ColumnKind]) -> list[dict[str, Any]]:
        """Once for each column of dates: let its numbers look like dates."""
        dates = {(tab.tab, at) for name in kinds if kinds[name] == "date" for at in indexes_of(header, name)[:1]}
        new = sorted(dates - self._shaped)
        self._shaped |= dates
        return [date_look(*one) for one in new]

    def _ready(self, place: SheetTab) -> tuple[TabInfo, list[str]]:
        """The tab and its headers, with a status column."""
        tab, header = self._look(place)
        if any(header) and not indexes_of(header, self._headers.status):
            make_status_column(self._calls, tab, header, self._headers.status)
            self._info = None
            tab, header = self._look(place)
        return tab, header

    def _look(self, place: SheetTab) -> tuple[TabInfo, list[str]]:
        """The tab and its row 1. Raises Refused when there is no such tab."""
        for is_last in (False, True):
            info = self._current(anew=is_last)
            tab = find_tab(info, place.tab, place.gid)
            if tab is not None:
                try:
                    (rows,) = self._calls.read([cells(tab.title, "1:1")])
                    return tab, [text.strip() for text in (rows[0] if rows else ())]
                except SheetFault as fault:
                    if is_last or not fault.is_about_tab:
                        raise
        raise Refused(no_such_tab(info, place.tab, place.gid))

    def _current(self, *, anew: bool) -> Info:
        if self._info is None or anew or abs(self._clock() - self._info_at) > INFO_EVERY_S:
            self._info, self._info_at = self._calls.info(), self._clock()
        return self._info

    def _statuses(self, tab: TabInfo, header: Sequence[str]) -> list[str]:
        """The status cells below the header; none where there is no such column yet."""
        at = next(iter(indexes_of(header, self._headers.status)), None)
        if at is None:
            return []
        (rows,) = self._calls.read([cells(tab.title, columns_area(at, at))])
        return [row[0] for row in rows[1:] if row]

    def _zone(self) -> tzinfo:
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(self._info.zone if self._info else "UTC")
        return UTC
