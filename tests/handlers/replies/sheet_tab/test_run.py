"""The whole program: a folder and a sheet whose answers are rows of a tab, through kill -9, and a refused start."""

import re
import subprocess

import httpx2
import pytest

from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.replies.sheet_tab.check import check_replies
from playground.claude import ClaudeStandIn
from playground.serving import serve
from playground.sheets import ACCOUNT, SPREADSHEET_ID, SheetsStandIn
from tests.bot.running import bot, free_port, running, until

RULES = f"""
[[rule]]
name = "files"
on = "folder"
path = "inbox"
reply = "sheet:{SPREADSHEET_ID}/Log"

[[rule]]
name = "rows"
on = "sheet"
tab = "Questions"
ask = "{{Question}}"
reply = "sheet:{SPREADSHEET_ID}/Log"

[[rule]]
name = "wishes"
on = "webhook"
hook = "wishes"
fields = {{ Name = "text" }}
ask = "Thank {{Name}}."
reply = "sheet:{SPREADSHEET_ID}/Wishes"
"""


@pytest.fixture
def town(tmp_path):
    sheets, claude = SheetsStandIn(), ClaudeStandIn()
    tabs = {"Questions": [["Question", "Bot"], ["=1+1"]], "Log": [["Filename", "Question", "Answer", "Bot"], ["mine"]]}
    tabs["Wishes"] = [["Bot", "Name", "Answer", "Date"]]
    sheets.add_spreadsheet(tabs)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "rules.toml").write_text(RULES)
    with serve(sheets.app) as google, serve(claude.app) as anthropic:
        variables = {
            "ANTHROPIC_API_KEY": min(claude.keys),
            "ANTHROPIC_BASE_URL": anthropic,
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(sheets.service_account_file(tmp_path / "account.json", google)),
            "GOOGLE_SHEETS_API_URL": google,
            "GOOGLE_DRIVE_API_URL": google,
            "SHEET_ID": SPREADSHEET_ID,
            "SHEET_SETTLE_SECONDS": "0",
            "PORT": free_port(),
        }
        yield sheets, tmp_path, variables


def send_form(url, **values):
    """Fill in a form and send it, as a browser does; the page that it leads to."""
    with httpx2.Client(follow_redirects=True, headers={"Accept": "text/html"}) as client:
        (token,) = re.findall(r'name="_token" value="([^"]+)"', client.get(url).text)
        return client.post(url, data={"_token": token, **values}).text


def rows_of(sheets):
    return [row for row in sheets.grid("Log")[1:] if len(row) > 3]


def test_rows_and_files_are_answered_in_a_tab_once_though_the_process_is_killed_behind_the_write(town):
    sheets, folder, variables = town
    (folder / "inbox" / "one.txt").write_text("The invoice is over 12 euros.")
    alive: list[subprocess.Popen[bytes]] = []

    def dies(call, *_):
        if alive and b"appendCells" in call.body:
            alive.pop().kill()

    sheets.after_call = dies
    with running(folder, folder / "first.log", **variables) as process:
        alive.append(process)
        until(lambda: process.poll() is not None)
    with running(folder, folder / "second.log", **variables):
        sent = send_form(f"http://127.0.0.1:{variables['PORT']}/forms/wishes", Name="=HYPERLINK(1)")
        assert "Thank you. It has arrived." in sent
        rows = until(lambda: rows if len(rows := rows_of(sheets)) >= 2 else None)
        assert sorted((row[0], row[1]) for row in rows) == [("", "=1+1"), ("one.txt", "")]
        assert all(row[2] and row[3].startswith("added ") for row in rows)
        until(lambda: bot(folder, "events", "--json", **variables).stdout.count('"answered"') == 3)
    assert len(rows_of(sheets)) == 2
    assert [row[1] for row in sheets.grid("Wishes")[1:]] == ["=HYPERLINK(1)"]
    assert sheets.grid("Questions")[1][1].startswith("sent on ")


def test_without_an_account_the_start_is_refused_with_file_line_and_variable(town):
    _, folder, variables = town
    (folder / "rules.toml").write_text(RULES.partition('[[rule]]\nname = "rows"')[0])
    told = bot(folder, "run", **variables | {"GOOGLE_SERVICE_ACCOUNT_FILE": "", "SHEET_ID": ""})
    assert told.returncode == 2
    assert 'rules.toml:6: rule "files", key "reply"' in told.stderr
    assert "GOOGLE_SERVICE_ACCOUNT_FILE" in told.stderr


@pytest.mark.anyio
async def test_check_tells_what_is_filled_and_what_is_missing(town):
    sheets, _, variables = town
    settings = Settings(_env_file=None, **{name.lower(): value for name, value in variables.items()})
    places = [(Rule(name="files", on="folder"), f"{SPREADSHEET_ID}/Log")]
    (finding,) = await check_replies(settings, places)
    assert (finding.ok, finding.words) == (True, 'each answer adds a row to tab "Log" and fills Answer')
    sheets.person().type("Log", "C1", "Reply")
    (finding,) = await check_replies(settings, places)
    assert finding.words == 'Tab "Log" has no column for the answer. Add the header "Answer" to its row 1.'
    assert not finding.ok
    sheets.book().writers.clear()
    (finding,) = await check_replies(settings, places)
    assert ACCOUNT in finding.fix
