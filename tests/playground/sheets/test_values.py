"""values.*: what comes out, what goes in, and what is refused."""

import pytest


def test_trailing_blanks_are_left_out_and_inner_ones_kept(call):
    answer = call.get("Questions!A1:C20")
    assert answer == {
        "range": "Questions!A1:C20",
        "majorDimension": "ROWS",
        "values": [["Question", "Answer", "Bot"], ["why?"], ["how?", "so", "done"], [], ["who?"]],
    }


def test_an_empty_range_has_no_values_at_all(call):
    assert call.get("Questions!E1:F9") == {"range": "Questions!E1:F9", "majorDimension": "ROWS"}


def test_columns_can_be_major(call):
    answer = call.get("Questions!A1:B5", majorDimension="COLUMNS")
    assert answer["values"] == [["Question", "why?", "how?", "", "who?"], ["Answer", "", "so"]]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Questions", "Questions!A1:Z1000"),
        ("Questions!A:B", "Questions!A1:B1000"),
        ("Questions!2:3", "Questions!A2:Z3"),
        ("Questions!B2:B", "Questions!B2:B1000"),
        ("'My tab'!A1", "'My tab'!A1"),
        ("A1:B2", "Questions!A1:B2"),
        ("Questions!A:ZZ", "Questions!A1:Z1000"),
    ],
)
def test_open_ranges_are_answered_with_the_grid_s_edges(call, asked, answered):
    assert call.get(asked)["range"] == answered


@pytest.mark.parametrize("asked", ["Nope!A1", "questions!A1", "Questions!A1:B2:C3", "Questions!"])
def test_an_unknown_tab_or_range_is_unparsable(call, asked):
    error = call.get(asked)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == f"Unable to parse range: {asked}"


def test_a_cell_beyond_the_grid_is_refused(call):
    message = "Range (Questions!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert call.get("Questions!A1001")["error"]["message"] == message
    assert call.put("Questions!A1001", [["x"]]).json()["error"]["message"] == message


def test_render_options_show_unformat_or_reveal(call):
    call.put("Questions!E1:H1", [["2026-09-05", "=1+2", "50%", "TRUE"]], "USER_ENTERED")
    assert call.get("Questions!E1:H1")["values"] == [["2026-09-05", "3", "50%", "TRUE"]]
    unformatted = call.get("Questions!E1:H1", valueRenderOption="UNFORMATTED_VALUE")
    assert unformatted["values"] == [[46270, 3, 0.5, True]]
    dated = call.get("Questions!E1:H1", valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="FORMATTED_STRING")
    assert dated["values"] == [["2026-09-05", 3, 0.5, True]]
    assert call.get("Questions!E1:H1", valueRenderOption="FORMULA")["values"] == [[46270, "=1+2", 0.5, True]]


def test_batch_get_answers_each_range_in_order(call):
    answer = call("GET", "/values:batchGet", ranges=["Questions!A1:A2", "'My tab'!A1:C1"]).json()
    assert [part["range"] for part in answer["valueRanges"]] == ["Questions!A1:A2", "'My tab'!A1:C1"]
    assert answer["valueRanges"][1]["values"] == [["a", "1", "TRUE"]]


def test_raw_stores_and_user_entered_reads(call):
    call.put("Questions!A7:C7", [["0042", "=1+1", "'x"]], "RAW")
    assert call.get("Questions!A7:C7", valueRenderOption="FORMULA")["values"] == [["0042", "=1+1", "'x"]]
    call.put("Questions!A7:C7", [["0042", "=1+1", "'x"]], "USER_ENTERED")
    assert call.get("Questions!A7:C7", valueRenderOption="FORMULA")["values"] == [[42, "=1+1", "x"]]


def test_null_skips_a_cell_and_an_empty_string_clears_it(call):
    call.put("Questions!A3:C3", [[None, "", None]])
    assert call.get("Questions!A3:C3")["values"] == [["how?", "", "done"]]


def test_an_update_tells_what_it_wrote(call):
    answer = call.put("Questions!A2:C2", [[None, "because", "done"]], includeValuesInResponse="true").json()
    assert answer["updatedRange"] == "Questions!A2:C2"
    assert (answer["updatedRows"], answer["updatedColumns"], answer["updatedCells"]) == (1, 2, 2)
    assert answer["updatedData"] == {
        "range": "Questions!A2:C2",
        "majorDimension": "ROWS",
        "values": [["why?", "because", "done"]],
    }


def test_written_values_come_back_over_the_whole_range_asked_for(call):
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "UNFORMATTED_VALUE",
        "data": [{"range": "Questions!A2:C3", "values": [[None, 7]]}, {"range": "'My tab'!B1", "values": [[False]]}],
    }
    answer = call("POST", "/values:batchUpdate", body).json()
    assert answer["responses"][0]["updatedData"]["values"] == [["why?", 7], ["how?", "so", "done"]]
    assert answer["responses"][1]["updatedData"]["values"] == [[False]]
    totals = ("totalUpdatedRows", "totalUpdatedColumns", "totalUpdatedCells", "totalUpdatedSheets")
    assert [answer[name] for name in totals] == [2, 2, 2, 2]


