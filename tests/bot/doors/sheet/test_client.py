"""gspread's client with our patience: what is repeated, what is not, and in whose words it fails."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from bot.doors.sheet.client import Api, SheetsClient, credentials_of, wait_before
from bot.doors.sheet.faults import SheetFault, refused_sign_in
from bot.doors.sheet.quota import Quota, after_taking
from bot.doors.sheet.settings import SheetSettings
from bot.doors.sheet.spreadsheet import GoogleCalls
from bot.errors import SettingsError
from bot.store.database import open_database
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from playground.sheets.adapter import InProcessAdapter

BASE = "http://sheets.stand-in"


class Free:
    def take(self, kind):
        return 0.0


class Timeline:
    def __init__(self):
        self.at, self.slept = 1000.0, []

    def __call__(self):
        return self.at

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def line():
    return Timeline()


@pytest.fixture
def standin(line):
    standin = SheetsStandIn(clock=line, sleep=line.sleep)
    standin.add_spreadsheet({"T": [["Question"]]})
    return standin


@pytest.fixture
def calls(standin, line):
    session = requests.Session()
    session.mount(BASE, InProcessAdapter(standin))
    session.headers["Authorization"] = f"Bearer {standin.issue_token()}"
    api = Api(BASE, BASE, Free(), "bot@example", line, line.sleep)
    return GoogleCalls(SheetsClient(None, session, api=api), SPREADSHEET_ID)


@pytest.mark.parametrize("kind", ["500", "502", "503", "429", "lost", "dropped", "timeout"])
def test_a_read_is_repeated_until_the_fault_has_passed(calls, standin, line, kind):
    standin.faults.add(kind, times=3)
    assert calls.read(["'T'!A:A"]) == [[["Question"]]]
    assert 1 <= line.slept[0] <= 2
    assert 2 <= [wait for wait in line.slept if wait][1] <= 5


@pytest.mark.parametrize("kind", ["500", "502", "429", "lost"])
def test_a_write_is_made_once(calls, standin, kind):
    standin.faults.add(kind, times=1)
    with pytest.raises(SheetFault) as fault:
        calls.write([{"range": "'T'!A2", "values": [["x"]]}])
    assert fault.value.kind == "passing"
    assert len(standin.calls) == 1


def test_a_lasting_fault_ends_within_the_deadline(calls, standin, line):
    standin.faults.add("429", times=10_000)
    with pytest.raises(SheetFault):
        calls.read(["'T'!A:A"])
    assert sum(line.slept) <= 120


def test_waits_double_up_to_the_cap():
    assert all(2 ** (n - 1) <= wait_before(n) <= 2 ** (n - 1) + 1 for n in range(1, 6))
    assert wait_before(50) == 64


def test_a_tab_that_is_not_there_is_told_apart_from_a_bad_cell(calls):
    with pytest.raises(SheetFault) as fault:
        calls.read(["'Nothing'!A:A"])
    assert fault.value.is_about_tab


def test_no_minute_holds_more_than_59_calls():
    left, at, now, taken = 9.0, 0.0, 0.0, []
    for _ in range(400):
        left, wait_s = after_taking(left, at, now)
        at = now
        if wait_s:
            now += wait_s + 1e-6
        else:
            taken.append(now)
    assert max(sum(start <= one < start + 60 for one in taken) for start in taken) <= 59


def test_the_quota_is_one_for_all_processes(tmp_path):
    first = open_database(f"sqlite:///{tmp_path}/bot.db")
    second = open_database(f"sqlite:///{tmp_path}/bot.db")
    one, other = (Quota(database, "bot@example", clock=lambda: 5.0) for database in (first, second))
    taken = [quota.take("read") == 0.0 for quota in (one, other) * 8]
    assert sum(taken) == 9
    assert one.take("write") == 0.0
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_key_file_is_read_in_whatever_unicode_an_editor_saved_it(standin, tmp_path, encoding):
    path = standin.service_account_file(tmp_path / "key.json", BASE)
    path.write_bytes(path.read_text().encode(encoding))
    assert credentials_of(SheetSettings(_env_file=None, google_service_account_file=path)).service_account_email


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not a service account's key"),
        ("[]", "is not a service account's key"),
        ('{"type": "service_account"}', "is not a service account's key"),
        ('{"installed": {"client_id": "x"}}', "is an OAuth client"),
    ],
)
def test_a_file_that_is_no_key_is_said_to_be_none(tmp_path, content, words):
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match=words):
        credentials_of(SheetSettings(_env_file=None, google_service_account_file=path))


def test_a_key_in_the_setting_itself_is_never_quoted(standin, tmp_path):
    text = standin.service_account_file(tmp_path / "key.json", BASE).read_text()
    with pytest.raises(SettingsError) as error:
        credentials_of(SheetSettings(_env_file=None, google_service_account_file=text))
    assert "holds the key itself" in error.value.reason
    assert "PRIVATE" not in error.value.reason


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "invalid_grant: Invalid JWT: Token must be short-lived (60 minutes) and in a reasonable timeframe.",
            "clock",
        ),
        ("invalid_grant: Check your iat and exp values in the JWT claim.", "clock"),
        ("invalid_grant: Invalid JWT Signature.", "no longer accepts"),
        ("invalid_grant: Invalid grant: account not found", "no longer accepts"),
    ],
)
def test_a_wrong_clock_is_told_apart_from_a_dead_key(message, words):
    fault = refused_sign_in(message, "bot@example", datetime(2026, 11, 29, 12, 0, tzinfo=UTC))
    assert words in fault.reason
    assert fault.kind == "owner"
