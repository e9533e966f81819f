"""The Spreadsheet resource: what spreadsheets.get answers.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets
"""

from __future__ import annotations

from typing import Any

from playground.sheets.a1 import Area, Box
from playground.sheets.book import Book, may_edit
from playground.sheets.cells import Cell, CellError, Scalar, Slot
from playground.sheets.places import grid_range, metadata_index, metadata_json
from playground.sheets.refusals import Json
from playground.sheets.shown import effective, formatted
from playground.sheets.tab import Tab

_DEFAULT_FORMAT = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
    },
}


def spreadsheet(book: Book, areas: list[tuple[Tab, Area]], who: str, *, with_cells: bool) -> Json:
    """The whole resource; with areas, only their tabs, and only their cells when cells are wanted."""
    chosen = [tab for tab in book.tabs if not areas or any(tab is one for one, _ in areas)]
    sheets = []
    for tab in chosen:
        boxes = [tab.clamp(area) for one, area in areas if one is tab] or [tab.whole()]
        sheets.append(_sheet(book, tab, boxes if with_cells else [], who))
    answer: Json = {
        "spreadsheetId": book.spreadsheet_id,
        "properties": {
            "title": book.title,
            "locale": book.locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": book.zone,
            "defaultFormat": _DEFAULT_FORMAT,
        },
        "sheets": sheets,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.spreadsheet_id}/edit",
    }
    whole = [metadata_json(book, entry) for entry in book.metadata if entry.place == "SPREADSHEET"]
    return answer | ({"developerMetadata": whole} if whole else {})


def _sheet(book: Book, tab: Tab, boxes: list[Box], who: str) -> Json:
    answer: Json = {"properties": tab_properties(book, tab)}
    if boxes:
        answer["data"] = [grid_data(book, tab, box) for box in boxes]
    if tab.basic_filter:
        answer["basicFilter"] = tab.basic_filter
    if tab.protections:
        answer["protectedRanges"] = [protection_json(tab, protection, who) for protection in tab.protections]
    own = [
        metadata_json(book, entry) for entry in book.metadata if entry.place == "SHEET" and entry.tab_id == tab.tab_id
    ]
    return answer | ({"developerMetadata": own} if own else {})


def tab_properties(book: Book, tab: Tab) -> Json:
    """A SheetProperties."""
    grid: Json = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen_rows:
        grid["frozenRowCount"] = tab.frozen_rows
    if tab.frozen_columns:
        grid["frozenColumnCount"] = tab.frozen_columns
    index = next(index for index, one in enumerate(book.tabs) if one is tab)
    answer: Json = {
        "sheetId": tab.tab_id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid,
    }
    return answer | ({"hidden": True} if tab.hidden else {})


def protection_json(tab: Tab, protection: dict[str, Any], who: str) -> Json:
    """A ProtectedRange; only who may edit it sees its editors."""
    answer: Json = {"protectedRangeId": protection["id"], "range": grid_range(tab, protection["area"])}
    if protection["description"]:
        answer["description"] = protection["description"]
    if protection["warning_only"]:
        answer["warningOnly"] = True
    if protection["exceptions"]:
        answer["unprotectedRanges"] = [grid_range(tab, area) for area in protection["exceptions"]]
    if may_edit(protection, who):
        answer["requestingUserCanEdit"] = True
        answer["editors"] = {"users": sorted(protection["editors"])} if protection["editors"] else {}
    return answer


def grid_data(book: Book, tab: Tab, box: Box) -> Json:
    """A GridData: cells with values, formats, notes and rules; trailing blank rows left out."""
    answer: Json = {}
    if box.top:
        answer["startRow"] = box.top
    if box.left:
        answer["startColumn"] = box.left
    rows = [_row_data(tab, row[box.left : box.right]) for row in tab.rows[box.top : box.bottom]]
    while rows and not rows[-1]:
        rows.pop()
    if rows:
        answer["rowData"] = rows
    answer["rowMetadata"] = [{"pixelSize": 21} for _ in range(box.top, box.bottom)]
    answer["columnMetadata"] = [{"pixelSize": 100} for _ in range(box.left, box.right)]
    for entry in book.metadata:
        _attach(book, tab, entry, box, answer)
    return answer


def _attach(book: Book, tab: Tab, entry: Any, box: Box, answer: Json) -> None:
    if entry.tab_id != tab.tab_id or entry.place not in {"ROW", "COLUMN"}:
        return
    at = metadata_index(tab, entry)
    start, end, name = (
        (box.top, box.bottom, "rowMetadata") if entry.place == "ROW" else (box.left, box.right, "columnMetadata")
    )
    if start <= at < end:
        answer[name][at - start].setdefault("developerMetadata", []).append(metadata_json(book, entry))


def _row_data(tab: Tab, slots: tuple[Slot, ...]) -> Json:
    cells = [cell_data(tab, slot) for slot in slots]
    while cells and not cells[-1]:
        cells.pop()
    return {"values": cells} if cells else {}


def cell_data(tab: Tab, slot: Slot) -> Json:
    """A CellData."""
    if slot is None:
        return {}
    answer: Json = {}
    cell = slot if isinstance(slot, Cell) else Cell(slot)
    value = effective(tab, slot)
    if value is not None:
        answer["userEnteredValue"] = {"formulaValue": cell.formula} if cell.formula else extended(value)
        answer["effectiveValue"] = extended(value)
        answer["formattedValue"] = formatted(value, cell.number_format)
    look: Json = dict(cell.look or {})
    if cell.number_format:
        kind, pattern = cell.number_format.type, cell.number_format.pattern
        look["numberFormat"] = {"type": kind, "pattern": pattern} if pattern else {"type": kind}
    if look:
        answer["userEnteredFormat"] = look
        answer["effectiveFormat"] = _DEFAULT_FORMAT | look
    if cell.note:
        answer["note"] = cell.note
    if cell.rule:
        answer["dataValidation"] = dict(cell.rule)
    return answer


def extended(value: Scalar | CellError) -> Json:
    """An ExtendedValue."""
    if isinstance(value, CellError):
        return {"errorValue": {"type": value.type, "message": value.shown}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}
