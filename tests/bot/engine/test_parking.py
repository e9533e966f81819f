"""The tests of parked events: they hold nothing, wake once, and are not overtaken in their conversation."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.engine import Engine, RetryPolicy, retry
from bot.engine.dbos_queue import Queue
from bot.engine.transitions import Again
from bot.errors import BUSY, PLACE, STOPPED, TryAgain, Waits
from bot.receipts import conversation_key
from bot.store.database import open_database
from tests.bot.engines import Told, event, raising, receipt_of, running, state_of, throwaway_database, until

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as address:
        yield address


class Clock:
    """Goes where it is put."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> float:
        return self.now.timestamp()


def open_entries(url):
    """How many starts are queued or running."""
    database = open_database(url)
    table = "workflow_status" if database.dialect.name == "sqlite" else "dbos.workflow_status"
    with database.connect() as connection:
        count = connection.execute(
            sa.text(f"SELECT count(*) FROM {table} WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')")
        ).scalar()
    database.dispose()
    return count


async def test_a_parked_event_says_what_it_waits_for_and_holds_nothing(url):
    handler = Told()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    note = {"batch": "msgbatch_1"}
    handler.on_answer = raising(Waits("It waits for its batch.", tomorrow, waits_for="batch", note=note))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        receipt = receipt_of(engine, 1)
        assert (receipt.reason, receipt.waits_for) == ("It waits for its batch.", "batch")
        assert receipt.wake_at
        assert abs(receipt.wake_at - tomorrow) < timedelta(milliseconds=1)
        assert receipt.finished_at is None
        assert engine.receipts.note(event(1).id) == {"batch": "msgbatch_1"}
        assert engine.receipts.parked("batch") == {event(1).id: {"batch": "msgbatch_1"}}
        assert engine.receipts.parked("budget") == {}
        assert engine.receipts.counts()["waiting"] == 1
        await until(lambda: not engine._workplace.active.run_ids())
        await until(lambda: open_entries(url) == 0)


async def test_a_call_from_another_process_wakes_it_and_its_stages_go_on_where_they_stood(url):
    handler = Told()
    handler.on_answer = raising(Waits("It waits for a yes."))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        elsewhere = Engine(url, listen=False)
        assert await elsewhere.wake(event(1).id)
        await asyncio.to_thread(elsewhere.close)
        await until(lambda: state_of(engine, 1) == "answered")
        receipt = receipt_of(engine, 1)
        assert (receipt.reason, receipt.waits_for, receipt.wake_at, receipt.attempts) == ("", "", None, 2)
        assert handler.times("open", event(1).id) == 1
        assert not await engine.wake(event(1).id)
        assert not await engine.wake("nobody")


@pytest.mark.parametrize("stage", ["open", "deliver"])
async def test_every_stage_may_park_its_event(url, stage):
    handler = Told()
    if stage == "open":
        handler.on_open = raising(Waits("It waits for tomorrow's budget."))
    else:
        handler.on_deliver = raising(Waits("It waits for a yes."))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        await engine.wake(event(1).id)
        await until(lambda: state_of(engine, 1) == "answered")
        assert handler.times("answer", event(1).id) == 1
        assert receipt_of(engine, 1).cost_usd == 0.25


async def test_it_goes_on_by_itself_when_its_time_has_come_wherever_the_clock_stepped_meanwhile(url):
    handler, clock = Told(), Clock()
    begun = clock.now
    handler.on_answer = raising(Waits("It waits for tomorrow.", begun + timedelta(hours=1)))
    async with running(url, handler, clock=clock) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        clock.now = begun - timedelta(days=1)
        await asyncio.sleep(1.2)
        assert state_of(engine, 1) == "waiting"
        clock.now = begun + timedelta(hours=1, seconds=1)
        await until(lambda: state_of(engine, 1) == "answered")
        clock.now = begun
        await asyncio.sleep(1.2)
        assert handler.times("answer", event(1).id) == 2


