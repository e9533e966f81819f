"""spreadsheets.batchUpdate: every kind of request, all or nothing."""

import pytest

from playground.sheets.cells import Cell, NumberFormat


def _column(standin, tab="Questions", column=0):
    return [row[column] if len(row) > column else "" for row in standin.grid(tab)]


def _rows(start, end, **rest):
    return {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end} | rest


def _message(answer):
    return answer.json()["error"]["message"]


def test_replies_mirror_the_requests(call):
    answer = call.batch({"insertDimension": {"range": _rows(1, 2)}}, {"addSheet": {"properties": {"title": "New"}}})
    replies = answer.json()["replies"]
    assert replies[0] == {}
    assert replies[1]["addSheet"]["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


def test_one_bad_request_voids_all(call, standin):
    before = standin.grid()
    bad = {"deleteDimension": {"range": _rows(0, 1, sheetId=77)}}
    answer = call.batch({"deleteDimension": {"range": _rows(0, 1)}}, bad)
    assert _message(answer) == "Invalid requests[1].deleteDimension: No grid with id: 77"
    assert (standin.grid(), standin.book().version, standin.book().history) == (before, 1, [])


def test_an_empty_batch_is_refused(call):
    assert _message(call.batch()) == "Must specify at least one request."


def test_a_request_that_is_not_played_says_so(call):
    answer = call.batch({"addChart": {}})
    assert (answer.status, "does not play" in _message(answer)) == (501, True)


def test_update_cells_writes_typed_values_and_notes(call, standin):
    cells = [
        {"userEnteredValue": {"stringValue": "=1+1"}, "note": "see"},
        {"userEnteredValue": {"numberValue": 46270}, "userEnteredFormat": {"numberFormat": {"type": "DATE"}}},
        {"userEnteredValue": {"boolValue": True}},
        {"userEnteredValue": {"formulaValue": "=1+1"}},
    ]
    fields = "userEnteredValue,note,userEnteredFormat.numberFormat"
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}
    call.batch({"updateCells": {"start": start, "rows": [{"values": cells}], "fields": fields}})
    assert standin.grid()[1] == ["why?", "=1+1", "2026-09-05", "TRUE", "2"]
    slots = standin.slots()[1]
    assert slots[1] == Cell("=1+1", note="see")
    assert slots[2] == Cell(46270, number_format=NumberFormat("DATE", ""))


def test_update_cells_touches_only_the_masked_fields(call, standin):
    grid = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
    call.batch({"updateCells": {"range": grid, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}})
    assert standin.slots()[1][0] == Cell("why?", note="n")
    call.batch({"updateCells": {"range": grid, "fields": "userEnteredValue"}})
    assert standin.slots()[1][0] == Cell(None, note="n")


def test_update_cells_needs_a_mask_and_stays_inside_its_range(call):
    assert "At least one field must be listed" in _message(call.batch({"updateCells": {"range": {"sheetId": 0}}}))
    body = {"range": {"endRowIndex": 1, "endColumnIndex": 1}, "rows": [{}, {}], "fields": "note"}
    expected = "Invalid requests[0].updateCells: Attempting to write row: 1, beyond the last requested row of: 0"
    assert _message(call.batch({"updateCells": body})) == expected


