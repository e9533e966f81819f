"""On a socket: real gspread, weather, and the control."""

import json
import subprocess
import sys

import gspread
import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from gspread.exceptions import APIError, SpreadsheetNotFound
from starlette.applications import Starlette
from starlette.routing import Mount

from playground.serving import serve
from playground.sheets import ACCOUNT, SPREADSHEET_ID
from playground.sheets.adapter import InProcessAdapter


def test_gspread_reads_writes_inserts_sorts_and_deletes(client, standin):
    sheet = client.open_by_key(SPREADSHEET_ID).worksheet("Questions")
    assert sheet.get_all_values()[0] == ["Question", "Answer", "Bot"]
    sheet.update([["x", None, "z"]], "A2:C2")
    sheet.batch_update([{"range": "B2", "values": [["y"]]}])
    assert sheet.row_values(2) == ["x", "y", "z"]
    sheet.append_row(["last"])
    sheet.insert_row(["first"], 2)
    sheet.sort((1, "asc"), range="A2:C7")
    sheet.delete_rows(2)
    assert [row[0] for row in standin.grid()] == ["Question", "how?", "last", "who?", "x"]
    sheet.update_acell("A1", "=1+1")
    assert sheet.acell("A1").value == "2"
    assert sheet.find("last").row == 3
    sheet.insert_note("A3", "a note")
    assert sheet.get_note("A3") == "a note"
    sheet.batch_clear(["A2:C9"])
    assert sheet.get_all_values() == [["2", "Answer", "Bot"]]


def test_gspread_manages_tabs(client):
    spreadsheet = client.open_by_key(SPREADSHEET_ID)
    tab = spreadsheet.add_worksheet("New", 10, 5)
    tab.update_title("Newer")
    tab.resize(20, 6)
    assert [one.title for one in spreadsheet.worksheets()] == ["Questions", "My tab", "Newer"]
    spreadsheet.del_worksheet(tab)
    assert [one.title for one in spreadsheet.worksheets()] == ["Questions", "My tab"]
    assert spreadsheet.get_lastUpdateTime().endswith("Z")


def test_gspread_names_google_s_errors(client, standin):
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("nope")
    sheet = client.open_by_key(SPREADSHEET_ID).sheet1
    with pytest.raises(APIError, match="exceeds grid limits") as caught:
        sheet.update([["x"]], "A2000")
    assert caught.value.response.status_code == 400
    standin.book().writers.discard(ACCOUNT)
    with pytest.raises(PermissionError):
        client.open_by_key(SPREADSHEET_ID)


def test_a_tab_with_a_slash_in_its_title_is_reached(client, standin):
    standin.person().rename_tab("My tab", "a/b c'd")
    assert client.open_by_key(SPREADSHEET_ID).worksheet("a/b c'd").acell("A1").value == "a"


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("503", 503), ("502", 502), ("429", 429)])
def test_weather_comes_as_google_sends_it(client, standin, kind, status):
    http = client.http_client
    standin.faults.add(kind)
    with pytest.raises(APIError) as caught:
        http.values_get(SPREADSHEET_ID, "A1")
    assert caught.value.response.status_code == status
    assert (kind == "502") == ("text/html" in caught.value.response.headers["Content-Type"])
    assert http.values_get(SPREADSHEET_ID, "A1")["values"] == [["Question"]]


@pytest.mark.parametrize(("kind", "applied"), [("lost", True), ("dropped", False)])
def test_a_connection_closes_with_the_write_applied_or_not(client, standin, kind, applied):
    standin.faults.add(kind, method="PUT")
    with pytest.raises(requests.ConnectionError):
        client.http_client.values_update(SPREADSHEET_ID, "A2", {"valueInputOption": "RAW"}, {"values": [["new"]]})
    assert (standin.grid()[1] == ["new"]) is applied


@pytest.mark.parametrize(("kind", "applied"), [("timeout", False), ("timeout_applied", True)])
def test_an_answer_that_takes_too_long_is_a_timeout(client, standin, kind, applied):
    client.set_timeout((3, 0.2))
    standin.faults.add(kind, method="PUT", delay_s=0.6)
    with pytest.raises(requests.ReadTimeout):
        client.http_client.values_update(SPREADSHEET_ID, "A2", {"valueInputOption": "RAW"}, {"values": [["new"]]})
    assert (standin.grid()[1] == ["new"]) is applied