async def test_a_wake_up_survives_a_restart(url):
    handler, clock = Told(), Clock()
    handler.on_answer = raising(Waits("It waits for tomorrow.", clock.now + timedelta(hours=1)))
    async with running(url, handler, clock=clock) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
    clock.now += timedelta(hours=2)
    again = Told()
    async with running(url, again, clock=clock) as engine:
        await until(lambda: state_of(engine, 1) == "answered")
        assert again.times("open", event(1).id) == 0


async def test_a_call_that_comes_before_the_event_has_parked_is_not_lost(url):
    handler, asked = Told(), asyncio.Event()

    async def park_once(one):
        if handler.times("answer", one.id) == 1:
            asked.set()
            await called.wait()
            raise Waits("It waits for its batch.")

    called = asyncio.Event()
    handler.on_answer = park_once
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await asked.wait()
        assert await engine.wake(event(1).id)
        called.set()
        await until(lambda: state_of(engine, 1) == "answered")
        assert handler.times("answer", event(1).id) == 2


async def test_many_calls_at_once_wake_it_once(url):
    handler = Told()
    handler.on_answer = lambda one: _park_first(handler, one)
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        doors = [Engine(url, listen=False) for _ in range(3)]
        assert all(await asyncio.gather(*(door.wake(event(1).id) for door in doors for _ in range(5))))
        for door in doors:
            await asyncio.to_thread(door.close)
        await until(lambda: state_of(engine, 1) == "answered")
        await until(lambda: open_entries(url) == 0)
        assert handler.times("answer", event(1).id) == 2


def _park_first(handler, one):
    if handler.times("answer", one.id) == 1:
        raise Waits("It waits for its batch.")


async def test_two_processes_that_wake_what_is_due_wake_each_event_once(url):
    handler, clock = Told(), Clock()
    due = clock.now + timedelta(hours=1)
    handler.on_answer = lambda one: _park_until(due) if handler.times("answer", one.id) == 1 else None
    async with running(url, handler, clock=clock) as engine:
        await asyncio.gather(*(engine.emit(event(number, f"c{number}")) for number in range(60)))
        await until(lambda: engine.receipts.counts()["waiting"] == 60)
        other = Engine(url, listen=False, clock=clock)
        clock.now += timedelta(hours=2)
        woken = await asyncio.gather(
            *(asyncio.to_thread(one._acceptance.wake_due) for one in (engine, other) for _ in range(3))
        )
        await asyncio.to_thread(other.close)
        assert sum(woken) <= 60  # the engine's own round may have had some
        await until(lambda: engine.receipts.counts()["answered"] == 60)
        assert {handler.times("answer", event(number).id) for number in range(60)} == {2}


async def test_later_events_of_its_conversation_wait_behind_it_and_others_flow(url):
    handler = Told()
    handler.on_answer = lambda one: _park_first(handler, one) if one.id == event(1).id else None
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        for number in (2, 3):
            await engine.emit(event(number))
        await engine.emit(event(9, "elsewhere"))
        await until(lambda: state_of(engine, 9) == "answered")
        await until(lambda: [state_of(engine, number) for number in (2, 3)] == ["waiting", "waiting"])
        assert receipt_of(engine, 2).waits_for == "turn"
        assert "earlier one" in receipt_of(engine, 2).reason
        await until(lambda: open_entries(url) == 0)
        assert engine.retry([event(2).id])[1] == {event(2).id: "it waits for an earlier one of its conversation"}
        await engine.wake(event(1).id)
        await until(lambda: engine.receipts.counts()["answered"] == 4)
        delivered = [one for stage, one in handler.log if stage == "deliver" and one != event(9).id]
        assert delivered == [event(number).id for number in (1, 2, 3)]


async def test_an_event_whose_own_time_is_earlier_goes_before_a_parked_one(url):
    handler = Told()
    handler.on_answer = lambda one: _park_first(handler, one) if one.id == event(5).id else None
    async with running(url, handler) as engine:
        await engine.emit(event(5, at_s=5))
        await until(lambda: state_of(engine, 5) == "waiting")
        await engine.emit(event(6, at_s=6))
        await engine.emit(event(4, at_s=4))
        await until(lambda: state_of(engine, 4) == "answered")
        await until(lambda: state_of(engine, 6) == "waiting")
        await engine.wake(event(5).id)
        await until(lambda: engine.receipts.counts()["answered"] == 3)


