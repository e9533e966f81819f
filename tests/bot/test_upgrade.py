"""A state that version 0.1.0 left behind opens, and nothing of it is lost: see tests/fixtures/state_1."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.doors.folder.file_store import FileStore
from bot.doors.sheet.row_store import RowStore
from bot.engine import Engine
from bot.events import Answer, Event, Place
from bot.payments import Payments
from bot.receipts import Receipts
from bot.serial import from_json
from bot.store.database import open_database
from tests.bot.engines import answer_to, until
from tests.bot.old_state import HERE, MADE_AT_S, OldState, clock, old_state
from triggers.sheet.tab_store import TabStore


class Recording:
    """A handler that notes what it is asked to do, and with what."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.asked: list[str] = []
        self.events: dict[str, Event] = {}
        self.places: dict[str, Place] = {}
        self.delivered: dict[str, list[str]] = {}
        self.failed: dict[str, str] = {}

    async def open_reply(self, event: Event, attempt: int) -> Place:
        self.opened[event.id] += 1
        return {"new": event.id}

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        self.asked.append(event.id)
        self.events[event.id] = event
        return answer_to(event.id)

    async def wait(self, event: Event, reason: str, until: datetime | None) -> None:
        """Nobody waits here."""

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        self.places[event.id] = place
        self.delivered.setdefault(event.id, []).append(answer.text)

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        self.failed[event.id] = reason

    def over(self, event_id: str, *, is_parked: bool) -> None:
        """Nothing is remembered here."""


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


def is_worked_off(receipts: Receipts) -> bool:
    counts = receipts.counts()
    return not (counts["received"] or counts["working"])


async def work_off(state: OldState, handler: Recording) -> Engine:
    """An engine that has run all that waits, stopped again; its receipts stay readable."""
    engine = Engine(state.url, clock=clock)
    await engine.start(handler)
    try:
        await until(lambda: is_worked_off(engine.receipts))
    finally:
        await engine.stop(5)
    return engine


def test_the_fixture_holds_what_it_promises():
    for store in ("sqlite", "postgres"):
        events = json.loads((HERE / "expected.json").read_text())["stores"][store]["events"].values()
        kinds = {(event["source"], event["state"]) for event in events}
        assert {("folder", name) for name in ("answered", "failed", "skipped", "working", "received")} <= kinds
        assert {("sheet", name) for name in ("answered", "failed", "working")} <= kinds
        assert {("slack", name) for name in ("answered", "working", "received")} <= kinds
        assert Counter(event["then"] for event in events) == {"stays": 32, "is asked": 7, "is delivered": 2}
    assert sum(path.stat().st_size for path in HERE.iterdir()) < 300_000


def test_nothing_in_the_fixture_is_of_a_real_machine_or_a_real_secret(tmp_path):
    with old_state("sqlite", tmp_path):
        held = b"".join(path.read_bytes() for path in [*HERE.iterdir(), *tmp_path.rglob("*")] if path.is_file())
    owners = set(re.findall(rb"[\w.-]+:\d+:[0-9a-f]{8}(?![0-9a-f])", held))
    # In a SQLite page the owner follows the column before it without a break.
    assert {owner.split(b":")[0][-8:] for owner in owners} == {b"old-host", b"worker.1"}
    assert not re.search(rb"sk-ant-\w|xoxb-\d|xapp-\d|BEGIN PRIVATE KEY", held)


def test_every_receipt_is_there_as_it_was(state, database):
    receipts = Receipts(database, clock=clock)
    assert sum(receipts.counts().values()) == len(state.expected["events"])
    for event_id, expected in state.expected["events"].items():
        receipt = receipts.get(event_id)
        assert receipt is not None, event_id
        names = ("source", "rule", "subject", "person", "conversation", "state", "reason", "attempts", "model")
        assert {name: getattr(receipt, name) for name in names} == {name: expected[name] for name in names}
        assert receipt.cost_usd == pytest.approx(expected["cost_usd"])
        assert receipt.feedback == state.expected["feedback"].get(event_id, "")
        assert (receipts.answer(event_id) is not None) is expected["has_answer"]
        event = receipts.event(event_id)
        assert event is not None
        assert (event.id, event.rule, event.subject) == (event_id, expected["rule"], expected["subject"])