def test_a_cell_too_long_is_refused_by_number(call):
    cell = {"userEnteredValue": {"stringValue": "x" * 50_001}}
    body = {"start": {"sheetId": 0}, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    assert "50000" in _message(call.batch({"updateCells": body}))


def test_append_cells_go_after_the_last_filled_row_and_grow_the_grid(call, standin):
    standin.book().tabs[0].resize(5, 26)
    row = {"values": [{"userEnteredValue": {"stringValue": "log"}}]}
    call.batch({"appendCells": {"sheetId": 0, "rows": [row], "fields": "*"}})
    assert _column(standin)[-1] == "log"
    assert standin.book().tabs[0].row_count == 6


def test_rows_are_inserted_deleted_and_moved(call, standin):
    call.batch({"insertDimension": {"range": _rows(1, 3)}})
    assert _column(standin) == ["Question", "", "", "why?", "how?", "", "who?"]
    call.batch({"deleteDimension": {"range": _rows(1, 3)}})
    call.batch({"moveDimension": {"source": _rows(1, 2), "destinationIndex": 5}})
    assert _column(standin) == ["Question", "how?", "", "who?", "why?"]
    call.batch({"moveDimension": {"source": _rows(4, 5), "destinationIndex": 1}})
    assert _column(standin) == ["Question", "why?", "how?", "", "who?"]


def test_columns_are_inserted_deleted_and_moved(call, standin):
    columns = {"sheetId": 0, "dimension": "COLUMNS"}
    call.batch({"insertDimension": {"range": columns | {"startIndex": 1, "endIndex": 2}}})
    assert standin.grid()[0] == ["Question", "", "Answer", "Bot"]
    call.batch({"moveDimension": {"source": columns | {"startIndex": 0, "endIndex": 1}, "destinationIndex": 4}})
    assert standin.grid()[0] == ["", "Answer", "Bot", "Question"]
    call.batch({"deleteDimension": {"range": columns | {"startIndex": 0, "endIndex": 1}}})
    assert standin.grid()[0] == ["Answer", "Bot", "Question"]


def test_all_rows_cannot_be_deleted(call):
    answer = call.batch({"deleteDimension": {"range": _rows(0, 1000)}})
    assert "not possible to delete all non-frozen rows" in _message(answer)


@pytest.mark.parametrize(
    ("order", "sorted_"), [("ASCENDING", ["how?", "who?", "why?", ""]), ("DESCENDING", ["why?", "who?", "how?", ""])]
)
def test_sorting_carries_whole_rows_and_leaves_blanks_last(call, standin, order, sorted_):
    spec = {"dimensionIndex": 0, "sortOrder": order}
    call.batch({"sortRange": {"range": {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 5}, "sortSpecs": [spec]}})
    assert ([*_column(standin)[1:], ""])[:4] == sorted_
    assert next(row for row in standin.grid() if row[:1] == ["how?"]) == ["how?", "so", "done"]


def test_sorting_part_of_the_columns_tears_rows_apart(call, standin):
    grid = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 5, "endColumnIndex": 1}
    call.batch({"sortRange": {"range": grid, "sortSpecs": [{"dimensionIndex": 0}]}})
    assert standin.grid()[1:3] == [["how?"], ["who?", "so", "done"]]


def test_copy_and_cut(call, standin):
    source = {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3, "endColumnIndex": 3}
    target = {"sheetId": 0, "startRowIndex": 6, "endRowIndex": 8, "endColumnIndex": 3}
    call.batch({"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}})
    assert standin.grid()[6:] == [["how?", "so", "done"]] * 2
    call.batch({"cutPaste": {"source": source, "destination": {"sheetId": 0, "rowIndex": 9}}})
    assert (standin.grid()[2], standin.grid()[9]) == ([], ["how?", "so", "done"])


def test_find_replace_counts_what_it_changed(call, standin):
    body = {"find": "how?", "replacement": "when?", "matchEntireCell": True, "matchCase": True, "allSheets": True}
    reply = call.batch({"findReplace": body}).json()["replies"][0]["findReplace"]
    assert reply == {"occurrencesChanged": 1, "valuesChanged": 1, "rowsChanged": 1, "sheetsChanged": 1}
    assert standin.grid()[2][0] == "when?"
    assert call.batch({"findReplace": body}).json()["replies"] == [{"findReplace": {}}]


def test_a_replacement_is_read_like_typing_unless_told_otherwise(call, standin):
    body = {"find": "how?", "replacement": "=1+1", "sheetId": 0}
    call.batch({"findReplace": body})
    assert standin.grid()[2][0] == "2"
    standin.behaviour.replacement_is_typed = False
    call.batch({"findReplace": body | {"find": "why?"}})
    assert standin.grid()[1][0] == "=1+1"


def test_find_replace_takes_regular_expressions(call, standin):
    body = {"find": r"^(w)(\w+)\?", "replacement": "$2-$1", "searchByRegex": True, "sheetId": 0}
    assert call.batch({"findReplace": body}).json()["replies"][0]["findReplace"]["occurrencesChanged"] == 2
    assert _column(standin) == ["Question", "hy-w", "how?", "", "ho-w"]


def test_tabs_are_added_duplicated_renamed_and_deleted(call, standin):
    copy = call.batch({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy", "newSheetId": 5}}).json()
    assert copy["replies"][0]["duplicateSheet"]["properties"]["title"] == "Copy"
    call.put("Copy!A1", [["changed"]])
    assert standin.grid("Questions")[0][0] == "Question"
    rename = {"properties": {"sheetId": 5, "title": "Later", "hidden": True}, "fields": "title,hidden"}
    call.batch({"updateSheetProperties": rename})
    assert "error" in call.get("Copy!A1")
    assert call.get("Later!A1")["values"] == [["changed"]]
    call.batch({"deleteSheet": {"sheetId": 5}})
    titles = [sheet["properties"]["title"] for sheet in call("GET", "").json()["sheets"]]
    assert titles == ["Questions", "My tab"]


def test_a_title_in_use_and_the_last_tab_are_guarded(call):
    assert 'A sheet with the name "My tab" already exists' in _message(
        call.batch({"addSheet": {"properties": {"title": "My tab"}}})
    )
    answer = call.batch({"deleteSheet": {"sheetId": 0}}, {"deleteSheet": {"sheetId": 1_000_003}})
    assert "can't remove all the visible sheets" in _message(answer)


def test_a_grid_can_be_resized_but_not_past_ten_million_cells(call, standin):
    grid = {"properties": {"sheetId": 0, "gridProperties": {"rowCount": 10}}, "fields": "gridProperties.rowCount"}
    call.batch({"updateSheetProperties": grid})
    assert standin.book().tabs[0].row_count == 10
    call.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5}})
    assert standin.book().tabs[0].row_count == 15
    answer = call.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}})
    assert "above the limit of 10000000 cells" in _message(answer)
    assert standin.book().tabs[0].row_count == 15