async def test_two_parked_events_of_a_conversation_each_wake_in_their_order(url):
    handler = Told()
    handler.on_answer = lambda one: _park_first(handler, one) if one.id != event(3).id else None
    async with running(url, handler) as engine:
        await engine.emit(event(2, at_s=2))
        await until(lambda: state_of(engine, 2) == "waiting")
        await engine.emit(event(1, at_s=1))
        await until(lambda: state_of(engine, 1) == "waiting")
        await engine.emit(event(3, at_s=3))
        await engine.wake(event(2).id)
        await until(lambda: receipt_of(engine, 2).waits_for == "turn")
        assert state_of(engine, 2) == "waiting"
        await engine.wake(event(1).id)
        await until(lambda: engine.receipts.counts()["answered"] == 3)
        assert [one for stage, one in handler.log if stage == "deliver"] == [event(n).id for n in (1, 2, 3)]


async def test_who_stops_a_parked_event_ends_it(url):
    handler = Told()

    def always_park(one):
        raise Waits("It waits for a yes.")

    handler.on_answer = always_park
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        assert await engine.request_stop(event(1).id, "ann")
        await until(lambda: state_of(engine, 1) == "failed")
        assert receipt_of(engine, 1).code == STOPPED
        assert "stopped" in handler.reasons[event(1).id]


async def test_retry_lets_a_parked_event_go_on_at_once(url):
    handler = Told()
    handler.on_answer = raising(Waits("It waits for tomorrow.", datetime.now(UTC) + timedelta(days=1)))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        assert await asyncio.to_thread(retry, url, [event(1).id]) == ([event(1).id], {})
        await until(lambda: state_of(engine, 1) == "answered")


async def test_parking_again_and_again_is_no_poison(url):
    handler = Told()
    handler.on_answer = raising(*[Waits("It waits.") for _ in range(9)])
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        for _ in range(9):
            await until(lambda: state_of(engine, 1) == "waiting")
            await engine.wake(event(1).id)
        await until(lambda: state_of(engine, 1) == "answered")


async def test_a_thousand_that_are_due_at_once_go_on_without_holding_up_others(tmp_path):
    with throwaway_database("sqlite", tmp_path) as url:
        handler, clock = Told(), Clock()
        due = clock.now + timedelta(hours=1)
        handler.on_answer = lambda one: (
            _park_until(due) if handler.times("answer", one.id) == 1 and one.id < event(1_000).id else None
        )
        async with running(url, handler, clock=clock) as engine:
            await asyncio.gather(*(engine.emit(event(number, f"c{number}")) for number in range(300)))
            await until(lambda: engine.receipts.counts()["waiting"] == 300)
            clock.now += timedelta(hours=2)
            await until(lambda: engine.receipts.counts()["answered"] > 0)
            await engine.emit(event(5_000))
            await until(lambda: engine.receipts.counts()["answered"] == 301)


def _park_until(moment):
    raise Waits("It waits for tomorrow's budget.", moment, waits_for="budget")


async def test_parked_events_are_found_by_an_index(url):
    """However many are kept, the look for due ones reads none of the others."""
    engine = Engine(url, listen=False)
    await asyncio.to_thread(engine.close)
    database = open_database(url)
    due = "wake_at <= 5 AND state <> 'working'"
    asked = f"SELECT id FROM receipts WHERE {due} ORDER BY wake_at, id LIMIT 1"
    head = "SELECT id FROM receipts WHERE conversation = 'c' AND finished_at IS NULL ORDER BY event_time, id LIMIT 1"
    plan = "EXPLAIN QUERY PLAN" if database.dialect.name == "sqlite" else "EXPLAIN"
    with database.connect() as connection:
        if database.dialect.name == "postgresql":
            connection.execute(sa.text("SET enable_seqscan = off"))  # the table is empty
        plans = [str(connection.execute(sa.text(f"{plan} {one}")).all()) for one in (asked, head)]
    database.dispose()
    assert "receipts_by_wake" in plans[0]
    assert "receipts_open" in plans[1]


