"""`bot run` on a state that version 0.1.0 left behind: it goes on where the old program was killed."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest

from bot.receipts import Receipts
from bot.store.database import open_database
from playground.claude import ClaudeStandIn
from playground.serving import serve
from playground.sheets import SPREADSHEET_ID, SheetsStandIn
from playground.slack import SlackStandIn
from playground.slack.clock import RunningClock
from playground.slack.messages import Message
from playground.slack.people import BOT_USER
from tests.bot.old_state import OldState, clock, old_state, outside
from tests.bot.running import running, until

SECOND_SPREADSHEET = "2BellhopPlaygroundSpreadsheet000000000000000"
WAITING_FILES = ("report.txt", "late.txt", "handover.txt")
FOR_EVER = {"RETENTION_DAYS": "36500"}
"""The state is old enough to be forgotten some day, and this asks what becomes of it before."""


@pytest.fixture(params=["sqlite", "postgres"])
def store(request) -> str:
    return str(request.param)


@pytest.fixture
def state(store, tmp_path):
    with old_state(store, tmp_path / "house") as opened:
        yield opened


@pytest.fixture
def database(state):
    engine = open_database(state.url)
    yield engine
    engine.dispose()


def own_part(content: list[dict[str, object]]) -> list[dict[str, object]]:
    """The blocks of the question itself: earlier words of who asks stand before it, each under a line with the name."""
    lines = [number for number, block in enumerate(content) if str(block.get("text", "")).endswith("] ben:")]
    return content[lines[-1] :] if lines else content


class House:
    """The whole program on an old state: Slack and the sheets as they stood when it was killed, and a fresh Claude."""

    def __init__(self, state: OldState, store: str, private: Path) -> None:
        self.state, self._private = state, private
        since = RunningClock()
        since._wall_s = clock()
        self.slack, self.claude, self.sheets = SlackStandIn(clock=since), ClaudeStandIn(), SheetsStandIn()
        self.before = outside(store)
        for message in self.before["slack"]:
            self.slack.workspace.add(Message(**message))
        self.sheets.add_spreadsheet({"Questions": self.before["sheets"]["Questions"]})
        self.sheets.add_spreadsheet({"Feedback": self.before["sheets"]["Feedback"]}, spreadsheet_id=SECOND_SPREADSHEET)

    def variables(self, claude_url: str, sheets_url: str) -> dict[str, str]:
        return {
            **FOR_EVER,
            "DATABASE_URL": self.state.url,
            "ANTHROPIC_API_KEY": min(self.claude.keys),
            "ANTHROPIC_BASE_URL": claude_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(
                self.sheets.service_account_file(self._private / "account.json", sheets_url)
            ),
            "GOOGLE_SHEETS_API_URL": sheets_url,
            "GOOGLE_DRIVE_API_URL": sheets_url,
            "SHEET_ID": SPREADSHEET_ID,
            "SHEET_SETTLE_SECONDS": "0",
            "FOLDER_QUIET_SECONDS": "0.2",
            "PORT": "0",
            "WEB_HOST": "127.0.0.1",
        }

    def answers(self, channel: str, question: str) -> list[Message]:
        """Our messages that answer the question of these words."""
        mine = [one for one in self.slack.messages(channel) if question in one.text and one.user != BOT_USER]
        events = [f"slack:T0BELLHOP:{channel}:{one.ts}" for one in mine]
        ours = [one for one in self.slack.messages(channel) if one.user == BOT_USER and not one.deleted]
        return [one for one in ours if one.metadata and one.metadata["event_payload"]["event_id"] in events]

    def asked(self, words: str) -> int:
        """How often Claude was asked with these words; earlier turns, sent along under their writer's name, aside."""
        bodies = [request.body for request in self.claude.requests if request.path == "/v1/messages"]
        blocks = [own_part(body["messages"][-1]["content"]) for body in bodies]
        return sum(words in json.dumps(asked, ensure_ascii=False) for asked in blocks)

    def statuses(self, tab: str, spreadsheet: str = SPREADSHEET_ID) -> dict[str, str]:
        """The status of each row by its question."""
        return {str(row[0]): str(row[-1]) for row in self.sheets.grid(tab, spreadsheet)[1:]}


def is_worked_off(receipts: Receipts, events: int) -> bool:
    counts = receipts.counts()
    return sum(counts.values()) == events and not (counts["received"] or counts["working"])


def test_the_whole_program_goes_on_where_the_old_one_was_killed(state, store, database, tmp_path):
    house, receipts = House(state, store, tmp_path), Receipts(database)
    events = len(state.expected["events"]) + 2  # the file and the row that were claimed and not handed over
    with serve(house.claude.app) as claude_url, house.slack.serve(), serve(house.sheets.app) as sheets_url:
        variables = house.variables(claude_url, sheets_url)
        log = tmp_path / "run.log"
        with running(state.folder, log, **variables):
            until(lambda: is_worked_off(receipts, events))
    assert "Traceback" not in log.read_text()
    # what was over is as it was, and nobody asked about it again
    for event_id in state.ids("stays"):
        receipt = receipts.get(event_id)
        assert receipt is not None
        assert receipt.state == state.expected["events"][event_id]["state"]
    over = ("capital of France", "long list of rivers", "6 times 7", "crashes when I log in", "The move is on Friday")
    assert {words: house.asked(words) for words in over} == dict.fromkeys(over, 0)
    # what waited was asked once, and what had its answer not at all
    waited = ("first version", "second version", "bridges of Hamburg", "And their lengths", "Who hangs?")
    more = ("Is anybody there", "This came late", "claimed and not handed over", "The search finds nothing")
    assert {words: house.asked(words) for words in waited + more} == dict.fromkeys(waited + more, 1)
    assert house.asked("essay about Paris") == house.asked("Who waits for the pen?") == 0
    check_places(house)


def check_places(house: House) -> None:
    """Each answer stands where it belongs, once."""
    pages = house.state.folder / "inbox" / "answers"
    assert {f"{name}.answer.md" for name in WAITING_FILES} <= {path.name for path in pages.iterdir()}
    assert not list(house.state.folder.glob("archive/answers/*"))
    asked = [("C0HELP", "bridges of Hamburg"), ("C0HELP", "And their lengths"), ("D0CARLA", "Is anybody there")]
    for channel, question in [*asked, ("D0ANNA", "capital of France"), ("C0HELP", "list of rivers")]:
        assert len(house.answers(channel, question)) >= 1, question
    essay = house.answers("D0ANNA", "essay about Paris")
    parts = Counter(str(one.metadata["event_payload"].get("part")) for one in essay if one.metadata)
    assert essay
    assert set(parts.values()) == {1}
    assert all("bellhop_feedback_up" in json.dumps(one.blocks) for one in essay[-1:])
    questions = house.statuses("Questions")
    assert all(status.startswith("done ") for status in questions.values()), questions
    feedback = house.statuses("Feedback", SECOND_SPREADSHEET)
    words = {question: status.split(" ")[0].rstrip(":") for question, status in feedback.items()}
    assert words["The search finds nothing."] == words["The app crashes when I log in."] == "done"
    assert words["Too much to say."] == "error"
    tokens = [status.rpartition(" ")[2] for status in itertools.chain(questions.values(), feedback.values())]
    assert set(tokens) == set(house.state.expected["rows"])
