"""One tab: its rows, and the structural changes that people and the API make to them.

Rows are tuples that are replaced, never changed, so a copy of the whole tab costs one list of references: that is what
makes every batch atomic and undoable. `row_ids` follow a row wherever it goes (the oracle of the tests), `anchors` are
what developer metadata holds on to; the two part ways only when a sort is set not to carry metadata along.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playground.sheets.a1 import Area, Box, format_box
from playground.sheets.cells import Row, Slot, is_blank
from playground.sheets.refusals import Refused

T = TypeVar("T")
BLANK: Row = ()
_ids = itertools.count(1)


def new_ids(count: int) -> list[int]:
    """So many ids that no row or column had before."""
    return [next(_ids) for _ in range(count)]


@dataclass
class Tab:
    """A grid with its title, and what is attached to it."""

    tab_id: int
    title: str
    column_count: int
    rows: list[Row]
    row_ids: list[int]
    anchors: list[int]
    column_anchors: list[int]
    hidden: bool = False
    frozen_rows: int = 0
    frozen_columns: int = 0
    basic_filter: dict[str, Any] | None = None
    protections: list[dict[str, Any]] = field(default_factory=list)

    def copy(self) -> Tab:
        """The tab as it is now; cheap, since rows are shared."""
        return Tab(
            self.tab_id,
            self.title,
            self.column_count,
            self.rows[:],
            self.row_ids[:],
            self.anchors[:],
            self.column_anchors[:],
            self.hidden,
            self.frozen_rows,
            self.frozen_columns,
            self.basic_filter,
            self.protections[:],
        )

    @property
    def row_count(self) -> int:
        """Rows in the grid, blank ones included."""
        return len(self.rows)

    def slot(self, row: int, column: int) -> Slot:
        """What stands in a cell (None for a blank one)."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def put(self, row: int, column: int, slot: Slot) -> None:
        """Replace one cell."""
        cells = self.rows[row]
        if column >= len(cells):
            if slot is None:
                return
            cells += (None,) * (column - len(cells))
        self.rows[row] = (*cells[:column], slot, *cells[column + 1 :])

    def whole(self) -> Box:
        """The box of the whole grid."""
        return Box(0, 0, self.row_count, self.column_count)

    def clamp(self, area: Area) -> Box:
        """The part of the area inside the grid."""
        bottom = self.row_count if area.bottom is None else min(area.bottom, self.row_count)
        right = self.column_count if area.right is None else min(area.right, self.column_count)
        return Box(min(area.top, bottom), min(area.left, right), bottom, right)

    def check_inside(self, area: Area) -> None:
        """Raises Refused when the area names a cell beyond the grid."""
        beyond_rows = area.top >= self.row_count or (area.bottom is not None and area.bottom > self.row_count)
        bounded = area.bottom is not None and area.right is not None and area.right > self.column_count
        if not (beyond_rows or bounded or area.left >= self.column_count):
            return
        bottom = self.row_count if area.bottom is None else area.bottom
        right = self.column_count if area.right is None else area.right
        box = Box(area.top, area.left, max(bottom, area.top + 1), max(right, area.left + 1))
        raise Refused.argument(
            f"Range ({format_box(self.title, box)}) exceeds grid limits. "
            f"Max rows: {self.row_count}, max columns: {self.column_count}"
        )

    def last_filled_row(self) -> int:
        """The index of the last row with a value, -1 for an empty tab."""
        for index in range(self.row_count - 1, -1, -1):
            if not all(map(is_blank, self.rows[index])):
                return index
        return -1

    def insert_rows(self, at: int, count: int) -> None:
        """Blank rows before the row `at` (which may be one past the last)."""
        self.rows[at:at] = [BLANK] * count
        self.row_ids[at:at] = new_ids(count)
        self.anchors[at:at] = new_ids(count)

    def delete_rows(self, start: int, end: int) -> None:
        """Rows start…end (exclusive) gone. Raises Refused when none would be left."""
        if end - start >= self.row_count - self.frozen_rows:
            raise Refused.argument("Sorry, it is not possible to delete all non-frozen rows.")
        for parts in (self.rows, self.row_ids, self.anchors):
            del parts[start:end]

    def insert_columns(self, at: int, count: int) -> None:
        """Blank columns before the column `at`."""
        self.rows = [(*row[:at], *(None,) * count, *row[at:]) if len(row) > at else row for row in self.rows]
        self.column_anchors[at:at] = new_ids(count)
        self.column_count += count

    def delete_columns(self, start: int, end: int) -> None:
        """Columns start…end (exclusive) gone. Raises Refused when none would be left."""
        if end - start >= self.column_count - self.frozen_columns:
            raise Refused.argument("Sorry, it is not possible to delete all non-frozen columns.")
        self.rows = [row[:start] + row[end:] for row in self.rows]
        del self.column_anchors[start:end]
        self.column_count -= end - start

    def move_rows(self, start: int, end: int, before: int) -> None:
        """Rows start…end to stand before the row that is `before` now."""
        _move(self.rows, start, end, before)
        _move(self.row_ids, start, end, before)
        _move(self.anchors, start, end, before)

    def move_columns(self, start: int, end: int, before: int) -> None:
        """Columns start…end to stand before the column that is `before` now."""
        order = list(range(self.column_count))
        _move(order, start, end, before)
        self.rows = [tuple(row[i] if i < len(row) else None for i in order) if row else row for row in self.rows]
        _move(self.column_anchors, start, end, before)

    def reorder(self, box: Box, key: Callable[[Row], Any], *, metadata_follows: bool) -> None:
        """Sort the box's rows by `key`; rows move whole when the box covers every filled column."""
        span = range(box.top, box.bottom)
        order = sorted(span, key=lambda index: key(self.rows[index]))
        before = self.rows[:]
        whole = box.left == 0 and all(len(before[index]) <= box.right for index in span)
        for target, source in zip(span, order, strict=True):
            self.rows[target] = before[source] if whole else _with_part(before[target], before[source], box)
        if whole:
            self.row_ids[box.top : box.bottom] = [self.row_ids[index] for index in order]
            if metadata_follows:
                self.anchors[box.top : box.bottom] = [self.anchors[index] for index in order]

    def resize(self, row_count: int, column_count: int) -> None:
        """Grow or shrink the grid at its end."""
        if row_count > self.row_count:
            self.insert_rows(self.row_count, row_count - self.row_count)
        elif row_count < self.row_count:
            self.delete_rows(row_count, self.row_count)
        if column_count > self.column_count:
            self.insert_columns(self.column_count, column_count - self.column_count)
        elif column_count < self.column_count:
            self.delete_columns(column_count, self.column_count)


def new_tab(tab_id: int, title: str, rows: Iterable[Row] = (), *, row_count: int = 0, column_count: int = 26) -> Tab:
    """A tab with these rows, padded with blank ones up to `row_count` (at least one)."""
    filled = list(rows)
    filled += [BLANK] * (max(row_count, 1) - len(filled))
    width = max([column_count, *map(len, filled)])
    count = len(filled)
    return Tab(tab_id, title, width, filled, new_ids(count), new_ids(count), new_ids(width))


def _move(parts: list[T], start: int, end: int, before: int) -> None:
    block = parts[start:end]
    del parts[start:end]
    at = before if before <= start else before - len(block)
    parts[at:at] = block


def _with_part(target: Row, source: Row, box: Box) -> Row:
    """`target` with the box's columns taken from `source`."""
    width = max(len(target), min(len(source), box.right))
    wide = [*target, *(None,) * (width - len(target))]
    for column in range(box.left, min(box.right, width)):
        wide[column] = source[column] if column < len(source) else None
    return tuple(wide)
