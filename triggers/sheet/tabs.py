"""One tab under watch: its name of the day, its header, what waits to settle there, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.doors.sheet.columns import Columns, HeadersWrong, Wanted, find_columns
from bot.doors.sheet.rows import Row, row_of
from bot.doors.sheet.spreadsheet import TabInfo, cells, columns_area
from triggers.sheet.planner.debounce import Debounce
from triggers.sheet.planner.jobs import Before


@dataclass
class Tab:
    """State between two rounds; belongs to the thread of its spreadsheet.

    `problem` is why this tab pauses, in words; "" when it works. `told`: the same for rows that wait, in their status
    cells; `columns` are then those that there are.
    """

    wanted: Wanted
    debounce: Debounce
    info: TabInfo | None = None
    header: tuple[str, ...] | None = None
    columns: Columns | None = None
    problem: str = ""
    told: str = ""
    before: Before = field(default_factory=Before)
    hits: dict[str, str] = field(default_factory=dict)
    questions: frozenset[str] = frozenset()
    dates_shaped: bool = False
    needs_status: bool = False

    def ranges(self) -> list[str]:
        """What to read: the header, and the columns where its last look put them."""
        if self.info is None:
            return []
        runs = self.columns.runs() if self.columns else []
        return [cells(self.info.title, area) for area in ("1:1", *(columns_area(*run) for run in runs))]

    def take(self, found: Sequence[Sequence[Sequence[str]]]) -> list[Row] | None:
        """The rows of a read; None when the header is new or wrong, so that these columns mean nothing."""
        header = tuple(text.strip() for text in (found[0][0] if found[0] else ()))
        if header != self.header or self.columns is None:
            self._look_at(header)
            return None
        return _rows(found[1:], self.columns)

    def _look_at(self, header: tuple[str, ...]) -> None:
        self.header, self.needs_status, self.problem, self.told = header, False, "", ""
        try:
            self.columns = find_columns(header, self.wanted, self.info.title if self.info else self.wanted.tab)
        except HeadersWrong as wrong:
            self.columns, self.problem = wrong.columns, wrong.reason
            self.told = wrong.reason if wrong.columns else ""
            self.needs_status = wrong.missing == (self.wanted.status,)
        if self.columns is not None:
            self.wanted = replace(self.wanted, inputs=self.columns.names)


def _rows(found: Sequence[Sequence[Sequence[str]]], columns: Columns) -> list[Row]:
    runs = columns.runs()
    height = max(map(len, found), default=0)
    rows: list[Row] = []
    for index in range(1, height):
        line = [""] * (columns.last + 1)
        for (first, _), run in zip(runs, found, strict=True):
            if index < len(run):
                line[first : first + len(run[index])] = run[index]
        rows.append(row_of(index + 1, line, columns))
    return rows
