"""Claimed rows on their way to the engine: each event and its row in one commit, or neither."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.doors.sheet.row_cache import RowCache
from bot.doors.sheet.row_store import Record, RowStore
from bot.engine import Engine
from bot.errors import TryAgain
from bot.events import Receipt
from bot.store.database import open_database
from tests.bot.engines import throwaway_database
from triggers.sheet.handover import Handover, event_from_row

pytestmark = pytest.mark.anyio
CLAIMING = [Record(f"token{n:03}", "book", 0, "sheet", f"f{n}", claimed_at=1_700_000_000.0) for n in range(3)]
MARKED = [replace(one, state="claimed", inputs=(("Question", one.token),)) for one in CLAIMING]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(url):
    engine = Engine(url, listen=False)
    yield engine
    engine.close()


@pytest.fixture
def row_store(url):
    database = open_database(url)
    yield RowStore(database)
    database.dispose()


@pytest.fixture
def cache(row_store):
    """That of a loop which has marked its rows just now."""
    cache = RowCache("book", row_store)
    cache.save(CLAIMING)
    cache.save(MARKED)
    return cache


def states(row_store):
    return [record.state for _, record in sorted(row_store.records("book").items())]


async def test_a_marked_row_is_kept_as_asked_with_its_event_and_has_no_commit_of_its_own(engine, row_store, cache):
    assert states(row_store) == ["claiming"] * 3
    await Handover(cache, row_store, frozenset()).hand_over(engine.emit)
    assert states(row_store) == ["asked"] * 3
    assert row_store.records("book") == cache.records
    assert {receipt.id for receipt in engine.receipts.newest()} == {event_from_row(one).id for one in MARKED}


async def test_without_its_row_there_is_no_event_and_the_others_go_on(engine, row_store, cache):
    async def emit(event, record=None):
        def spoilt(connection):
            record(connection)
            if event.conversation == "token001":
                raise RuntimeError

        return await engine.emit(event, spoilt)

    handover = Handover(cache, row_store, frozenset())
    await handover.hand_over(emit)
    assert states(row_store) == ["asked", "claiming", "asked"]
    assert len(engine.receipts.newest()) == 2
    await handover.hand_over(engine.emit)
    assert states(row_store) == ["asked"] * 3
    assert len(engine.receipts.newest()) == 3


async def test_what_the_engine_does_not_take_now_is_handed_over_again(row_store, cache):
    handover = Handover(cache, row_store, frozenset())

    async def refuse(event, record=None):
        raise TryAgain("The database takes no writes now.")

    await handover.hand_over(refuse)
    assert cache.claimed() == MARKED
    assert handover.event_at is None


async def test_all_rows_are_handed_over_side_by_side(row_store, cache):
    everybody = asyncio.Barrier(len(MARKED))

    async def emit(event, record=None):
        async with asyncio.timeout(5):
            await everybody.wait()
        return Receipt(event.id, "sheet", event.rule, event.subject, event.conversation, "received", event.time)

    await Handover(cache, row_store, frozenset()).hand_over(emit)
    assert cache.claimed() == []


async def test_a_row_whose_answer_goes_elsewhere_is_done_with_that(engine, row_store, cache):
    await Handover(cache, row_store, frozenset({"sheet"})).hand_over(engine.emit)
    assert states(row_store) == ["done"] * 3


async def test_a_process_that_froze_and_hands_over_late_takes_nothing_back(engine, row_store, cache):
    answered = replace(MARKED[0], state="done", settled=1)
    row_store.save([answered])
    await Handover(cache, row_store, frozenset()).hand_over(engine.emit)
    assert row_store.record("token000") == answered
    assert states(row_store) == ["done", "asked", "asked"]
