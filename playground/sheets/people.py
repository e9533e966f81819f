"""A person with the spreadsheet open: what hands do in the UI, through the same state as the API.

Each act is atomic, named in the history as `person:<name>`, and free of quota. Rows and columns are given as people
see them: rows from 1, columns by letter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playground.sheets import batch_grid, batch_more, batch_paste, batch_tabs
from playground.sheets.a1 import Area, column_index, parse
from playground.sheets.batch_job import Job
from playground.sheets.book import Book
from playground.sheets.entry import typed_cell
from playground.sheets.places import grid_range
from playground.sheets.reads import Behaviour
from playground.sheets.refusals import Json
from playground.sheets.tab import Tab
from playground.sheets.values import clear, slot_text


@dataclass(frozen=True)
class Person:
    """Somebody editing `book`. `sort_moves_metadata` lies in the stand-in's behaviour, passed in by it."""

    book: Book
    name: str
    lock: threading.RLock
    clock: Callable[[], float]
    behaviour: Behaviour

    @contextmanager
    def _act(self) -> Iterator[Job]:
        with self.lock, self.book.writer(f"person:{self.name}", self.clock()) as writer:
            yield Job(self.book, writer, self.behaviour)

    def read(self, tab: str, cell: str) -> str:
        """The text in a cell ("B2")."""
        with self.lock:
            place, area = self._area(tab, cell)
            return slot_text(place, place.slot(area.top, area.left))

    def type(self, tab: str, cell: str, text: str) -> None:
        """Type into a cell and press Enter; the sheet reads the text as it would any typing, "" empties the cell."""
        with self._act() as job:
            place, area = self._area(tab, cell)
            place.resize(max(place.row_count, area.top + 1), max(place.column_count, area.left + 1))
            job.writer.enter(place, area.top, area.left, typed_cell(text))

    def type_row(self, tab: str, row: int, texts: list[str | None]) -> None:
        """Type a whole row at once, as a form or a paste does; None leaves a cell alone."""
        with self._act() as job:
            place = self.book.tab(tab)
            place.resize(max(place.row_count, row), max(place.column_count, len(texts)))
            for column, text in enumerate(texts):
                if text is not None:
                    job.writer.enter(place, row - 1, column, typed_cell(text))

    def clear(self, tab: str, cells: str) -> None:
        """Select a range ("B2", "A2:C4") and press Delete."""
        with self._act() as job:
            place, area = self._area(tab, cells)
            clear(job.writer, place, place.clamp(area))

    def insert_rows(self, tab: str, before_row: int, count: int = 1) -> None:
        """Blank rows above a row."""
        with self._act() as job:
            batch_grid.insert_dimension(job, {"range": self._rows(tab, before_row, before_row + count - 1)})

    def delete_rows(self, tab: str, first_row: int, last_row: int = 0) -> None:
        """Rows gone, the last included."""
        with self._act() as job:
            batch_grid.delete_dimension(job, {"range": self._rows(tab, first_row, last_row or first_row)})

    def move_rows(self, tab: str, first_row: int, last_row: int, before_row: int) -> None:
        """Rows dragged to stand above another row."""
        with self._act() as job:
            source = self._rows(tab, first_row, last_row)
            batch_grid.move_dimension(job, {"source": source, "destinationIndex": before_row - 1})

    def sort(self, tab: str, column: str, *, descending: bool = False, header_rows: int = 1) -> None:
        """Sort the tab below its header by a column."""
        with self._act() as job:
            place = self.book.tab(tab)
            box = Area(header_rows, 0, place.row_count, place.column_count)
            order = "DESCENDING" if descending else "ASCENDING"
            spec = {"dimensionIndex": column_index(column), "sortOrder": order}
            batch_grid.sort_range(job, {"range": grid_range(place, box), "sortSpecs": [spec]})

    def copy_rows(self, tab: str, first_row: int, last_row: int, to_row: int) -> None:
        """Rows copied over the rows from `to_row` on."""
        with self._act() as job:
            place = self.book.tab(tab)
            height = last_row - first_row + 1
            place.resize(max(place.row_count, to_row + height - 1), place.column_count)
            source = Area(first_row - 1, 0, last_row, place.column_count)
            target = Area(to_row - 1, 0, to_row - 1 + height, place.column_count)
            batch_paste.copy_paste(job, {"source": grid_range(place, source), "destination": grid_range(place, target)})

    def cut_paste(self, tab: str, cells: str, to_cell: str) -> None:
        """A range cut and pasted elsewhere in the tab."""
        with self._act() as job:
            place, source = self._area(tab, cells)
            _, target = self._area(tab, to_cell)
            start = {"sheetId": place.tab_id, "rowIndex": target.top, "columnIndex": target.left}
            batch_paste.cut_paste(job, {"source": grid_range(place, source), "destination": start})

    def find_replace(self, find: str, replacement: str, **options: Any) -> int:
        """Find and replace in every tab; returns how many places changed. Options as in FindReplaceRequest."""
        with self._act() as job:
            body = {"find": find, "replacement": replacement, "allSheets": True} | options
            found: Json = batch_paste.find_replace(job, body)["findReplace"]
            return int(found.get("occurrencesChanged", 0))

    def rename_tab(self, tab: str, title: str) -> None:
        """A tab under a new name."""
        with self._act() as job:
            properties = {"sheetId": self.book.tab(tab).tab_id, "title": title}
            batch_tabs.update_sheet_properties(job, {"properties": properties, "fields": "title"})

    def insert_column(self, tab: str, before_column: str) -> None:
        """A blank column left of another."""
        with self._act() as job:
            at = column_index(before_column)
            span = {"sheetId": self.book.tab(tab).tab_id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
            batch_grid.insert_dimension(job, {"range": span})

    def protect(self, tab: str, cells: str = "", editors: tuple[str, ...] = ()) -> None:
        """Protect a range (the whole tab without one) from everybody but oneself and these editors."""
        with self._act() as job:
            place, area = self._area(tab, cells) if cells else (self.book.tab(tab), Area())
            wanted = {"range": grid_range(place, area), "editors": {"users": list(editors)}}
            batch_more.add_protected_range(job, {"protectedRange": wanted})

    def _area(self, tab: str, cells: str) -> tuple[Tab, Area]:
        reference = parse(cells)
        if reference is None or reference.title is not None:
            raise ValueError(f"{cells!r} names no cells")
        return self.book.tab(tab), reference.area

    def _rows(self, tab: str, first_row: int, last_row: int) -> Json:
        place = self.book.tab(tab)
        return {"sheetId": place.tab_id, "dimension": "ROWS", "startIndex": first_row - 1, "endIndex": last_row}
