"""One spreadsheet: its tabs, its developer metadata, who may see it, and all that was done to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from playground.sheets.a1 import Area, parse
from playground.sheets.cells import Cell, Row, Slot, as_cell, emptied, filled, simplest
from playground.sheets.refusals import Refused, protected
from playground.sheets.tab import Tab


class Change(NamedTuple):
    """One thing that was done: a cell written (`kind` "cell"), or a row or column operation named by its kind.

    `who` is `api:<account>` or `person:<name>`; `row_id` names the row wherever it went afterwards; `before` and
    `after` are slots of a cell, None otherwise. `at` is seconds on the stand-in's clock.
    """

    number: int
    at: float
    who: str
    kind: str
    tab_id: int
    row_id: int
    row: int
    column: int
    before: Slot
    after: Slot


class Anchored(NamedTuple):
    """A piece of developer metadata and what it holds on to: a row's or column's anchor, a tab, or the spreadsheet."""

    metadata_id: int
    key: str
    value: str
    visibility: str
    place: str
    tab_id: int
    anchor: int


@dataclass
class Book:
    """A spreadsheet. Every change goes through `writer`, so that it is atomic, attributed and counted."""

    spreadsheet_id: str
    title: str
    tabs: list[Tab]
    metadata: list[Anchored] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)
    created_at: float = 0.0
    version: int = 1
    changes: list[tuple[float, int]] = field(default_factory=list)
    history: list[Change] = field(default_factory=list)
    locale: str = "en_US"
    zone: str = "Etc/GMT"

    def tab(self, title: str) -> Tab:
        """The tab of that title. Raises KeyError."""
        for tab in self.tabs:
            if tab.title == title:
                return tab
        raise KeyError(title)

    def tab_by_id(self, tab_id: int) -> Tab:
        """The tab of that sheetId. Raises Refused as Google does."""
        for tab in self.tabs:
            if tab.tab_id == tab_id:
                return tab
        raise Refused.argument(f"No grid with id: {tab_id}")

    def locate(self, text: str) -> tuple[Tab, Area]:
        """The tab and area of an A1 range. Raises Refused: "Unable to parse range: …"."""
        reference = parse(text)
        titles = [tab.title for tab in self.tabs]
        if reference is not None and reference.title is None:
            shown = [tab for tab in self.tabs if not tab.hidden]
            return shown[0], reference.area
        if reference is None or reference.title not in titles:
            raise Refused.argument(f"Unable to parse range: {text}")
        return self.tab(str(reference.title)), reference.area

    @contextmanager
    def writer(self, who: str, at: float) -> Iterator[Writer]:
        """Change the spreadsheet as `who`: all of it, or, when the block raises, none."""
        tabs, metadata, length = [tab.copy() for tab in self.tabs], self.metadata[:], len(self.history)
        attributes = (self.title, self.locale, self.zone)
        try:
            yield (writer := Writer(self, who, at))
        except BaseException:
            self.tabs, self.metadata = tabs, metadata
            self.title, self.locale, self.zone = attributes
            del self.history[length:]
            raise
        if writer.changed:
            self.version += 1
            self.changes.append((at, self.version))


@dataclass
class Writer:
    """Writes cells and notes operations for one caller, refusing what is protected from it."""

    book: Book
    who: str
    at: float
    changed: bool = False

    def note(
        self, kind: str, tab: Tab, row: int = -1, column: int = -1, slots: tuple[Slot, Slot] = (None, None)
    ) -> None:
        """Add to the history."""
        self.changed = True
        row_id = tab.row_ids[row] if 0 <= row < tab.row_count else 0
        entry = Change(len(self.book.history), self.at, self.who, kind, tab.tab_id, row_id, row, column, *slots)
        self.book.history.append(entry)

    def put(self, tab: Tab, row: int, column: int, slot: Slot) -> None:
        """Write one cell. Raises Refused when it is protected from this caller."""
        self.check(tab, row, column)
        before = tab.slot(row, column)
        tab.put(row, column, slot)
        self.note("cell", tab, row, column, (before, slot))

    def enter(self, tab: Tab, row: int, column: int, cell: Cell) -> None:
        """Write a value or formula, keeping the cell's note, rule and look; a blank one clears it."""
        before = tab.slot(row, column)
        blank = cell.value is None and not cell.formula
        self.put(tab, row, column, emptied(before) if blank else filled(before, cell))

    def edit(self, tab: Tab, row: int, column: int, **parts: Any) -> None:
        """Change named parts of a cell (note=…, rule=…)."""
        self.put(tab, row, column, simplest(replace(as_cell(tab.slot(row, column)), **parts)))

    def check(self, tab: Tab, row: int, column: int) -> None:
        """Raises Refused when the cell is protected from this caller."""
        for protection in tab.protections:
            if not may_edit(protection, self.who) and covers(tab, protection, row, column):
                raise protected()

    def check_rows(self, tab: Tab, start: int, end: int) -> None:
        """Raises Refused when any of the rows holds a cell that is protected from this caller."""
        for protection in tab.protections:
            if may_edit(protection, self.who):
                continue
            box = tab.clamp(protection["area"])
            if box.top < end and start < box.bottom:
                raise protected()


def may_edit(protection: dict[str, Any], who: str) -> bool:
    """Whether the caller is an editor of the protection, or it only warns."""
    return bool(protection["warning_only"]) or who.partition(":")[2] in protection["editors"]


def covers(tab: Tab, protection: dict[str, Any], row: int, column: int) -> bool:
    """Whether the cell lies under the protection and in none of its exceptions."""
    if not tab.clamp(protection["area"]).holds(row, column):
        return False
    return not any(tab.clamp(area).holds(row, column) for area in protection["exceptions"])


def row_of(values: list[Slot]) -> Row:
    """The values as a row."""
    return tuple(None if value == "" else value for value in values)
