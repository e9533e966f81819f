"""The promise of the sheet door, kept by the whole program: killed while people sort, one answer for each row."""

import contextlib
import json
import random
import re
import time
from collections import Counter

import pytest

from playground.claude import ClaudeStandIn, Pace
from playground.serving import serve
from playground.sheets import SPREADSHEET_ID, Adversary, SheetsStandIn
from tests.bot.engines import throwaway_postgres
from tests.bot.running import bot, running, until

ROWS = 24
QUESTION = re.compile(r"Question (\d+)\b")


def model(body):
    return f"Answer {QUESTION.findall(json.dumps(body['messages']))[0]}"


@pytest.fixture
def sheets():
    standin = SheetsStandIn()
    rows = [["Question", "Answer", "Bot"], *([f"Question {number}"] for number in range(ROWS))]
    standin.add_spreadsheet({"Questions": rows}, row_count=200)
    return standin


@pytest.fixture
def claude():
    standin = ClaudeStandIn(pace=Pace(0.4, 400.0))
    standin.model = model
    return standin


@pytest.fixture
def variables(sheets, claude, tmp_path):
    with serve(sheets.app) as sheets_url, serve(claude.app) as claude_url:
        yield {
            "ANTHROPIC_API_KEY": min(claude.keys),
            "ANTHROPIC_BASE_URL": claude_url,
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(sheets.service_account_file(tmp_path / "account.json", sheets_url)),
            "GOOGLE_SHEETS_API_URL": sheets_url,
            "GOOGLE_DRIVE_API_URL": sheets_url,
            "SHEET_ID": SPREADSHEET_ID,
            "SHEET_SETTLE_SECONDS": "0",
            "PORT": "0",
            "WEB_HOST": "127.0.0.1",
        }


def rows_of(sheets):
    return [[*map(str, row), "", "", ""][:3] for row in sheets.grid("Questions")[1:] if row and row[0]]


def is_whole(sheets):
    rows = rows_of(sheets)
    return len(rows) == ROWS and all(
        answer == question.replace("Question", "Answer") and status.startswith("done")
        for question, answer, status in rows
    )


def paid(claude):
    """How often each question was answered to the end."""
    asked = [request for request in claude.requests if request.path == "/v1/messages"]
    return Counter(QUESTION.findall(json.dumps(request.body))[0] for request in asked)


def shuffle(sheets):
    """People sort, move and insert rows between the calls."""
    sheets.before_call = Adversary(sheets.person(), 3, "Questions", edits={"sort": 2.0, "move": 1.0, "insert": 1.0})


def test_killed_three_times_while_people_sort_every_row_has_its_own_answer(sheets, claude, variables, tmp_path):
    chance = random.Random(5)
    shuffle(sheets)
    for number in range(3):
        with running(tmp_path, tmp_path / f"run{number}.log", **variables):
            time.sleep(chance.uniform(0.5, 3.0))
    with running(tmp_path, tmp_path / "last.log", **variables):
        time.sleep(4.0)
        sheets.before_call = lambda *_: None
        until(lambda: is_whole(sheets))
        writes = sheets.quota.counts["write"]
        time.sleep(3.0)
        assert sheets.quota.counts["write"] == writes
    assert sheets.quota.counts["refused"] == 0
    receipts = [json.loads(line) for line in bot(tmp_path, "events", "--json", "-n", "500").stdout.splitlines()]
    assert sum(receipt["state"] == "answered" for receipt in receipts) == ROWS
    # what a kill cut off in the middle of Claude's answer is asked again; what was stored is not
    assert sum(paid(claude).values()) <= ROWS + 3 * 20


def test_two_processes_look_after_one_sheet_and_one_takes_over(sheets, claude, variables, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    with throwaway_postgres() as url, contextlib.ExitStack() as stack:
        processes = []
        for folder in folders:
            folder.mkdir()
            more = {**variables, "DATABASE_URL": url}
            processes.append(stack.enter_context(running(folder, folder / "run.log", **more)))
        until(lambda: any(status for *_, status in rows_of(sheets)))
        processes[0].kill()
        until(lambda: is_whole(sheets))
    assert all(times <= 2 for times in paid(claude).values())
    assert sheets.quota.counts["refused"] == 0