def test_a_hook_that_raises_closes_the_connection(client, standin):
    client.http_client.values_get(SPREADSHEET_ID, "A1")

    def crash(_):
        raise RuntimeError("crash point")

    standin.before_call = crash
    with pytest.raises(requests.ConnectionError):
        client.http_client.values_get(SPREADSHEET_ID, "A1")


def test_the_control_acts_as_a_person_and_shows_the_grid(base_url):
    def post(act, **body):
        return requests.post(f"{base_url}/_control/{act}", json=body, timeout=5)

    assert post("type", tab="Questions", cell="A2", text="typed").json() == {"ok": True}
    assert post("insert", tab="Questions", before_row=2).status_code == 200
    assert post("sort", tab="Questions", column="A").status_code == 200
    assert post("delete", tab="Questions", first_row=2).status_code == 200
    state = requests.get(f"{base_url}/_control/state", timeout=5).json()
    rows = state["spreadsheets"][0]["tabs"][0]["rows"]
    assert rows == [["Question", "Answer", "Bot"], ["typed"], ["who?"]]
    history = requests.get(f"{base_url}/_control/history?after=0", timeout=5).json()["changes"]
    assert [change["kind"] for change in history] == ["insert rows", "sort", "delete row"]
    assert {change["who"] for change in history} == {"person:ana"}


def test_the_control_sets_faults_and_limits_and_names_mistakes(base_url, client, standin):
    requests.post(f"{base_url}/_control/faults", json={"kind": "503", "times": 1}, timeout=5)
    with pytest.raises(APIError):
        client.http_client.values_get(SPREADSHEET_ID, "A1")
    requests.post(f"{base_url}/_control/settings", json={"user_limit": 7, "drive_lag_s": 1.5, "speed": 10}, timeout=5)
    assert (standin.quota.user_limit, standin.drive.lag_s, standin.clock.speed) == (7, 1.5, 10)
    for act, body in (("dance", {}), ("faults", {"kind": "hail"}), ("settings", {"colour": 1}), ("type", {})):
        answer = requests.post(f"{base_url}/_control/{act}", json=body, timeout=5)
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


def test_a_session_can_reach_the_stand_in_without_a_socket(standin):
    session = requests.Session()
    session.mount("http://sheets.stand-in/", InProcessAdapter(standin))
    session.headers["Authorization"] = f"Bearer {standin.issue_token()}"
    http = gspread.HTTPClient(AnonymousCredentials(), session=session)
    http.set_timeout((3, 30))

    def get():
        url = f"http://sheets.stand-in/v4/spreadsheets/{SPREADSHEET_ID}/values/A1%3AB1"
        return http.request("get", url, params={"majorDimension": "ROWS"})

    assert get().json()["values"] == [["Question", "Answer"]]
    for kind, error in (("lost", requests.ConnectionError), ("timeout", requests.ReadTimeout)):
        standin.faults.add(kind, delay_s=60 if kind == "timeout" else 0)
        with pytest.raises(error):
            get()


def test_the_stand_in_works_below_a_mount(standin):
    with serve(Starlette(routes=[Mount("/sheets", app=standin.app)])) as base_url:
        headers = {"Authorization": f"Bearer {standin.issue_token()}"}
        url = f"{base_url}/sheets/v4/spreadsheets/{SPREADSHEET_ID}/values/A1"
        assert requests.get(url, headers=headers, timeout=5).json()["values"] == [["Question"]]
        assert "spreadsheets" in requests.get(f"{base_url}/sheets/_control/state", timeout=5).json()
        assert requests.post(f"{base_url}/sheets/token", timeout=5).json()["error"] == "unsupported_grant_type"
        standin.faults.add("dropped")
        with pytest.raises(requests.RequestException):
            requests.get(url, headers=headers, timeout=5)


def test_it_runs_on_its_own_and_prints_the_settings_that_point_here(tmp_path):
    account = tmp_path / "account.json"
    command = [sys.executable, "-m", "playground.sheets", "--account", str(account)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        settings = dict(line.strip().split("=", 1) for line in lines)
        assert json.loads(account.read_text())["token_uri"] == settings["GOOGLE_SHEETS_API_URL"] + "/token"
        state = requests.get(settings["GOOGLE_SHEETS_API_URL"] + "/_control/state", timeout=5).json()
        assert state["spreadsheets"][0]["id"] == settings["SHEET_ID"]
    finally:
        process.terminate()
        process.wait(timeout=10)
