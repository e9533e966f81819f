"""Reading and writing values: what values.get, update, append and clear do to one range of one tab."""

from __future__ import annotations

from typing import Any

from playground.sheets.a1 import Area, Box, column_letters, format_box
from playground.sheets.book import Book, Writer
from playground.sheets.cells import Slot, emptied, is_blank
from playground.sheets.entry import raw_cell, typed_cell
from playground.sheets.refusals import Json, Refused
from playground.sheets.shapes import nested_value
from playground.sheets.shown import Rendering, rendered
from playground.sheets.tab import Tab


def value_range(tab: Tab, box: Box, rendering: Rendering, dimension: str = "ROWS") -> Json:
    """A ValueRange: trailing blanks left out, `values` missing when there is nothing at all."""
    answer: Json = {"range": format_box(tab.title, box), "majorDimension": dimension}
    lines = _lines(tab, box, rendering)
    if dimension == "COLUMNS":
        width = max(map(len, lines), default=0)
        lines = [_trimmed([line[at] if at < len(line) else "" for line in lines]) for at in range(width)]
    while lines and not lines[-1]:
        lines.pop()
    if lines:
        answer["values"] = lines
    return answer


def _lines(tab: Tab, box: Box, rendering: Rendering) -> list[list[Any]]:
    lines: list[list[Any]] = []
    for row in tab.rows[box.top : box.bottom]:
        cells = row[box.left : box.right]
        lines.append(_trimmed([rendered(tab, slot, rendering) for slot in cells]) if cells else [])
    return lines


def _trimmed(line: list[Any]) -> list[Any]:
    while line and line[-1] == "":
        line.pop()
    return line


def read(book: Book, text: str, rendering: Rendering, dimension: str = "ROWS") -> Json:
    """The ValueRange of an A1 range. Raises Refused for an unknown tab or one beyond the grid."""
    tab, area = book.locate(text)
    tab.check_inside(area)
    return value_range(tab, tab.clamp(area), rendering, dimension)


def write(writer: Writer, tab: Tab, area: Area, values: list[list[Any]], option: str) -> Box:
    """Put rows of values at the area's start: None leaves a cell as it is, "" clears it. Returns the box written.

    Raises Refused when the values do not fit the area or the grid, a cell is protected or too long. An area of one
    cell is only where to start.
    """
    refusal = nested_value(values)
    if refusal:
        raise refusal
    tab.check_inside(area)
    height, width = len(values), max(map(len, values), default=0)
    box = Box(area.top, area.left, area.top + height, area.left + width)
    if not area.is_one_cell():
        _check_fits(tab, tab.clamp(area), box)
    elif height and width:
        tab.check_inside(Area(box.top, box.left, box.bottom, box.right))
    for row, cells in enumerate(values, area.top):
        for column, value in enumerate(cells, area.left):
            if value is not None:
                writer.enter(tab, row, column, typed_cell(value) if option == "USER_ENTERED" else raw_cell(value))
    return box


def _check_fits(tab: Tab, allowed: Box, box: Box) -> None:
    place = f"Requested writing within range [{format_box(tab.title, allowed)}], but tried writing to"
    if box.bottom > allowed.bottom:
        raise Refused.argument(f"{place} row [{allowed.bottom + 1}]")
    if box.right > allowed.right:
        raise Refused.argument(f"{place} column [{column_letters(allowed.right)}]")


def turned(values: list[list[Any]], dimension: str) -> list[list[Any]]:
    """The values as rows, whatever their major dimension."""
    if dimension != "COLUMNS":
        return values
    height = max(map(len, values), default=0)
    return [[column[row] if row < len(column) else None for column in values] for row in range(height)]


def clear(writer: Writer, tab: Tab, box: Box) -> None:
    """Take values and formulas out of the box; notes, formats and rules stay."""
    for row in range(box.top, box.bottom):
        for column in range(box.left, min(box.right, len(tab.rows[row]))):
            slot = tab.slot(row, column)
            if slot is not None:
                writer.put(tab, row, column, emptied(slot))


def append(
    writer: Writer, tab: Tab, area: Area, values: list[list[Any]], how: tuple[str, str]
) -> tuple[Box | None, Box]:
    """Put rows after the table found in the area: (the table or None, the box written). `how`: input and insert option.

    The table is the block of filled cells around the area's first cell, or around the last filled one inside it.
    """
    option, insert = how
    tab.check_inside(area)
    table = _table(tab, tab.clamp(area))
    at = Area(table.bottom, table.left) if table else Area(area.top, area.left)
    width = max(map(len, values), default=0)
    if insert == "INSERT_ROWS" and table:
        writer.check_rows(tab, at.top, at.top)
        tab.insert_rows(at.top, len(values))
        writer.note("insert rows", tab, at.top)
    tab.resize(max(tab.row_count, at.top + len(values)), max(tab.column_count, at.left + width))
    target = Area(at.top, at.left, at.top + max(len(values), 1), at.left + max(width, 1))
    return table, write(writer, tab, target, values, option)


def _table(tab: Tab, box: Box) -> Box | None:
    start = _first_cell(tab, box)
    if start is None:
        return None
    table = Box(start[0], start[1], start[0] + 1, start[1] + 1)
    while True:
        wider = _grown(tab, table)
        if wider == table:
            return table
        table = wider


def _first_cell(tab: Tab, box: Box) -> tuple[int, int] | None:
    if box.top < box.bottom and not is_blank(tab.slot(box.top, box.left)) and box != tab.whole():
        return box.top, box.left
    for row in range(box.bottom - 1, box.top - 1, -1):
        for column in range(box.left, min(box.right, len(tab.rows[row]))):
            if not is_blank(tab.slot(row, column)):
                return row, column
    return None


def _grown(tab: Tab, box: Box) -> Box:
    """The box as far down and up as filled rows touch it, then one column wider on each side that is touched."""
    columns = range(box.left - 1, box.right + 1)
    top, bottom = box.top, box.bottom
    while _touched(tab, range(bottom, bottom + 1), columns):
        bottom += 1
    while _touched(tab, range(top - 1, top), columns):
        top -= 1
    rows = range(top - 1, bottom + 1)
    left = box.left - _touched(tab, rows, range(box.left - 1, box.left))
    return Box(top, left, bottom, box.right + _touched(tab, rows, range(box.right, box.right + 1)))


def _touched(tab: Tab, rows: range, columns: range) -> bool:
    cells = ((row, column) for row in rows for column in columns)
    inside = (cell for cell in cells if 0 <= cell[0] < tab.row_count and 0 <= cell[1] < tab.column_count)
    return any(not is_blank(tab.slot(row, column)) for row, column in inside)


def shown_grid(tab: Tab) -> list[list[Any]]:
    """Every filled row as a person sees it, ragged."""
    return _lines(tab, tab.whole(), Rendering())[: tab.last_filled_row() + 1]


def slot_text(tab: Tab, slot: Slot) -> str:
    """One cell as a person sees it."""
    return str(rendered(tab, slot, Rendering()))
