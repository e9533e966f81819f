"""A night of all doors: what a file, a row, a mail, a hook and a schedule ask goes out as one batch of the real bot."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from functools import cached_property
from pathlib import Path

import pytest

from bot.receipts import Receipts
from bot.store.database import open_database
from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.mail import MailStandIn
from playground.serving import serve
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from tests.bot.engines import throwaway_database
from tests.bot.running import bot, fetch, free_port, running, until

SECRET = "whsec-of-the-night"
MAIL = b"""\
From: Anna Berg <anna@example.com>
To: bot@example.com
Subject: A question by mail
Date: Sun, 29 Nov 2026 10:00:00 +0100
Message-ID: <q1@example.com>

What is 5 + 5?
"""
RULES = """
[[rule]]
name = "files"
on = "folder"
path = "in"
ask = "Read {filename}."
lane = "night"

[[rule]]
name = "rows"
on = "sheet"
tab = "Questions"
ask = "{Question}"
lane = "night"

[[rule]]
name = "mails"
on = "mail"
lane = "night"

[[rule]]
name = "calls"
on = "webhook"
hook = "calls"
ask = "{question}"
lane = "night"

[[rule]]
name = "report"
on = "schedule"
cron = "0 8 * * MON"
ask = "What is 7 + 7?"
read = ["folder:notes"]
reply = ["file:out", "file:copies"]
lane = "night"
"""


class Night:
    """The stand-ins, and one bot with a rule of each door in its night lane."""

    def __init__(self, place: Path, database_url: str) -> None:
        self.place, self.port = place, free_port()
        self.claude, self.sheets, self.mail = ClaudeStandIn(), SheetsStandIn(), MailStandIn()
        self._database_url = database_url
        self.variables: dict[str, str] = {}
        self.status_url = ""

    @contextmanager
    def stage(self) -> Iterator[None]:
        for name in ("in", "notes", "out", "copies"):
            (self.place / name).mkdir()
        (self.place / "rules.toml").write_text(RULES)
        (self.place / "notes" / "note.txt").write_text("Seven is a number.")
        self.sheets.add_spreadsheet({"Questions": [["Question", "Answer", "Bot"]]})
        with ExitStack() as stack:
            claude_url = stack.enter_context(serve(self.claude.app))
            sheets_url = stack.enter_context(serve(self.sheets.app))
            stack.enter_context(self.mail.serve())
            account = self.sheets.service_account_file(self.place / "account.json", sheets_url)
            self.variables = {
                "DATABASE_URL": self._database_url,
                "ANTHROPIC_API_KEY": DEFAULT_KEY,
                "ANTHROPIC_BASE_URL": claude_url,
                "GOOGLE_SERVICE_ACCOUNT_FILE": str(account),
                "GOOGLE_SHEETS_API_URL": sheets_url,
                "GOOGLE_DRIVE_API_URL": sheets_url,
                "SHEET_ID": SPREADSHEET_ID,
                "SHEET_SETTLE_SECONDS": "0",
                "FOLDER_QUIET_SECONDS": "0.2",
                "WEBHOOK_SECRET": SECRET,
                "NIGHT_GATHER_SECONDS": "15",
                "NIGHT_POLL_SECONDS": "1",
                "PORT": self.port,
                "WEB_HOST": "127.0.0.1",
                **self.mail.settings(),
                "IMAP_TLS": "none",
                "SMTP_TLS": "none",
                "MAIL_FROM": "bot@example.com",
                "MAIL_ALLOW": "@example.com",
            }
            yield

    @cached_property
    def receipts(self) -> Receipts:
        return Receipts(open_database(self._database_url))

    def ask_all(self) -> None:
        """Ask at every door, once the mailbox is listened to: what lay in it at its very first start is left alone."""
        until(lambda: any("IDLE" in line for line in self.mail.commands))
        (self.place / "in" / "sum.txt").write_text("What is 2 + 2?")
        self.sheets.person().type("Questions", "A2", "What is 3 + 3?")
        self.mail.deliver(MAIL)
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        body = json.dumps({"question": "What is 6 + 6?"}).encode()
        call = urllib.request.Request(f"http://127.0.0.1:{self.port}/hooks/calls", body, headers)
        with urllib.request.urlopen(call, timeout=10) as answer:
            assert answer.status == 202
            self.status_url = json.load(answer)["status_url"]

    def fire(self) -> None:
        """Run the report now; it waits for its batch."""
        fired = bot(self.place, "fire", "report", **self.variables)
        assert "It waits: " in fired.stderr

    def are_out(self) -> bool:
        found = self.receipts.newest()
        return len(found) == 5 and all("with batch" in one.reason for one in found)

    def are_over(self) -> bool:
        return all(one.state == "answered" for one in self.receipts.newest())

    def answers(self) -> dict[str, list[str]]:
        """What stands at each place, as often as it stands there."""
        files = sorted(file.read_text() for file in self.place.glob("in/answers/*.md"))
        reports = [file.read_text() for name in ("out", "copies") for file in (self.place / name).rglob("*.md")]
        mails = [message_from_bytes(one.content) for one in self.mail.sent]
        plain = [
            str(part.get_payload()) for mail in mails for part in mail.walk() if part.get_content_type() == "text/plain"
        ]
        hook = fetch(f"http://127.0.0.1:{self.port}{self.status_url}", {"Accept": "application/json"})[1]
        row = [str(self.sheets.grid("Questions")[1][1])]
        return {"file": files, "row": row, "mail": plain, "reports": reports, "hook": [hook]}


@pytest.fixture(params=["sqlite", "postgres"])
def night(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        house = Night(tmp_path, url)
        with house.stage():
            yield house


def test_every_door_is_answered_from_one_batch_though_the_process_that_sent_it_is_killed(night, tmp_path):
    """On Postgres a second process stands by and takes over; on SQLite the same one is started again."""
    night.claude.batches.duration_s = None
    log, is_shared = tmp_path / "log", night.variables["DATABASE_URL"].startswith("postgresql")
    with ExitStack() as stack:
        with running(tmp_path, log, **night.variables):
            night.ask_all()
            night.fire()
            until(night.are_out)
            if is_shared:
                second = {**night.variables, "PORT": free_port()}
                stack.enter_context(running(tmp_path, tmp_path / "second.log", **second))
        if not is_shared:
            stack.enter_context(running(tmp_path, log, **night.variables))
        (batch,) = night.claude.batches.newest_first()
        night.claude.batches.finish(batch.id)
        until(night.are_over)
        if is_shared:
            night.port = second["PORT"]
        found = night.answers()
    assert "What is 2 + 2?" in found["file"][0]
    assert "3 + 3 = 6" in found["row"][0]
    assert "5 + 5 =3D 10" in found["mail"][0]
    assert json.loads(found["hook"][0])["answer"]["text"] == "6 + 6 = 12"
    assert all("What is 7 + 7?" in report for report in found["reports"])
    assert {name: len(places) for name, places in found.items()} == {
        "file": 1,
        "row": 1,
        "mail": 1,
        "reports": 2,
        "hook": 1,
    }
    assert night.claude.tally.calls == 5
