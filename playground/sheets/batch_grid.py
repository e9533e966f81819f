"""The batch requests on rows and columns: insert, delete, move, append, sort, and the basic filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.sheets.batch_job import Job, change_mask
from playground.sheets.cells import CellError, Row, Scalar
from playground.sheets.places import dimension_span, grid_box
from playground.sheets.refusals import Json, Refused
from playground.sheets.shown import effective
from playground.sheets.tab import Tab

CELL_LIMIT = 10_000_000
"""Most cells in one spreadsheet. Source: https://support.google.com/drive/answer/37603"""


def check_size(job: Job) -> None:
    """Raises Refused when the spreadsheet has grown past ten million cells."""
    if sum(tab.row_count * tab.column_count for tab in job.book.tabs) > CELL_LIMIT:
        raise Refused.argument(
            f"This action would increase the number of cells in the workbook above the limit of {CELL_LIMIT} cells."
        )


def insert_dimension(job: Job, body: Json) -> Json:
    """Blank rows or columns at a place inside the grid."""
    tab, dimension, start, end = dimension_span(job.book, body.get("range", {}))
    size = tab.row_count if dimension == "ROWS" else tab.column_count
    if start > size or (start == size and not body.get("inheritFromBefore")):
        raise Refused.argument(f"range.startIndex[{start}] is too large. Max is {size - 1}")
    if start == 0 and body.get("inheritFromBefore"):
        raise Refused.argument("inheritFromBefore cannot be true if range.startIndex is 0")
    if dimension == "ROWS":
        tab.insert_rows(start, end - start)
        job.writer.note("insert rows", tab, start)
    else:
        tab.insert_columns(start, end - start)
        job.writer.note("insert columns", tab, column=start)
    check_size(job)
    return {}


def delete_dimension(job: Job, body: Json) -> Json:
    """Rows or columns, and the developer metadata on them, gone."""
    tab, dimension, start, end = dimension_span(job.book, body.get("range", {}))
    size = tab.row_count if dimension == "ROWS" else tab.column_count
    if end > size:
        raise Refused.argument(
            f"Cannot delete a {dimension[:-1].lower()} that doesn't exist. Tried to delete "
            f"{dimension[:-1].lower()} index {end - 1} but there are only {size} {dimension.lower()}."
        )
    if dimension == "ROWS":
        job.writer.check_rows(tab, start, end)
        for row in range(start, end):
            job.writer.note("delete row", tab, row)
        tab.delete_rows(start, end)
    else:
        job.writer.note("delete columns", tab, column=start)
        tab.delete_columns(start, end)
    drop_lost_metadata(job)
    return {}


def drop_lost_metadata(job: Job) -> None:
    """Forget metadata whose row, column or tab is gone."""
    alive = {tab.tab_id: {*tab.anchors, *tab.column_anchors, 0} for tab in job.book.tabs} | {-1: {0}}
    job.book.metadata = [entry for entry in job.book.metadata if entry.anchor in alive.get(entry.tab_id, set())]


def move_dimension(job: Job, body: Json) -> Json:
    """Rows or columns to another place; `destinationIndex` counts before they are taken out."""
    tab, dimension, start, end = dimension_span(job.book, body.get("source", {}))
    size = tab.row_count if dimension == "ROWS" else tab.column_count
    before = int(body.get("destinationIndex", 0))
    if end > size or not 0 <= before <= size:
        raise Refused.argument(f"destinationIndex[{before}] is out of bounds. Max is {size}")
    if start < before < end:
        raise Refused.argument("destinationIndex must not be within the source range.")
    if dimension == "ROWS":
        job.writer.check_rows(tab, start, end)
        job.writer.note("move rows", tab, start)
        tab.move_rows(start, end, before)
    else:
        job.writer.note("move columns", tab, column=start)
        tab.move_columns(start, end, before)
    return {}


def append_dimension(job: Job, body: Json) -> Json:
    """Blank rows or columns at the end."""
    tab, length = job.book.tab_by_id(int(body.get("sheetId", 0))), int(body.get("length", 0))
    if length < 1:
        raise Refused.argument("length must be greater than 0.")
    rows, columns = (length, 0) if body.get("dimension") == "ROWS" else (0, length)
    tab.resize(tab.row_count + rows, tab.column_count + columns)
    job.writer.note("append", tab)
    check_size(job)
    return {}


def update_dimension_properties(job: Job, body: Json) -> Json:
    """Widths, heights and hiding: accepted, and of no consequence to values."""
    change_mask(body, "DimensionProperties")
    tab, *_ = dimension_span(job.book, body.get("range", {}))
    job.writer.note("look", tab)
    return {}


def sort_range(job: Job, body: Json) -> Json:
    """Rows of a range sorted; blank cells last in either direction."""
    tab, box = grid_box(job.book, body.get("range", {}))
    specs = body.get("sortSpecs", [])
    if not specs:
        raise Refused.argument("Must specify at least one sort spec.")
    job.writer.check_rows(tab, box.top, box.bottom)
    for spec in reversed(specs):
        column = int(spec.get("dimensionIndex", 0))
        if not box.left <= column < box.right:
            raise Refused.argument(f"dimensionIndex[{column}] must be within the range being sorted.")
        key = _sort_key(tab, column, descending=spec.get("sortOrder") == "DESCENDING")
        tab.reorder(box, key, metadata_follows=job.behaviour.sort_moves_metadata)
    job.writer.note("sort", tab, box.top, int(specs[0].get("dimensionIndex", 0)))
    return {}


def _sort_key(tab: Tab, column: int, *, descending: bool) -> Callable[[Row], Any]:
    def key(row: Row) -> tuple[int, Any]:
        value = effective(tab, row[column] if column < len(row) else None)
        rank, inner = _rank(value)
        if not descending or rank == 9:
            return rank, inner
        return -rank, _Reversed(inner)

    return key


def _rank(value: Scalar | CellError | None) -> tuple[int, Any]:
    """Numbers before text before booleans before errors, blanks after all."""
    if value is None or value == "":
        return 9, 0
    if isinstance(value, CellError):
        return 4, value.shown
    if isinstance(value, bool):
        return 3, value
    return (2, value.casefold()) if isinstance(value, str) else (1, value)


class _Reversed:
    """A value that sorts the other way round, keeping equal ones in their order."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Reversed) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]  # a sort key is compared, never looked up


def set_basic_filter(job: Job, body: Json) -> Json:
    """The tab's filter; its sort specs sort at once, its criteria hide rows from people but not from the API."""
    wanted = body.get("filter", {})
    tab, box = grid_box(job.book, wanted.get("range", {}))
    tab.basic_filter = wanted
    job.writer.note("filter", tab)
    if wanted.get("sortSpecs") and box.bottom > box.top + 1:
        below = wanted.get("range", {}) | {"startRowIndex": box.top + 1}
        sort_range(job, {"range": below, "sortSpecs": wanted["sortSpecs"]})
    return {}


def clear_basic_filter(job: Job, body: Json) -> Json:
    """No filter any more."""
    tab = job.book.tab_by_id(int(body.get("sheetId", 0)))
    tab.basic_filter = None
    job.writer.note("filter", tab)
    return {}
