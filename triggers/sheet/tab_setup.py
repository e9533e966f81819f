"""What a tab needs once: its status column, its date columns' look, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from bot.doors.sheet import status
from bot.doors.sheet.faults import SheetFault
from bot.doors.sheet.row_store import StoredAnswer
from bot.doors.sheet.spreadsheet import Calls, cells, date_look, make_status_column, row_area
from bot.doors.sheet.values import CELL_CHARACTERS, utf16_length
from bot.rules.placeholders import folded
from triggers.sheet.tabs import Tab

log = structlog.get_logger()


def prepare(calls: Calls, tabs: Sequence[Tab]) -> None:
    """Make a status column where it is missing, right of the last header, and let dates look like dates."""
    for tab in tabs:
        if tab.needs_status and tab.header and tab.info is not None:
            make_status_column(calls, tab.info, tab.header, tab.wanted.status)
        elif tab.columns is not None and not tab.dates_shaped:
            _shape_dates(calls, tab)


def _shape_dates(calls: Calls, tab: Tab) -> None:
    assert tab.columns is not None
    assert tab.info is not None
    tab.dates_shaped = True
    kinds = {folded(name): kind for name, kind in tab.wanted.kinds.items()}
    columns = [
        column
        for name, column in zip(tab.wanted.outputs, tab.columns.outputs, strict=True)
        if kinds.get(folded(name)) == "date"
    ]
    if columns:
        calls.batch([date_look(tab.info.tab, column) for column in columns])


def needs_note(answer: StoredAnswer) -> bool:
    """Whether a part of the answer was cut off in its cell."""
    texts = [answer.text, *(value for value in (answer.values or {}).values() if isinstance(value, str))]
    return any(utf16_length(text) > CELL_CHARACTERS for text in texts)


def write_note(calls: Calls, tab: Tab, number: int, token: str, answer: StoredAnswer) -> bool:
    """Put whole answers into the notes of a row's cells; False when that row had moved meanwhile (it is undone)."""
    assert tab.columns is not None
    assert tab.info is not None
    where = cells(tab.info.title, row_area(number, tab.columns.status, tab.columns.status))
    notes = _notes(tab, answer)
    try:
        found = calls.batch([_note(tab, number, column, text) for column, text in notes], [where])
    except SheetFault as fault:
        if fault.kind != "request":
            raise
        log.warning("note not taken; the cut answer stays", token=token, reason=fault.reason)
        return True
    if status.parse(_text_of(found))[1] == token:
        return True
    calls.batch([_note(tab, number, column, "") for column, _ in notes])
    return False


def _notes(tab: Tab, answer: StoredAnswer) -> list[tuple[int, str]]:
    assert tab.columns is not None  # asked for by write_note
    by_name = {folded(name): value for name, value in (answer.values or {}).items()}
    texts = [by_name.get(folded(name), answer.text) for name in tab.wanted.outputs]
    return [
        (column, text)
        for column, text in zip(tab.columns.outputs, texts, strict=True)
        if isinstance(text, str) and utf16_length(text) > CELL_CHARACTERS
    ]


def _note(tab: Tab, number: int, column: int, text: str) -> dict[str, Any]:
    assert tab.info is not None  # asked for by write_note
    start = {"sheetId": tab.info.tab, "rowIndex": number - 1, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": [{"note": text}]}], "fields": "note"}}


def _text_of(found: dict[str, Any]) -> str:
    """The text of the one cell that a batchUpdate sent back."""
    for sheet in found.get("updatedSpreadsheet", {}).get("sheets", ()):
        for grid in sheet.get("data", ()):
            for line in grid.get("rowData", ()):
                for cell in line.get("values", ()):
                    return str(cell.get("formattedValue", ""))
    return ""
