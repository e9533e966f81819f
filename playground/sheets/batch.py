"""Batches: spreadsheets.batchUpdate: its requests one after the other, all of them or none."""

from __future__ import annotations

from collections.abc import Callable

from playground.sheets import batch_cells, batch_grid, batch_more, batch_paste, batch_tabs
from playground.sheets.batch_job import Job
from playground.sheets.reads import Asked
from playground.sheets.refusals import Json, Refused
from playground.sheets.resource import spreadsheet

_CARRIED_OUT: dict[str, Callable[[Job, Json], Json]] = {
    "updateCells": batch_cells.update_cells,
    "appendCells": batch_cells.append_cells,
    "repeatCell": batch_cells.repeat_cell,
    "copyPaste": batch_paste.copy_paste,
    "cutPaste": batch_paste.cut_paste,
    "findReplace": batch_paste.find_replace,
    "setDataValidation": batch_cells.set_data_validation,
    "insertDimension": batch_grid.insert_dimension,
    "deleteDimension": batch_grid.delete_dimension,
    "moveDimension": batch_grid.move_dimension,
    "appendDimension": batch_grid.append_dimension,
    "updateDimensionProperties": batch_grid.update_dimension_properties,
    "sortRange": batch_grid.sort_range,
    "setBasicFilter": batch_grid.set_basic_filter,
    "clearBasicFilter": batch_grid.clear_basic_filter,
    "addSheet": batch_tabs.add_sheet,
    "deleteSheet": batch_tabs.delete_sheet,
    "duplicateSheet": batch_tabs.duplicate_sheet,
    "updateSheetProperties": batch_tabs.update_sheet_properties,
    "updateSpreadsheetProperties": batch_tabs.update_spreadsheet_properties,
    "addProtectedRange": batch_more.add_protected_range,
    "updateProtectedRange": batch_more.update_protected_range,
    "deleteProtectedRange": batch_more.delete_protected_range,
    "createDeveloperMetadata": batch_more.create_metadata,
    "updateDeveloperMetadata": batch_more.update_metadata,
    "deleteDeveloperMetadata": batch_more.delete_metadata,
}


def batch_update(asked: Asked) -> Json:
    """spreadsheets.batchUpdate. Raises Refused naming the request at fault; then nothing is applied."""
    requests = asked.body.get("requests") or []
    if not requests:
        raise Refused.argument("Must specify at least one request.")
    with asked.writing() as writer:
        job = Job(asked.book, writer, asked.behaviour)
        replies = [_carry_out(job, index, request) for index, request in enumerate(requests)]
    answer: Json = {"spreadsheetId": asked.book.spreadsheet_id, "replies": replies}
    if asked.body.get("includeSpreadsheetInResponse"):
        areas = [asked.book.locate(text) for text in asked.body.get("responseRanges", [])]
        with_cells = bool(asked.body.get("responseIncludeGridData"))
        answer["updatedSpreadsheet"] = spreadsheet(asked.book, areas, asked.who, with_cells=with_cells)
    return answer


def _carry_out(job: Job, index: int, request: Json) -> Json:
    if len(request) != 1:
        raise Refused.argument(f"Invalid requests[{index}]: Must specify exactly one kind of request.")
    ((kind, body),) = request.items()
    if kind not in _CARRIED_OUT:
        raise Refused(501, "UNIMPLEMENTED", f"Invalid requests[{index}].{kind}: this stand-in does not play it.")
    try:
        return _CARRIED_OUT[kind](job, body)
    except Refused as refusal:
        raise refusal.within(f"requests[{index}].{kind}") from refusal
