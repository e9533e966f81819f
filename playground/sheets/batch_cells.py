"""The batch requests that write cells: update, append, repeat, validation."""

from __future__ import annotations

from dataclasses import replace

from playground.sheets.a1 import Area, Box
from playground.sheets.batch_job import Job, change_mask
from playground.sheets.cells import Cell, NumberFormat, Slot, as_cell, simplest
from playground.sheets.entry import raw_cell
from playground.sheets.masks import Mask, wants
from playground.sheets.places import grid_box
from playground.sheets.refusals import Json, Refused
from playground.sheets.rules import check_rules
from playground.sheets.tab import Tab


def update_cells(job: Job, body: Json) -> Json:
    """Cells from a start or over a range; cells of the range that no row brings lose the masked fields."""
    mask = change_mask(body, "CellData")
    rows = [row.get("values", []) for row in body.get("rows", [])]
    if "start" in body:
        start = body["start"]
        tab = job.book.tab_by_id(int(start.get("sheetId", 0)))
        area = Area(int(start.get("rowIndex", 0)), int(start.get("columnIndex", 0)))
        tab.check_inside(area)
        box = Box(area.top, area.left, area.top + len(rows), area.left + max(map(len, rows), default=0))
        limit = tab.whole()
    else:
        tab, box = grid_box(job.book, body.get("range", {}))
        limit = box
    _check_extent(rows, box, limit)
    for row in range(box.top, box.bottom):
        cells = rows[row - box.top] if row - box.top < len(rows) else []
        last = box.left + len(cells) if "start" in body else box.right
        for column in range(box.left, last):
            data = cells[column - box.left] if column - box.left < len(cells) else {}
            job.writer.put(tab, row, column, _changed(tab.slot(row, column), data, mask))
    _bind(job, tab, box)
    return {}


def _bind(job: Job, tab: Tab, box: Box) -> None:
    if job.behaviour.rules_bind_api:
        check_rules(tab, box)


def _check_extent(rows: list[list[Json]], box: Box, limit: Box) -> None:
    height, width = len(rows), max(map(len, rows), default=0)
    if box.top + height > limit.bottom:
        raise Refused.argument(
            f"Attempting to write row: {limit.bottom}, beyond the last requested row of: {limit.bottom - 1}"
        )
    if box.left + width > limit.right:
        raise Refused.argument(
            f"Attempting to write column: {limit.right}, beyond the last requested column of: {limit.right - 1}"
        )


def _changed(slot: Slot, data: Json, mask: Mask) -> Slot:
    """The cell with the masked fields taken from a CellData."""
    cell = as_cell(slot)
    if wants(mask, "userEnteredValue"):
        new = _typed(data.get("userEnteredValue", {}))
        cell = replace(cell, value=new.value, formula=new.formula)
    if wants(mask, "note"):
        cell = replace(cell, note=data.get("note", ""))
    if wants(mask, "dataValidation"):
        cell = replace(cell, rule=data.get("dataValidation"))
    return simplest(_formatted(cell, data.get("userEnteredFormat", {}), mask))


def _formatted(cell: Cell, look: Json, mask: Mask) -> Cell:
    if wants(mask, "userEnteredFormat", "numberFormat"):
        number = look.get("numberFormat")
        cell = replace(cell, number_format=NumberFormat(number["type"], number.get("pattern", "")) if number else None)
    inner = mask.get("userEnteredFormat")
    rest = {name: value for name, value in look.items() if name != "numberFormat"}
    if "*" in mask or inner == {} or (inner and "*" in inner):
        return replace(cell, look=rest or None)
    if inner:
        kept = {name: value for name, value in (cell.look or {}).items() if name not in inner}
        return replace(cell, look=(kept | {name: rest[name] for name in inner if name in rest}) or None)
    return cell


def _typed(value: Json) -> Cell:
    """An ExtendedValue as a cell: a stringValue stays text, whatever it looks like."""
    if "formulaValue" in value:
        formula = str(value["formulaValue"])
        return Cell(formula=formula) if formula.startswith("=") and len(formula) > 1 else raw_cell(formula)
    for name in ("stringValue", "numberValue", "boolValue"):
        if name in value:
            return raw_cell(value[name])
    return Cell()


def append_cells(job: Job, body: Json) -> Json:
    """Rows after the last row with data, the grid growing as needed."""
    mask = change_mask(body, "CellData")
    tab = job.book.tab_by_id(int(body.get("sheetId", 0)))
    rows = [row.get("values", []) for row in body.get("rows", [])]
    top = tab.last_filled_row() + 1
    width = max(map(len, rows), default=0)
    if width > tab.column_count:
        raise Refused.argument(
            f"Attempting to write column: {tab.column_count}, beyond the last requested column of: "
            f"{tab.column_count - 1}"
        )
    tab.resize(max(tab.row_count, top + len(rows)), tab.column_count)
    for row, cells in enumerate(rows, top):
        for column, data in enumerate(cells):
            job.writer.put(tab, row, column, _changed(tab.slot(row, column), data, mask))
    return {}


def repeat_cell(job: Job, body: Json) -> Json:
    """One cell's masked fields over a whole range."""
    mask = change_mask(body, "CellData")
    tab, box = grid_box(job.book, body.get("range", {}))
    for row in range(box.top, box.bottom):
        for column in range(box.left, box.right):
            job.writer.put(tab, row, column, _changed(tab.slot(row, column), body.get("cell", {}), mask))
    return {}


def set_data_validation(job: Job, body: Json) -> Json:
    """A rule over a range; without one, the range's rules go."""
    tab, box = grid_box(job.book, body.get("range", {}))
    for row in range(box.top, box.bottom):
        for column in range(box.left, box.right):
            job.writer.edit(tab, row, column, rule=body.get("rule"))
    return {}