def test_every_cost_is_there_by_rule_model_and_person(state, database):
    payments, costs = Payments(database, clock=clock), state.expected["costs"]
    since = datetime.fromtimestamp(MADE_AT_S - 86_400, UTC)
    assert payments.spent_usd(since) == pytest.approx(costs["total"])
    for rule, usd in costs["by_rule"].items():
        assert payments.spent_usd(since, rule=rule) == pytest.approx(usd)
    for person, usd in costs["by_person"].items():
        assert payments.spent_usd(since, person=person) == pytest.approx(usd)
    rows = payments.costs(days=2)
    for model, usd in costs["by_model"].items():
        assert sum(row["cost_usd"] for row in rows if row["model"] == model) == pytest.approx(usd)
    assert sum(row["events"] for row in rows) == costs["payments"]


def test_every_row_keeps_its_token_and_an_answer_that_is_due_stays_due(state, database):
    ledger, memory = RowStore(database), TabStore(database, clock=clock)
    rows = state.expected["rows"]
    spreadsheets = {row["spreadsheet"] for row in rows.values()}
    records = {token: record for one in spreadsheets for token, record in ledger.records(one).items()}
    assert set(records) == set(rows)
    for token, row in rows.items():
        names = ("spreadsheet", "tab", "rule", "state", "settled", "status")
        assert {name: getattr(records[token], name) for name in names} == {name: row[name] for name in names}
    answers = {token: answer for one in spreadsheets for token, answer in ledger.answers(one).items()}
    assert {token: (answer.version, answer.text) for token, answer in answers.items()} == {
        token: (row["version"], row["text"]) for token, row in rows.items() if row["version"]
    }
    due = {token for one in spreadsheets for token in ledger.answers(one, due=True)}
    assert due == {token for token, row in rows.items() if (row["version"] or 0) > row["settled"]}
    assert len(due) == 1
    for tab in state.expected["tabs"]:
        assert memory.tab(tab["spreadsheet"], tab["title"]) == tab["tab"]


def test_the_folders_are_known_and_so_is_every_file_that_was_seen_to(state, database):
    memory = FileStore(database)
    assert state.expected["roots"]
    for root in state.expected["roots"]:
        assert not memory.is_first_start(root)
        names = {file["name"]: file["signature"] for file in state.expected["files"] if file["root"] == root}
        assert {name: ":".join(map(str, mark)) for name, mark in memory.known(root).items()} == names
    known = memory.files([file["watch"] for file in state.expected["files"]])
    assert {watch: one.sha256 for watch, one in known.items()} == {
        file["watch"]: file["sha256"] for file in state.expected["files"]
    }


def test_what_became_of_a_file_is_kept_as_a_code_and_no_longer_in_words(state, database):
    known = FileStore(database).files([file["watch"] for file in state.expected["files"]])
    codes = {"claimed", "moved", "link", "empty", "denied", "backlog", "too_big"}
    assert {file.outcome for file in known.values()} <= codes
    assert {file.outcome for file in known.values()} - {"claimed"}


def test_a_known_file_is_remembered_anew_and_a_claim_is_forgotten_in_one_transaction(state, database):
    store = FileStore(database)
    watch = state.expected["files"][0]["watch"]
    changed = replace(store.files([watch])[watch], sha256="new", outcome="moved")
    (claim,) = store.waiting_claims()
    with database.begin() as connection:
        store.write(connection, [changed, replace(changed, watch="another")])
        store.forget_claim(connection, claim.event_id)
    assert store.files([watch, "another"]) == {watch: changed, "another": replace(changed, watch="another")}
    assert store.waiting_claims() == []


def test_a_file_that_was_claimed_and_not_handed_over_still_waits_with_its_copy(state, database):
    (claim,) = FileStore(database).waiting_claims()
    assert [claim.event_id] == state.expected["claimed_files"]
    event = from_json(Event, claim.event)
    assert (event.id, event.subject) == (claim.event_id, "handover.txt")
    assert Path(claim.copy).is_relative_to(state.folder)
    assert Path(claim.copy).read_text() == "This file was claimed and not handed over."


