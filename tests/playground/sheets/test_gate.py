"""The way in: scopes, sharing, ids, quotas, masks, malformed requests."""

import pytest

from playground.sheets import ACCOUNT
from playground.sheets.tokens import DRIVE_SCOPES, READ_SCOPE, SHEETS_SCOPE


def test_a_token_without_the_scope_is_refused(call, standin):
    call.token = standin.issue_token([DRIVE_SCOPES[-1]])
    error = call.get("A1")["error"]
    assert (error["code"], error["message"]) == (403, "Request had insufficient authentication scopes.")
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_a_reading_scope_does_not_write(call, standin):
    call.token = standin.issue_token([READ_SCOPE])
    assert "values" in call.get("A1")
    assert call.put("A1", [["x"]]).status == 403


def test_a_spreadsheet_that_is_not_shared_is_forbidden(call, standin):
    standin.book().writers.discard(ACCOUNT)
    error = call.get("A1")["error"]
    assert (error["code"], error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == "The caller does not have permission"


def test_a_spreadsheet_shared_for_reading_is_read_only(call, standin):
    standin.book().writers.discard(ACCOUNT)
    standin.book().readers.add(ACCOUNT)
    assert "values" in call.get("A1")
    assert call.put("A1", [["x"]]).json()["error"]["message"] == "The caller does not have permission"


def test_an_unknown_id_is_not_found(call):
    call.spreadsheet_id = "nope"
    error = call.get("A1")["error"]
    assert (error["code"], error["status"], error["message"]) == (404, "NOT_FOUND", "Requested entity was not found.")


def test_the_sixty_first_read_of_a_minute_is_over_quota(call, standin, clock):
    standin.quota.user_limit, standin.quota.project_limit = 60, 300
    for _ in range(60):
        assert "error" not in call.get("A1")
        clock.pass_(0.5)
    error = call.get("A1")["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "'Read requests per minute per user'" in error["message"]
    info = error["details"][0]
    assert info["reason"] == "RATE_LIMIT_EXCEEDED"
    assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == "60"
    assert call.put("A1", [["x"]]).status == 200
    clock.pass_(31)
    assert "error" not in call.get("A1")
    assert standin.quota.counts == {"read": 61, "write": 1, "refused": 1, "too_soon": 60}


def test_a_project_has_a_quota_over_all_its_credentials(call, standin):
    standin.quota.user_limit, standin.quota.project_limit = 60, 100
    other = "second@playground-project.iam.gserviceaccount.com"
    standin.book().writers.add(other)
    tokens = [call.token, standin.issue_token(email=other)]
    for index in range(100):
        call.token = tokens[index % 2]
        assert "error" not in call.get("A1")
    assert "per project" in call.get("A1")["error"]["message"]


def test_a_batch_of_many_ranges_is_one_call(call, standin):
    call("GET", "/values:batchGet", ranges=["A1", "A2", "A3"])
    assert standin.quota.counts["read"] == 1


def test_calls_on_one_spreadsheet_less_than_a_second_apart_are_counted(call, standin, clock):
    for gap_s in (0.5, 1.0, 0.9):
        call.get("A1")
        clock.pass_(gap_s)
    call.get("A1")
    assert standin.quota.counts["too_soon"] == 2


@pytest.mark.parametrize(
    ("body", "message", "field"),
    [
        (
            {"requests": [{"foo": {}}]},
            "Invalid JSON payload received. Unknown name \"foo\" at 'requests[0]': Cannot find field.",
            "requests[0]",
        ),
        (
            {"requests": [{"updateCells": {"fields": 7}}]},
            "Invalid value at 'requests[0].update_cells.fields' (TYPE_STRING), 7",
            "requests[0].update_cells.fields",
        ),
        ({"wishes": []}, 'Invalid JSON payload received. Unknown name "wishes": Cannot find field.', None),
    ],
)
def test_unknown_names_and_wrong_types_are_refused_with_their_place(call, body, message, field):
    error = call("POST", ":batchUpdate", body).json()["error"]
    assert (error["code"], error["message"]) == (400, message)
    violation = error["details"][0]["fieldViolations"][0]
    assert (violation.get("field"), violation["description"]) == (field, message)


def test_a_body_that_is_no_json_is_refused(standin, call):
    path = f"/v4/spreadsheets/{call.spreadsheet_id}:batchUpdate"
    headers = {"authorization": f"Bearer {call.token}"}
    error = standin.handle("POST", path, "", b"{nope", headers).json()["error"]
    assert error["message"].startswith("Invalid JSON payload received.")


def test_unknown_query_names_and_values_are_refused(call):
    assert 'Unknown name "majorDimensions"' in call.get("A1", majorDimensions="ROWS")["error"]["message"]
    assert "Invalid value at 'majorDimension'" in call.get("A1", majorDimension="DIAGONAL")["error"]["message"]


def test_a_mask_picks_fields_of_any_answer(call):
    assert call.get("A1:A2", fields="values") == {"values": [["Question"], ["why?"]]}
    answer = call("GET", "", fields="spreadsheetId,sheets.properties(sheetId,title)").json()
    assert answer["sheets"][0] == {"properties": {"sheetId": 0, "title": "Questions"}}
    assert set(answer) == {"spreadsheetId", "sheets"}


def test_a_mask_of_what_does_not_exist_is_refused(call):
    error = call("GET", "", fields="sheets.colour").json()["error"]
    assert "sheets.colour" in error["details"][0]["fieldViolations"][0]["description"]


def test_an_unknown_path_is_a_page_not_json(call):
    answer = call("GET", "/nonsense/x/y")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_huge_body_is_refused(call):
    answer = call.put("A1", [["x" * (10 * 1024 * 1024)]])
    assert "Request payload size exceeds the limit" in answer.json()["error"]["message"]


def test_more_than_one_scope_is_no_matter(call, standin):
    call.token = standin.issue_token([SHEETS_SCOPE, *DRIVE_SCOPES])
    assert "values" in call.get("A1")
