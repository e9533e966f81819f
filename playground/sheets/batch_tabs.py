"""The batch requests on tabs and on the spreadsheet itself: add, delete, duplicate, rename, resize."""

from __future__ import annotations

import random

from playground.sheets.batch_grid import check_size, drop_lost_metadata
from playground.sheets.batch_job import Job, change_mask
from playground.sheets.masks import wants
from playground.sheets.refusals import Json, Refused
from playground.sheets.resource import tab_properties
from playground.sheets.tab import Tab, new_ids, new_tab

_ROWS, _COLUMNS = 1000, 26


def add_sheet(job: Job, body: Json) -> Json:
    """A new tab of 1,000 rows and 26 columns unless told otherwise."""
    wanted = body.get("properties", {})
    title = wanted.get("title") or _free_title(job)
    _check_title(job, title)
    grid = wanted.get("gridProperties", {})
    rows, columns = int(grid.get("rowCount", _ROWS)), int(grid.get("columnCount", _COLUMNS))
    tab = new_tab(_tab_id(job, wanted.get("sheetId")), title, row_count=rows, column_count=columns)
    tab.hidden = bool(wanted.get("hidden"))
    tab.frozen_rows = int(grid.get("frozenRowCount", 0))
    job.book.tabs.insert(int(wanted.get("index", len(job.book.tabs))), tab)
    check_size(job)
    job.writer.note("add tab", tab)
    return {"addSheet": {"properties": tab_properties(job.book, tab)}}


def _free_title(job: Job) -> str:
    number = len(job.book.tabs) + 1
    while any(tab.title == f"Sheet{number}" for tab in job.book.tabs):
        number += 1
    return f"Sheet{number}"


def _check_title(job: Job, title: str, own: Tab | None = None) -> None:
    if any(tab.title.casefold() == title.casefold() for tab in job.book.tabs if tab is not own):
        raise Refused.argument(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _tab_id(job: Job, wanted: int | None) -> int:
    if wanted is None:
        return random.randrange(1, 2**31)
    if any(tab.tab_id == wanted for tab in job.book.tabs):
        raise Refused.argument(f"Sheet with ID {wanted} already exists.")
    return int(wanted)


def _tab(job: Job, tab_id: int) -> Tab:
    for tab in job.book.tabs:
        if tab.tab_id == tab_id:
            return tab
    raise Refused.argument(f"No sheet with id: {tab_id}")


def delete_sheet(job: Job, body: Json) -> Json:
    """A tab and the metadata on it gone; the last visible one stays."""
    tab = _tab(job, int(body.get("sheetId", 0)))
    if all(one is tab or one.hidden for one in job.book.tabs):
        raise Refused.argument("You can't remove all the visible sheets in a document.")
    job.writer.check_rows(tab, 0, tab.row_count)
    job.writer.note("delete tab", tab)
    job.book.tabs = [one for one in job.book.tabs if one is not tab]
    drop_lost_metadata(job)
    return {}


def duplicate_sheet(job: Job, body: Json) -> Json:
    """A copy of a tab, cells and all; its rows are rows of their own, without the original's metadata."""
    source = _tab(job, int(body.get("sourceSheetId", 0)))
    title = body.get("newSheetName") or f"Copy of {source.title}"
    _check_title(job, title)
    tab = source.copy()
    tab.tab_id, tab.title = _tab_id(job, body.get("newSheetId")), title
    tab.row_ids, tab.anchors = new_ids(tab.row_count), new_ids(tab.row_count)
    tab.column_anchors = new_ids(tab.column_count)
    tab.protections = []
    job.book.tabs.insert(int(body.get("insertSheetIndex", len(job.book.tabs))), tab)
    check_size(job)
    job.writer.note("add tab", tab)
    return {"duplicateSheet": {"properties": tab_properties(job.book, tab)}}


def update_sheet_properties(job: Job, body: Json) -> Json:
    """A tab renamed, moved, hidden, frozen or resized, as the mask says."""
    mask = change_mask(body, "SheetProperties")
    wanted = body.get("properties", {})
    tab = _tab(job, int(wanted.get("sheetId", 0)))
    grid = wanted.get("gridProperties", {})
    if wants(mask, "title") and "title" in wanted:
        _check_title(job, wanted["title"], tab)
        tab.title = wanted["title"]
    if wants(mask, "hidden"):
        tab.hidden = bool(wanted.get("hidden"))
    if wants(mask, "index") and "index" in wanted:
        job.book.tabs = [one for one in job.book.tabs if one is not tab]
        job.book.tabs.insert(int(wanted["index"]), tab)
    rows = grid.get("rowCount") if wants(mask, "gridProperties", "rowCount") else None
    columns = grid.get("columnCount") if wants(mask, "gridProperties", "columnCount") else None
    tab.resize(int(rows or tab.row_count), int(columns or tab.column_count))
    if wants(mask, "gridProperties", "frozenRowCount"):
        tab.frozen_rows = int(grid.get("frozenRowCount", 0))
    if wants(mask, "gridProperties", "frozenColumnCount"):
        tab.frozen_columns = int(grid.get("frozenColumnCount", 0))
    drop_lost_metadata(job)
    check_size(job)
    job.writer.note("tab properties", tab)
    return {}


def update_spreadsheet_properties(job: Job, body: Json) -> Json:
    """The spreadsheet's title, locale and time zone."""
    mask, wanted = change_mask(body, "SpreadsheetProperties"), body.get("properties", {})
    if wants(mask, "title"):
        job.book.title = wanted.get("title", "")
    if wants(mask, "locale"):
        job.book.locale = wanted.get("locale") or job.book.locale
    if wants(mask, "timeZone"):
        job.book.zone = wanted.get("timeZone") or job.book.zone
    job.writer.note("spreadsheet properties", job.book.tabs[0])
    return {}
