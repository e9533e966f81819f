"""Drive's files.get: fields, lag, permissions, quota."""

from urllib.parse import urlencode

from playground.sheets import ACCOUNT, SPREADSHEET_ID
from playground.sheets.tokens import DRIVE_SCOPES, SHEETS_SCOPE


def _file(standin, fields="version,modifiedTime", scopes=DRIVE_SCOPES[-1:], file_id=SPREADSHEET_ID):
    headers = {"authorization": f"Bearer {standin.issue_token(scopes)}"}
    return standin.handle("GET", f"/drive/v3/files/{file_id}", urlencode({"fields": fields}), b"", headers)


def test_the_version_grows_with_changes_but_minutes_late(standin, call, clock):
    first = _file(standin).json()
    call.put("A1", [["x"]])
    clock.pass_(100)
    standin.person().type("Questions", "A2", "new")
    clock.pass_(79)
    assert _file(standin).json() == first
    clock.pass_(1)
    second = _file(standin).json()
    assert int(second["version"]) == int(first["version"]) + 2
    assert second["modifiedTime"] > first["modifiedTime"]
    assert _file(standin).json() == second


def test_a_change_after_a_publication_waits_for_the_next(standin, clock):
    standin.person().type("Questions", "A2", "one")
    clock.pass_(190)
    standin.person().type("Questions", "A2", "two")
    seen = int(_file(standin).json()["version"])
    clock.pass_(179)
    assert int(_file(standin).json()["version"]) == seen
    clock.pass_(2)
    assert int(_file(standin).json()["version"]) == seen + 1


def test_without_fields_the_usual_four_come(standin):
    assert set(_file(standin, "").json()) == {"kind", "id", "name", "mimeType"}


def test_an_unknown_field_is_refused(standin):
    error = _file(standin, "colour").json()["error"]
    assert (error["code"], error["message"]) == (400, "Invalid field selection colour")


def test_unknown_and_unshared_files_look_alike(standin):
    unknown = _file(standin, file_id="nope")
    standin.book().writers.discard(ACCOUNT)
    unshared = _file(standin)
    assert (unknown.status, unknown.json()["error"]["errors"][0]["reason"]) == (404, "notFound")
    assert unshared.json()["error"]["message"] == f"File not found: {SPREADSHEET_ID}."


def test_the_sheets_scope_alone_does_not_open_drive(standin):
    assert _file(standin, scopes=[SHEETS_SCOPE]).status == 403


def test_drive_has_a_quota_of_its_own(standin, clock):
    standin.drive.user_units = 10
    assert [_file(standin).status for _ in range(3)] == [200, 200, 403]
    assert _file(standin).json()["error"]["errors"][0]["reason"] == "userRateLimitExceeded"
    clock.pass_(61)
    assert _file(standin).status == 200
    assert standin.quota.counts["read"] == 0