def test_a_protected_cell_refuses_everybody_but_its_editors(call, standin):
    standin.person("boss").protect("Questions", "B2:B3")
    message = "You are trying to edit a protected cell or object."
    assert _message(call.put("B2", [["x"]])).startswith(message)
    assert call.put("A2:C2", [["x", None, "y"]]).status == 200
    body = {"valueInputOption": "RAW", "data": [{"range": "B3", "values": [["x"]]}]}
    assert _message(call("POST", "/values:batchUpdate", body)).startswith(f"Invalid data[0]: {message}")
    answer = call.batch({"deleteDimension": {"range": _rows(1, 2)}})
    assert _message(answer).startswith(f"Invalid requests[0].deleteDimension: {message}")
    standin.person("boss").type("Questions", "B2", "mine")
    assert standin.grid()[1][1] == "mine"


def test_a_protection_is_listed_and_lifted_by_its_editor(call, standin):
    wanted = {"range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}, "description": "header"}
    reply = call.batch({"addProtectedRange": {"protectedRange": wanted}}).json()["replies"][0]
    number = reply["addProtectedRange"]["protectedRange"]["protectedRangeId"]
    assert call("GET", "").json()["sheets"][0]["protectedRanges"][0]["requestingUserCanEdit"] is True
    with pytest.raises(Exception, match="protected"):
        standin.person().type("Questions", "A1", "x")
    call.batch({"deleteProtectedRange": {"protectedRangeId": number}})
    standin.person().type("Questions", "A1", "x")


def test_a_strict_rule_binds_the_api_only_when_told(call, standin):
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}]}, "strict": True}
    grid = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 1, "endColumnIndex": 2}
    call.batch({"setDataValidation": {"range": grid, "rule": rule}})
    assert call.put("B2", [["no"]]).status == 200
    standin.behaviour.rules_bind_api = True
    assert "violates the data validation rules" in _message(call.put("B2", [["never"]]))
    assert call.put("B2", [["yes"]]).status == 200


def test_a_filter_sorts_at_once_and_hides_nothing_from_the_api(call, standin):
    grid = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 3}
    spec = {"dimensionIndex": 0, "sortOrder": "ASCENDING"}
    call.batch({"setBasicFilter": {"filter": {"range": grid, "sortSpecs": [spec]}}})
    assert _column(standin) == ["Question", "how?", "who?", "why?"]
    assert "basicFilter" in call("GET", "").json()["sheets"][0]
    call.batch({"clearBasicFilter": {"sheetId": 0}})
    assert "basicFilter" not in call("GET", "").json()["sheets"][0]


def test_a_resource_has_cells_only_when_asked(call):
    assert "data" not in call("GET", "").json()["sheets"][0]
    answer = call("GET", "", includeGridData="true", ranges=["Questions!A2:C3"]).json()
    assert [sheet["properties"]["title"] for sheet in answer["sheets"]] == ["Questions"]
    rows = answer["sheets"][0]["data"][0]["rowData"]
    assert rows[0]["values"][0]["formattedValue"] == "why?"
    masked = call("GET", "", fields="sheets.data.rowData.values.userEnteredValue").json()
    assert masked["sheets"][0]["data"][0]["rowData"][0]["values"][0] == {
        "userEnteredValue": {"stringValue": "Question"}
    }


def test_the_spreadsheet_can_come_with_the_reply(call):
    body = {"requests": [{"insertDimension": {"range": _rows(1, 2)}}], "includeSpreadsheetInResponse": True}
    answer = call("POST", ":batchUpdate", body).json()
    assert answer["updatedSpreadsheet"]["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 1001