async def test_an_entry_of_the_queue_that_finds_nothing_to_do_is_simply_over(url):
    handler = Told()
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "answered")
        await until(lambda: open_entries(url) == 0)
        queue: Queue = engine._base.queue
        left_over = Again(event(1).id, conversation_key(event(1).conversation), 1)
        await engine._base.commits.write(lambda connection: queue.put(connection, "left over", left_over, time.time()))
        assert open_entries(url) == 1
        await asyncio.to_thread(
            engine._acceptance.queue_beside, event(1).id
        )  # nothing is open beside it: this rings, and puts no other
        await until(lambda: open_entries(url) == 0)
        assert handler.times("answer", event(1).id) == 1
        assert state_of(engine, 1) == "answered"


async def test_whoever_stands_behind_an_event_that_waits_for_claude_is_told_the_same_once(tmp_path):
    later = datetime.now(UTC) + timedelta(hours=1)
    handler = Told()
    handler.on_answer = raising(Waits("Claude is busy", later, waits_for=BUSY))
    async with running(f"sqlite:///{tmp_path / 'bot.db'}", handler) as engine:
        for number in (1, 2, 3):
            await engine.emit(event(number, conversation="c"))
        await engine.emit(event(4, conversation="another"))
        await until(lambda: engine.receipts.counts()["waiting"] == 3)
        await until(lambda: len(handler.waits) == 2)
        assert handler.waits == {event(n).id: ("Claude is busy", later) for n in (2, 3)}
        assert [handler.times("wait", event(n).id) for n in (1, 2, 3, 4)] == [0, 1, 1, 0]
        assert handler.overs.count((event(2).id, True)) == handler.overs.count((event(3).id, True)) == 1


async def test_nobody_is_told_of_a_wait_that_nobody_sits_through(tmp_path):
    handler = Told()
    handler.on_answer = raising(Waits("It waits for its batch.", waits_for="batch"))
    async with running(f"sqlite:///{tmp_path / 'bot.db'}", handler) as engine:
        for number in (1, 2):
            await engine.emit(event(number, conversation="c"))
        await until(lambda: engine.receipts.counts()["waiting"] == 2)
        assert handler.waits == {}


@pytest.mark.parametrize("stage", ["open", "deliver"])
async def test_a_place_that_takes_nothing_holds_no_worker_from_others(url, stage):
    handler, patient = Told(), RetryPolicy(tries=3, first_wait_s=60.0)

    def down(one):
        if one.id == event(1).id:
            raise TryAgain("The folder is gone.")

    setattr(handler, f"on_{stage}", down)
    async with running(url, handler, concurrency=1, asking=patient, delivering=patient) as engine:
        await engine.emit(event(1, "away"))
        await until(lambda: state_of(engine, 1) == "waiting")
        receipt = receipt_of(engine, 1)
        assert (receipt.reason, receipt.waits_for) == ("The folder is gone", PLACE)
        await engine.emit(event(2, "well"))
        await until(lambda: state_of(engine, 2) == "answered")
        await engine.wake(event(1).id)
        await until(lambda: handler.times(stage, event(1).id) == 2 and state_of(engine, 1) == "waiting")
        await engine.wake(event(1).id)
        await until(lambda: state_of(engine, 1) == "failed")
        assert handler.times(stage, event(1).id) == 3
        assert handler.reasons[event(1).id] == "The folder is gone."
        assert handler.times("answer", event(1).id) == (stage == "deliver")
        # Run again, it is tried as often as at first.
        assert await asyncio.to_thread(engine.retry, [event(1).id]) == ([event(1).id], {})
        await until(lambda: state_of(engine, 1) == "waiting")
