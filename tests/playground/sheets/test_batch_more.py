"""Developer metadata: what it holds on to, and the methods that find by it."""

import pytest


def _tag(call, row, key="row", value="", **rest):
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}
    metadata = {"metadataKey": key, "metadataValue": value, "visibility": "DOCUMENT"}
    metadata |= {"location": {"dimensionRange": span}} | rest
    return call.batch({"createDeveloperMetadata": {"developerMetadata": metadata}})


def _lookup(**parts):
    return {"developerMetadataLookup": parts}


def _found(call, **parts):
    body = {"dataFilters": [_lookup(**parts)]}
    return call("POST", "/values:batchGetByDataFilter", body).json().get("valueRanges", [])


def test_metadata_follows_its_row_through_insert_delete_move(call, standin):
    _tag(call, 2, value="how")
    person = standin.person()
    person.insert_rows("Questions", 1, 3)
    person.delete_rows("Questions", 2)
    person.move_rows("Questions", 5, 5, 2)
    found = _found(call, metadataValue="how")
    assert [part["valueRange"]["values"] for part in found] == [[["how?", "so", "done"]]]
    person.delete_rows("Questions", 2)
    assert _found(call, metadataValue="how") == []
    assert call("POST", "/developerMetadata:search", {"dataFilters": [_lookup(metadataKey="row")]}).json() == {}


@pytest.mark.parametrize("follows", [True, False])
def test_whether_metadata_follows_a_sort_is_a_setting(call, standin, follows):
    standin.behaviour.sort_moves_metadata = follows
    _tag(call, 1)
    standin.person().sort("Questions", "A")
    assert _found(call, metadataKey="row")[0]["valueRange"]["values"][0][0] == ("why?" if follows else "how?")


def test_rows_are_written_and_cleared_by_their_metadata(call, standin):
    _tag(call, 1, value="why")
    standin.person().insert_rows("Questions", 1)
    data = [{"dataFilter": _lookup(metadataValue="why"), "majorDimension": "ROWS", "values": [[None, "because"]]}]
    body = {"valueInputOption": "RAW", "data": data, "includeValuesInResponse": True}
    answer = call("POST", "/values:batchUpdateByDataFilter", body).json()
    assert answer["responses"][0]["updatedData"]["values"] == [["why?", "because"]]
    assert standin.grid()[2] == ["why?", "because"]
    call("POST", "/values:batchClearByDataFilter", {"dataFilters": [_lookup(metadataValue="why")]})
    assert standin.grid()[2] == []


def test_a_filter_that_matches_nothing_writes_nothing(call, standin):
    data = [{"dataFilter": _lookup(metadataValue="gone"), "values": [["x"]]}]
    answer = call("POST", "/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": data}).json()
    assert answer == {"spreadsheetId": call.spreadsheet_id}
    assert standin.book().history == []


def test_filters_by_range_work_too(call):
    body = {"dataFilters": [{"a1Range": "Questions!A1"}, {"gridRange": {"sheetId": 0, "endRowIndex": 1}}]}
    found = call("POST", "/values:batchGetByDataFilter", body).json()["valueRanges"]
    assert [part["valueRange"]["range"] for part in found] == ["Questions!A1", "Questions!A1:Z1"]


def test_metadata_is_read_changed_and_deleted(call):
    number = _tag(call, 1, metadataId=7).json()["replies"][0]["createDeveloperMetadata"]["developerMetadata"][
        "metadataId"
    ]
    assert number == 7
    change = {"dataFilters": [_lookup(metadataId=7)], "developerMetadata": {"metadataValue": "v"}}
    call.batch({"updateDeveloperMetadata": change | {"fields": "metadataValue"}})
    assert call("GET", "/developerMetadata/7").json()["metadataValue"] == "v"
    call.batch({"deleteDeveloperMetadata": {"dataFilter": _lookup(metadataId=7)}})
    assert call("GET", "/developerMetadata/7").status == 404


def test_a_used_id_a_missing_key_and_a_span_are_refused(call):
    _tag(call, 1, metadataId=7)
    assert "already exists" in _tag(call, 2, metadataId=7).json()["error"]["message"]
    assert "metadataKey" in _tag(call, 2, key="").json()["error"]["message"]
    span = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}}
    assert "single row or column" in _tag(call, 1, location=span).json()["error"]["message"]


def test_a_tab_holds_30000_characters_of_metadata(call):
    assert _tag(call, 1, key="k" * 29_990).status == 200
    assert _tag(call, 2, key="k" * 10).status == 200
    assert "30000" in _tag(call, 3, key="k").json()["error"]["message"]


def test_metadata_shows_in_the_resource(call):
    _tag(call, 1, value="here")
    answer = call("GET", "", includeGridData="true", ranges=["Questions!A1:C3"]).json()
    rows = answer["sheets"][0]["data"][0]["rowMetadata"]
    assert rows[1]["developerMetadata"][0]["metadataValue"] == "here"