@pytest.mark.anyio
async def test_what_waited_is_asked_once_and_what_was_answered_never_again(state):
    handler = Recording()
    engine = await work_off(state, handler)
    assert Counter(handler.asked) == dict.fromkeys(state.ids("is asked"), 1)
    assert handler.failed == {}
    assert set(handler.delivered) == state.ids("is asked") | state.ids("is delivered")
    assert all(len(texts) == 1 for texts in handler.delivered.values())
    for event_id, expected in state.expected["events"].items():
        receipt = engine.receipts.get(event_id)
        assert receipt is not None
        assert receipt.state == (expected["state"] if expected["then"] == "stays" else "answered")


@pytest.mark.anyio
async def test_an_answer_that_was_paid_is_delivered_and_not_paid_again(state, database):
    receipts = Receipts(database, clock=clock)
    paid = {event_id: receipts.answer(event_id) for event_id in state.ids("is delivered")}
    handler = Recording()
    await work_off(state, handler)
    for event_id, answer in paid.items():
        assert answer is not None
        assert handler.delivered[event_id] == [answer.text]
    since = datetime.fromtimestamp(MADE_AT_S - 86_400, UTC)
    new_usd = answer_to("any").cost_usd * len(state.ids("is asked"))
    assert Payments(database, clock=clock).spent_usd(since) == pytest.approx(state.expected["costs"]["total"] + new_usd)


@pytest.mark.anyio
async def test_a_place_that_was_taken_is_kept(state):
    """Every place of Slack and of a row; what had not begun takes a new one."""
    handler = Recording()
    await work_off(state, handler)
    waited = state.ids("is asked") | state.ids("is delivered")
    places = {event_id: place for event_id, place in state.expected["threads"].items() if event_id in waited}
    assert len(places) == 2
    assert {event_id: handler.places[event_id] for event_id in places} == places
    begun = {event_id for event_id in waited if state.expected["events"][event_id]["state"] == "working"}
    assert set(handler.opened) == waited - begun
    tokens = {event_id: event_id.rpartition(":")[2] for event_id in begun if event_id.startswith("sheet:")}
    assert {event_id: handler.places[event_id] for event_id in tokens} == {
        event_id: {"token": token} for event_id, token in tokens.items()
    }


@pytest.mark.anyio
async def test_within_a_conversation_the_earlier_event_still_goes_first(state):
    handler = Recording()
    await work_off(state, handler)
    conversations: dict[str, list[str]] = {}
    for event_id in handler.asked:
        conversations.setdefault(state.expected["events"][event_id]["conversation"], []).append(event_id)
    assert sum(len(ids) > 1 for ids in conversations.values()) == 2
    assert all(ids == sorted(ids) for ids in conversations.values())


def test_a_file_that_waits_is_asked_about_with_its_private_copy(state):
    handler = Recording()
    asyncio.run(work_off(state, handler))
    texts = [
        Path(attachment.path or "").read_text()
        for event_id in sorted(state.ids("is asked"))
        if event_id.startswith("file:")
        for attachment in handler.events[event_id].attachments
    ]
    assert sorted(texts) == [
        "This came late.",
        "This is the harbour report, first version.",
        "This is the harbour report, second version.",
    ]


@pytest.mark.anyio
async def test_a_source_that_delivers_an_old_event_again_is_told_what_became_of_it(state):
    engine, handler = Engine(state.url, clock=clock), Recording()
    await engine.start(handler)
    try:
        for event_id in state.ids("stays"):
            event = engine.receipts.event(event_id)
            assert event is not None
            assert (await engine.emit(event)).state == state.expected["events"][event_id]["state"]
        await until(lambda: is_worked_off(engine.receipts))
    finally:
        await engine.stop(5)
    assert not set(handler.delivered) & state.ids("stays")


@pytest.mark.anyio
async def test_what_failed_or_was_skipped_can_be_run_again(state, database):
    handler = Recording()
    engine = Engine(state.url, clock=clock)
    await engine.start(handler)
    again = sorted(
        event_id
        for event_id, event in state.expected["events"].items()
        if event["state"] in ("failed", "skipped") and event["rule"] != "archive"
    )
    try:
        assert engine.retry(again) == (again, {})
        await until(lambda: all(handler.delivered.get(event_id) for event_id in again))
    finally:
        await engine.stop(5)
    assert len(again) == 3