def test_a_response_without_the_values_can_be_tried(call, standin):
    standin.behaviour.values_in_response = False
    assert "updatedData" not in call.put("A1", [["x"]], includeValuesInResponse="true").json()


@pytest.mark.parametrize(
    ("range_", "values", "message"),
    [
        (
            "Questions!A1:B2",
            [["a"], ["b"], ["c"]],
            "Requested writing within range [Questions!A1:B2], but tried writing to row [3]",
        ),
        (
            "Questions!A1:B2",
            [["a", "b", "c"]],
            "Requested writing within range [Questions!A1:B2], but tried writing to column [C]",
        ),
        (
            "Questions!A1",
            [["x" * 50_001]],
            "Your input contains more than the maximum of 50000 characters in a single cell.",
        ),
        ("Questions!A1", [["a"], [{"b": 1}]], 'Invalid values[1][0]: struct_value {"b": 1}'),
        ("Questions!Z1", [["a", "b"]], "Range (Questions!Z1:AA1) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)
def test_what_does_not_fit_is_refused_and_writes_nothing(call, standin, range_, values, message):
    before = standin.grid()
    error = call.put(range_, values).json()["error"]
    assert (error["code"], error["message"]) == (400, message)
    assert standin.grid() == before


def test_one_cell_is_only_where_writing_begins(call):
    assert call.put("Questions!A1", [["a", "b"], ["c", "d"]]).json()["updatedRange"] == "Questions!A1:B2"


def test_a_batch_with_one_bad_range_writes_nothing(call, standin):
    before, version = standin.grid(), standin.book().version
    data = [{"range": "A1", "values": [["new"]]}, {"range": "Nope!A1", "values": [["x"]]}]
    error = call("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data}).json()["error"]
    assert error["message"] == "Invalid data[1]: Unable to parse range: Nope!A1"
    assert (standin.grid(), standin.book().version) == (before, version)
    assert standin.book().history == []


def test_the_input_option_is_required(call):
    error = call("PUT", "/values/A1", {"values": [["x"]]}).json()["error"]
    assert error["message"] == "'valueInputOption' is required but not specified"


def test_columns_can_be_written_column_by_column(call, standin):
    call("PUT", "/values/E1%3AF2", {"majorDimension": "COLUMNS", "values": [["a", "b"], ["c"]]}, valueInputOption="RAW")
    assert [row[4:6] for row in standin.grid()[:2]] == [["a", "c"], ["b"]]


def test_clear_takes_values_and_leaves_notes(call, standin):
    note = {"range": {"startRowIndex": 1, "endRowIndex": 2, "endColumnIndex": 1}, "cell": {"note": "mine"}}
    call.batch({"repeatCell": note | {"fields": "note"}})
    answer = call("POST", "/values/Questions!A2%3AC2:clear", {}).json()
    assert answer == {"spreadsheetId": call.spreadsheet_id, "clearedRange": "Questions!A2:C2"}
    assert standin.slots()[1][0].note == "mine"
    assert "values" not in call.get("A2:C2")


def test_batch_clear_names_what_it_cleared(call):
    answer = call("POST", "/values:batchClear", {"ranges": ["Questions!A1:B2", "'My tab'!A:A"]}).json()
    assert answer["clearedRanges"] == ["Questions!A1:B2", "'My tab'!A1:A1000"]


def test_append_goes_below_the_table_it_finds(call, standin):
    answer = call("POST", "/values/Questions!A1%3AC1:append", {"values": [["new"]]}, valueInputOption="RAW").json()
    assert answer["tableRange"] == "Questions!A1:C3"
    assert answer["updates"]["updatedRange"] == "Questions!A4"
    assert standin.grid()[3] == ["new"]


def test_append_to_the_whole_tab_finds_its_last_table(call):
    answer = call("POST", "/values/Questions:append", {"values": [["new"]]}, valueInputOption="RAW").json()
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("Questions!A5", "Questions!A6")


def test_append_can_insert_rows_and_grow_the_grid(call, standin):
    query = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    call("POST", "/values/Questions!A1:append", {"values": [["new"], ["newer"]]}, **query)
    assert [row[:1] for row in standin.grid()] == [["Question"], ["why?"], ["how?"], ["new"], ["newer"], [], ["who?"]]
    assert standin.book().tabs[0].row_count == 1002


def test_every_write_is_in_the_history_with_its_row(call, standin):
    row_id = standin.book().tabs[0].row_ids[1]
    call.put("A2:B2", [[None, "because"]])
    standin.person().insert_rows("Questions", 1)
    call.put("A3:B3", [[None, "really"]])
    cells = [change for change in standin.book().history if change.kind == "cell"]
    assert [(change.who, change.before, change.after) for change in cells] == [
        ("api:bellhop@playground-project.iam.gserviceaccount.com", None, "because"),
        ("api:bellhop@playground-project.iam.gserviceaccount.com", "because", "really"),
    ]
    assert {change.row_id for change in cells} == {row_id}
