"""The reply into a row: what it stores, when it returns, and that it may run twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.doors.sheet.row_store import Record, RowStore
from bot.doors.sheet.wait_store import StoredWait
from bot.errors import NotWanted
from bot.events import Answer, SheetRow
from bot.store.database import open_database
from handlers.replies.sheet import SheetReply

pytestmark = pytest.mark.anyio
RECORD = Record("tok", "book", 0, "sheet", "f", state="asked")


@pytest.fixture
def row_store(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    row_store = RowStore(database)
    row_store.save([RECORD])
    yield row_store
    database.dispose()


@pytest.fixture
def reply(row_store):
    return SheetReply(SheetRow("book", 0, "tok"), row_store)


def answer(text="the answer", **more):
    return Answer(text, "model", "end_turn", **more)


async def stored(row_store):
    async with asyncio.timeout(10):
        while "tok" not in row_store.answers("book"):  # noqa: ASYNC110  # what is looked at is the database
            await asyncio.sleep(0.01)
    return row_store.answers("book")["tok"]


async def test_finish_returns_once_the_row_shows_the_answer(row_store, reply):
    task = asyncio.create_task(reply.finish(answer()))
    assert (await stored(row_store)).text == "the answer"
    assert not task.done()
    row_store.save([replace(RECORD, state="done", settled=1)])
    await asyncio.wait_for(task, 3)


async def test_a_repeated_finish_stores_nothing_new(row_store, reply):
    row_store.save([replace(RECORD, state="done", settled=1)])
    await reply.finish(answer())
    await reply.finish(answer())
    assert row_store.answers("book")["tok"].version == 1


async def test_typed_values_are_kept_as_they_are(row_store, reply):
    row_store.save([replace(RECORD, state="done", settled=1)])
    values = {"Urgency": 3, "Open": True, "Due": "2026-11-23"}
    await reply.finish(answer(values=values))
    assert row_store.answers("book")["tok"].values == values


@pytest.mark.parametrize("state", ["gone", "skipped"])
async def test_a_row_that_cannot_take_it_is_told_to_the_receipt(row_store, reply, state):
    row_store.save([replace(RECORD, state=state, settled=1, reason="why")])
    with pytest.raises(NotWanted, match="why"):
        await reply.finish(answer())


async def test_a_row_gone_before_the_question_costs_nothing(row_store, reply):
    assert await reply.open(None) == {"token": "tok"}
    row_store.save([replace(RECORD, state="gone", reason="deleted")])
    with pytest.raises(NotWanted, match="deleted"):
        await reply.open(None)


async def test_fail_stores_the_reason_and_leaves_an_ended_row_alone(row_store, reply):
    task = asyncio.create_task(reply.fail("no"))
    assert (await stored(row_store)).reason == "no"
    row_store.save([replace(RECORD, state="skipped", settled=1)])
    await asyncio.wait_for(task, 3)
    await reply.fail("other words")
    assert row_store.answers("book")["tok"].version == 1


async def test_two_processes_wait_for_each_other_through_the_database(row_store, reply, tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/bot.db")
    other = RowStore(database)
    task = asyncio.create_task(reply.finish(answer()))
    await asyncio.sleep(0.1)
    other.save([replace(RECORD, state="done", settled=1)])
    await asyncio.wait_for(task, 5)
    database.dispose()


NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


async def test_a_wait_is_kept_in_words_for_the_loop_which_is_called_once(row_store):
    calls = []
    row_store.on_answer("book", lambda: calls.append("look"))
    reply = SheetReply(SheetRow("book", 0, "tok"), row_store, clock=NOON.timestamp)
    for _ in range(2):
        await reply.wait("Claude is busy", NOON + timedelta(minutes=44, seconds=30))
    words = "Claude is busy until about 12:45 UTC"
    until = NOON.timestamp() + 44 * 60 + 30
    assert row_store.wait_store.waits("book") == [StoredWait("tok", "book", words, until)]
    assert calls == ["look"]
    await reply.wait("Claude does not answer just now", None)
    assert row_store.wait_store.waits("book") == [StoredWait("tok", "book", "Claude does not answer just now")]


async def test_opened_again_the_row_waits_no_more(row_store, reply):
    await reply.wait("Claude is busy", None)
    place = await reply.open(None)
    assert row_store.wait_store.waits("book")
    await reply.open(place)
    assert row_store.wait_store.waits("book") == []
