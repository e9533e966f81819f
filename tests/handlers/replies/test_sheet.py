"""The reply into a row: what it stores, when it returns, and that it may run twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.doors.sheet.row_store import Record, SheetLedger
from bot.errors import NotWanted
from bot.events import Answer, SheetRow
from bot.store.database import open_database
from handlers.replies.sheet import SheetReply

pytestmark = pytest.mark.anyio
RECORD = Record("tok", "book", 0, "sheet", "f", state="asked")


@pytest.fixture
def ledger(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    ledger = SheetLedger(database)
    ledger.save([RECORD])
    yield ledger
    database.dispose()


@pytest.fixture
def reply(ledger):
    return SheetReply(SheetRow("book", 0, "tok"), ledger)


def answer(text="the answer", **more):
    return Answer(text, "model", "end_turn", **more)


async def test_finish_returns_once_the_row_shows_the_answer(ledger, reply):
    task = asyncio.create_task(reply.finish(answer()))
    await asyncio.sleep(0.1)
    assert not task.done()
    assert ledger.answers("book")["tok"].text == "the answer"
    ledger.save([replace(RECORD, state="done", settled=1)])
    await asyncio.wait_for(task, 3)


async def test_a_repeated_finish_stores_nothing_new(ledger, reply):
    ledger.save([replace(RECORD, state="done", settled=1)])
    await reply.finish(answer())
    await reply.finish(answer())
    assert ledger.answers("book")["tok"].version == 1


async def test_typed_values_are_kept_as_they_are(ledger, reply):
    ledger.save([replace(RECORD, state="done", settled=1)])
    values = {"Urgency": 3, "Open": True, "Due": "2026-11-23"}
    await reply.finish(answer(values=values))
    assert ledger.answers("book")["tok"].values == values


@pytest.mark.parametrize("state", ["gone", "skipped"])
async def test_a_row_that_cannot_take_it_is_told_to_the_receipt(ledger, reply, state):
    ledger.save([replace(RECORD, state=state, settled=1, reason="why")])
    with pytest.raises(NotWanted, match="why"):
        await reply.finish(answer())


async def test_a_row_gone_before_the_question_costs_nothing(ledger, reply):
    assert await reply.open(None) == {"token": "tok"}
    ledger.save([replace(RECORD, state="gone", reason="deleted")])
    with pytest.raises(NotWanted, match="deleted"):
        await reply.open(None)


async def test_fail_stores_the_reason_and_leaves_an_ended_row_alone(ledger, reply):
    task = asyncio.create_task(reply.fail("no"))
    await asyncio.sleep(0.1)
    assert ledger.answers("book")["tok"].reason == "no"
    ledger.save([replace(RECORD, state="skipped", settled=1)])
    await asyncio.wait_for(task, 3)
    await reply.fail("other words")
    assert ledger.answers("book")["tok"].version == 1


async def test_two_processes_wait_for_each_other_through_the_ledger(ledger, reply, tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    other = SheetLedger(database)
    task = asyncio.create_task(reply.finish(answer()))
    await asyncio.sleep(0.1)
    other.save([replace(RECORD, state="done", settled=1)])
    await asyncio.wait_for(task, 5)
    database.dispose()
