"""The tests of the engine's promises inside one process, on SQLite and on Postgres."""

import asyncio
import logging
import threading
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa

from bot.engine import Engine, RetryPolicy, retry
from bot.errors import NotWanted, Refused, SettingsError, TryAgain, Waits
from bot.receipts import Receipts
from bot.store.database import open_database
from bot.store.schema import receipts
from tests.bot.engines import (
    QUICK,
    Told,
    answer_to,
    event,
    raising,
    receipt_of,
    running,
    state_of,
    throwaway_database,
    until,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def lite(tmp_path):
    return f"sqlite:///{tmp_path / 'bot.db'}"


async def test_an_event_goes_through_its_three_stages_and_its_receipt_says_so(url):
    handler = Told()
    async with running(url, handler) as engine:
        receipt = await engine.emit(event(1))
        assert (receipt.state, receipt.attempts, receipt.working_at) == ("received", 0, None)
        await until(lambda: state_of(engine, 1) == "answered")
        receipt = receipt_of(engine, 1)
        assert handler.log == [("open", event(1).id), ("answer", event(1).id), ("deliver", event(1).id)]
        assert receipt.working_at
        assert receipt.finished_at
        assert receipt.received_at <= receipt.working_at <= receipt.finished_at
        assert (receipt.attempts, receipt.model, receipt.usage.input_tokens) == (1, "claude-test", 100)
        assert (receipt.cost_usd, receipt.reason) == (0.25, "")
        assert engine.receipts.answer(event(1).id) == answer_to(event(1).id)
        assert engine.receipts.event(event(1).id) == event(1)


async def test_the_end_of_a_run_is_kept_in_one_commit_with_the_end_of_its_event(url):
    """Whoever sees the event ended sees the run ended: no crash comes between them."""
    database = open_database(url)
    table = "workflow_status" if database.dialect.name == "sqlite" else "dbos.workflow_status"
    runs = f"receipts JOIN {table} runs ON runs.workflow_uuid LIKE receipts.id || '~%'"
    statement = sa.text(f"SELECT receipts.state, runs.status FROM {runs}")
    seen: set[tuple[str, ...]] = set()

    def look() -> bool:
        with database.connect() as connection:
            seen.update(map(tuple, connection.execute(statement)))
        return ("answered", "SUCCESS") in seen

    async with running(url, Told()) as engine:
        await engine.emit(event(1))
        while not look():  # noqa: ASYNC110  # as often as it can be: what is looked for lasts milliseconds
            await asyncio.sleep(0)
    database.dispose()
    assert ("answered", "PENDING") not in seen


async def test_the_same_id_again_changes_nothing(url):
    handler = Told()
    async with running(url, handler) as engine:
        await asyncio.gather(*(engine.emit(event(1)) for _ in range(50)))
        await until(lambda: state_of(engine, 1) == "answered")
        assert (await engine.emit(event(1, text="other"))).state == "answered"
        await asyncio.sleep(0.2)
        assert handler.times("answer", event(1).id) == 1


async def test_a_conversation_keeps_its_order_and_others_go_on_beside_it(url):
    handler = Told()
    gate = asyncio.Event()
    handler.on_answer = lambda one: gate.wait() if one.id == event(0).id else None
    async with running(url, handler) as engine:
        await asyncio.gather(*(engine.emit(event(number, f"c{number % 5}")) for number in range(40)))
        await until(lambda: engine.receipts.counts()["answered"] == 32)
        gate.set()
        await until(lambda: engine.receipts.counts()["answered"] == 40)
        delivered = [one for stage, one in handler.log if stage == "deliver"]
        for conversation in range(5):
            mine = [one for one in delivered if int(one[-8:]) % 5 == conversation]
            assert mine == sorted(mine)


async def test_a_clock_that_jumps_back_does_not_change_the_order(url):
    handler = Told()
    gate = asyncio.Event()
    handler.on_answer = lambda _: gate.wait()
    async with running(url, handler) as engine:
        for number in range(3):
            await engine.emit(event(number))
        database = open_database(url)
        table = "workflow_status" if database.dialect.name == "sqlite" else "dbos.workflow_status"
        with database.begin() as connection:
            jump = f"UPDATE {table} SET created_at = created_at + 9000000 WHERE workflow_uuid LIKE '{event(1).id}~%'"
            assert connection.execute(sa.text(jump)).rowcount == 1
        database.dispose()
        gate.set()
        await until(lambda: engine.receipts.counts()["answered"] == 3)
        assert [one for stage, one in handler.log if stage == "deliver"] == [event(n).id for n in range(3)]


async def test_what_is_queued_goes_in_the_order_of_the_events_own_times_then_of_their_ids(url):
    handler, gate = Told(), asyncio.Event()
    handler.on_answer = lambda one: gate.wait() if one.id == event(1).id else None
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: event(1).id in handler.stops)
        for number, second in ((5, 3), (9, 1), (8, 1), (2, 2)):
            await engine.emit(event(number, at_s=second))
        gate.set()
        await until(lambda: engine.receipts.counts()["answered"] == 5)
        assert [one for stage, one in handler.log if stage == "answer"] == [event(n).id for n in (1, 8, 9, 2, 5)]


async def test_an_earlier_question_that_is_delivered_a_few_milliseconds_later_goes_first(url):
    handler = Told()
    async with running(url, handler) as engine:
        for number in range(10):
            late, early = event(2 * number, f"c{number}", at_s=0.001), event(2 * number + 1, f"c{number}", at_s=0)
            await engine.emit(late)
            await asyncio.sleep(0.004)
            await engine.emit(early)
        await until(lambda: engine.receipts.counts()["answered"] == 20)
        answered = [one for stage, one in handler.log if stage == "answer"]
        for number in range(10):
            assert answered.index(event(2 * number + 1).id) < answered.index(event(2 * number).id)


async def test_try_again_is_tried_five_times_and_then_fails_with_its_reason(lite):
    handler = Told()
    handler.on_answer = raising(*[TryAgain("Claude is overloaded.")] * 9)
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        assert handler.times("answer", event(1).id) == 5
        assert handler.reasons[event(1).id] == "Claude is overloaded."
        assert receipt_of(engine, 1).reason == "Claude is overloaded."


async def test_a_passing_fault_is_waited_out(lite):
    handler = Told()
    handler.on_answer = raising(TryAgain("busy", after_s=0.02), TryAgain("busy"))
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "answered")
        assert handler.times("answer", event(1).id) == 3
        assert handler.times("open", event(1).id) == 1


async def test_what_is_refused_fails_at_once_and_the_next_in_its_conversation_goes_on(url):
    handler = Told()
    handler.on_answer = raising(Refused("This PDF is encrypted."))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await engine.emit(event(2))
        await until(lambda: state_of(engine, 2) == "answered")
        assert handler.times("answer", event(1).id) == 1
        assert receipt_of(engine, 1).reason == "This PDF is encrypted."


async def test_an_answer_that_nobody_wants_any_more_is_skipped_and_nobody_is_told(lite):
    handler = Told()
    handler.on_answer = raising(NotWanted("The row was deleted."))
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "skipped")
        assert receipt_of(engine, 1).reason == "The row was deleted."
        assert handler.reasons == {}


async def test_the_handler_learns_of_every_run_that_it_is_over_and_whether_its_event_goes_on_later(lite):
    handler = Told()
    acts = {
        event(2).id: raising(Refused("No.")),
        event(3).id: raising(NotWanted("Its row was deleted.")),
        event(4).id: raising(Waits("It waits for tomorrow.")),
        event(5).id: lambda one: begun_elsewhere(lite, one),
        event(6).id: lambda _: asyncio.Event().wait(),
    }
    handler.on_answer = lambda one: acts.get(one.id, raising())(one)
    async with running(lite, handler) as engine:
        for number in range(1, 7):
            await engine.emit(event(number, f"c{number}"))
        await until(lambda: len(set(handler.overs)) == 5 and event(6).id in handler.stops)
        assert event(6).id not in dict(handler.overs)
    assert set(handler.overs) == {(event(number).id, number == 4) for number in range(1, 7)}


def begun_elsewhere(url, one):
    """What a newer run of this event writes first."""
    database = open_database(url)
    with database.begin() as connection:
        connection.execute(sa.update(receipts).where(receipts.c.id == one.id).values(attempts=receipts.c.attempts + 1))
    database.dispose()


async def test_an_unexpected_error_is_told_in_plain_words_and_logged_under_the_event_id(lite, caplog, capsys):
    handler = Told()
    handler.on_answer = raising(*[KeyError("boom-detail")] * 5)
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        assert "Something went wrong inside Bellhop" in handler.reasons[event(1).id]
        assert event(1).id in handler.reasons[event(1).id]
        assert "boom-detail" not in handler.reasons[event(1).id]
    logged = capsys.readouterr().out + caplog.text
    assert "boom-detail" in logged
    assert event(1).id in logged


async def test_an_answer_that_could_not_be_delivered_is_kept_and_never_paid_twice(url):
    handler = Told()
    handler.on_deliver = raising(*[TryAgain("Slack is down.")] * QUICK.tries)
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        assert engine.receipts.answer(event(1).id) == answer_to(event(1).id)
        assert await asyncio.to_thread(engine.retry, [event(1).id]) == ([event(1).id], {})
        await until(lambda: state_of(engine, 1) == "answered")
        assert handler.times("answer", event(1).id) == 1
        receipt = receipt_of(engine, 1)
        assert (receipt.cost_usd, receipt.attempts, receipt.reason) == (0.25, 2, "")
        assert handler.attempts == [1, 2]


async def test_retry_runs_failed_and_skipped_events_and_says_why_not_for_others(url):
    handler = Told()
    handler.on_answer = raising(Refused("no"))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        assert (await engine.skip(event(2), "an old file")).state == "skipped"
        await engine.emit(event(3))
        await until(lambda: state_of(engine, 3) == "answered")
        ids = [event(number).id for number in (1, 2, 3, 4)]
        started, refused = await asyncio.to_thread(retry, url, ids)  # as a short-lived process does it
        assert started == ids[:2]
        assert refused == {ids[2]: "it is answered, neither failed nor skipped", ids[3]: "no such event"}
        await until(lambda: engine.receipts.counts()["answered"] == 3)
        assert handler.times("answer", event(1).id) == 2
        assert handler.times("answer", event(2).id) == 1


async def test_two_retries_at_the_same_time_run_an_event_once(url):
    handler = Told()
    handler.on_answer = raising(Refused("no"))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        both = await asyncio.gather(*(asyncio.to_thread(retry, url, [event(1).id]) for _ in range(2)))
        assert sorted(len(started) for started, _ in both) == [0, 1]
        await until(lambda: state_of(engine, 1) == "answered")
        assert handler.times("answer", event(1).id) == 2


async def test_a_skipped_event_is_recorded_and_not_run(lite):
    handler = Told()
    async with running(lite, handler) as engine:
        receipt = await engine.skip(event(1), "an old file")
        assert (receipt.state, receipt.reason) == ("skipped", "an old file")
        assert receipt.finished_at is not None
        await engine.emit(event(1))
        await engine.emit(event(2))
        await until(lambda: state_of(engine, 2) == "answered")
        assert handler.times("open", event(1).id) == 0


async def test_stop_reaches_the_handler_at_once(lite):
    handler = Told()
    handler.on_answer = lambda one: handler.stops[one.id].wait()
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: event(1).id in handler.stops)
        assert await engine.request_stop(event(1).id, "ann")
        await until(lambda: state_of(engine, 1) == "answered")
        assert not await engine.request_stop(event(1).id, "ann")


async def test_stop_pressed_in_another_process_arrives_within_a_second(url):
    handler = Told()
    handler.on_answer = lambda one: handler.stops[one.id].wait()
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: event(1).id in handler.stops)
        other = Engine(url, listen=False)
        assert await other.request_stop(event(1).id, "ann")
        await until(handler.stops[event(1).id].is_set)
        await asyncio.to_thread(other.close)


async def test_stop_between_two_tries_ends_the_event(lite):
    handler = Told()
    handler.on_answer = raising(TryAgain("busy", after_s=3_600))
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 1)
        await engine.request_stop(event(1).id, "ann")
        await until(lambda: state_of(engine, 1) == "failed")
        assert "stopped" in handler.reasons[event(1).id]


async def test_stopping_hands_running_work_back_and_the_next_start_resumes_it(url):
    handler, never = Told(), asyncio.Event()
    handler.on_answer = lambda _: never.wait()
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 1)
    assert await asyncio.to_thread(lambda: "threads work after the engine is gone")
    again = Told()
    async with running(url, again) as engine:
        await until(lambda: state_of(engine, 1) == "answered")
        assert again.times("open", event(1).id) == 0
        assert receipt_of(engine, 1).attempts == 2


async def test_many_clean_stops_are_no_poison(lite):
    for _ in range(7):
        handler = Told()
        handler.on_answer = lambda _: asyncio.sleep(60)
        async with running(lite, handler) as engine:
            await engine.emit(event(1))
            await until(partial(handler.stops.get, event(1).id))
    async with running(lite, Told()) as engine:
        await until(lambda: state_of(engine, 1) == "answered")


async def test_stop_waits_for_running_work_within_its_grace(lite):
    handler = Told()
    handler.on_answer = lambda _: asyncio.sleep(0.3)
    async with running(lite, handler, grace_s=5) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 1)
    assert Receipts(open_database(lite)).counts()["answered"] == 1


async def test_an_event_that_crashed_its_worker_five_times_is_set_aside_and_the_person_is_told(url):
    engine = Engine(url, listen=False)
    await engine.emit(event(1))
    await engine.emit(event(2))
    await asyncio.to_thread(engine.close)
    database = open_database(url)
    with database.begin() as connection:  # five starts whose process died
        connection.execute(sa.text(f"UPDATE receipts SET strikes = 6, attempts = 5 WHERE id = '{event(1).id}'"))
    database.dispose()
    handler = Told()
    async with running(url, handler) as engine:
        await until(lambda: state_of(engine, 2) == "answered")
        assert state_of(engine, 1) == "failed"
        assert "set aside" in handler.reasons[event(1).id]
        assert handler.times("answer", event(1).id) == 0
        engine.retry([event(1).id])
        await until(lambda: state_of(engine, 1) == "answered")


async def test_events_that_ran_beside_a_crash_too_often_run_one_at_a_time_and_all_end_well(lite):
    engine = Engine(lite, listen=False)
    for number in range(6):
        await engine.emit(event(number, f"c{number}"))
    await asyncio.to_thread(engine.close)
    database = open_database(lite)
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE receipts SET strikes = 2 WHERE id < 'test:00000004'"))
    database.dispose()
    handler, running_now, most = Told(), [0], [0]

    async def watch() -> None:
        running_now[0] += 1
        most[0] = max(most[0], running_now[0])
        await asyncio.sleep(0.05)
        running_now[0] -= 1

    handler.on_answer = lambda one: watch() if one.id < event(4).id else None
    async with running(lite, handler) as engine:
        await until(lambda: engine.receipts.counts()["answered"] == 6)
    assert most[0] == 1


async def test_a_run_that_lost_its_place_in_the_process_is_queued_again(lite):
    """As after a full disk: the queue says it runs here, but nothing does."""
    handler, never = Told(), asyncio.Event()
    handler.on_answer = lambda _: never.wait() if handler.times("answer", event(1).id) == 1 else None
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 1)
        engine._workplace.active.cancel()
        for _ in range(2):
            await asyncio.to_thread(engine._workplace.maintenance.mend, 0.0)
        await until(lambda: state_of(engine, 1) == "answered")
        assert receipt_of(engine, 1).attempts == 2


async def test_a_run_that_is_queued_again_by_mistake_while_it_runs_here_asks_no_second_time(url):
    """A loaded machine may be so slow to begin a run that the engine's round takes it for lost."""
    handler, go_on = Told(), asyncio.Event()
    handler.on_answer = lambda _: go_on.wait()
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 1)
        workplace, queue = engine._workplace, engine._base.queue
        [run_id] = await asyncio.to_thread(queue.pending)
        await asyncio.to_thread(queue.requeue, [run_id])
        await until(lambda: workplace.active.count(run_id) == 2)
        await engine.emit(event(2))
        await asyncio.sleep(0.2)
        go_on.set()
        await until(lambda: state_of(engine, 2) == "answered")
        assert [handler.times("answer", event(number).id) for number in (1, 2)] == [1, 1]
        assert receipt_of(engine, 1).attempts == 1
        await until(lambda: not workplace.active.run_ids())
        assert await asyncio.to_thread(queue.pending) == {}


async def test_what_the_queue_itself_gave_up_does_not_stay_open(lite):
    handler, never = Told(), asyncio.Event()
    handler.on_answer = lambda _: never.wait()
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 1)
        [run_id] = await asyncio.to_thread(engine._base.queue.pending)
        await asyncio.to_thread(engine._base.queue._client.cancel_workflow, run_id)
        await asyncio.to_thread(engine._workplace.maintenance.mend, 0.0)
        await until(lambda: state_of(engine, 1) == "failed")
        assert "retry" in receipt_of(engine, 1).reason


async def test_listener_threads_emit_without_a_loop(lite):
    handler = Told()
    async with running(lite, handler) as engine:
        threads = [threading.Thread(target=engine.emit_threadsafe, args=[event(n, f"c{n}")]) for n in range(10)]
        for thread in threads:
            thread.start()
        await until(lambda: engine.receipts.counts()["answered"] == 10)


async def test_other_blocking_calls_run_beside_a_full_engine(lite):
    handler, never = Told(), asyncio.Event()
    handler.on_answer = lambda _: never.wait()
    async with running(lite, handler, concurrency=5) as engine:
        await asyncio.gather(*(engine.emit(event(n, f"c{n}")) for n in range(10)))
        await until(lambda: len(handler.stops) == 5)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 2) == "done"
        assert len(handler.stops) == 5


@pytest.mark.parametrize(
    ("event_id", "conversation"), [("", "c"), (" ", "c"), ("a", " "), ("a\nb", "c"), ("x" * 2000, "c")]
)
async def test_an_event_that_could_not_be_kept_or_sorted_is_a_mistake_of_its_trigger(lite, event_id, conversation):
    engine = Engine(lite, listen=False)
    base = event(1)
    wrong = type(base)(
        **{name: getattr(base, name) for name in base.__slots__} | {"id": event_id, "conversation": conversation}
    )
    with pytest.raises(ValueError, match="event"):
        await engine.emit(wrong)
    engine.close()


async def test_strange_text_survives(url):
    base = event(1)
    fields = {name: getattr(base, name) for name in base.__slots__}
    strange = "Zürich 👩‍👩‍👧 \0 \udcff"
    odd = type(base)(**fields | {"text": "Zürich 👩‍👩‍👧 \0", "subject": strange, "conversation": strange * 300})
    handler = Told()
    async with running(url, handler) as engine:
        await engine.emit(odd)
        await until(lambda: state_of(engine, 1) == "answered")
        assert engine.receipts.event(odd.id).text == "Zürich 👩‍👩‍👧 \0"


async def test_a_second_engine_on_the_same_file_refuses_in_plain_words(lite):
    async with running(lite, Told()):
        second = Engine(lite)
        with pytest.raises(SettingsError, match="already running"):
            await second.start(Told())
        second.close()


async def test_an_unreachable_database_is_one_plain_line():
    with pytest.raises(SettingsError, match="DATABASE_URL") as error:
        Engine("postgresql://bellhop:sesame@127.0.0.1:1/none")
    assert "sesame" not in str(error.value)
    assert "\n" not in str(error.value)


async def test_purge_forgets_what_ended_long_ago_and_nothing_else(url):
    handler, never = Told(), asyncio.Event()
    handler.on_answer = lambda one: never.wait() if one.id == event(3).id else None
    async with running(url, handler) as engine:
        for number in (1, 2, 3):
            await engine.emit(event(number, f"c{number}"))
        await until(lambda: engine.receipts.counts()["answered"] == 2)
        await until(lambda: handler.times("answer", event(3).id) == 1)
        future = datetime.now(UTC).timestamp() + 60
        await asyncio.to_thread(engine.purge, future)
        assert state_of(engine, 3) == "working"
        assert engine.receipts.get(event(1).id) is None
        await engine.emit(event(1, "c1"))  # its id is forgotten with it
        await until(lambda: handler.times("answer", event(1).id) == 2)


async def test_an_event_is_answered_though_the_queue_still_knows_one_of_its_name_from_before_it_was_forgotten(url):
    handler = Told()
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "answered")
        await engine.emit(event(2))
        database = open_database(url)
        with database.begin() as connection:  # what a purge forgets whose moment lies between receipt and queue
            connection.execute(sa.text(f"DELETE FROM receipts WHERE id = '{event(1).id}'"))
        database.dispose()
        await engine.emit(event(1))
        await until(lambda: handler.times("answer", event(1).id) == 2)


async def test_the_queue_is_silent_about_itself(lite, capfd, caplog):
    caplog.set_level(logging.INFO)
    async with running(lite, Told()) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "answered")
    said = capfd.readouterr()
    assert "dbos" not in (said.out + said.err).lower()
    assert "conductor" not in (said.out + said.err + caplog.text).lower()


async def test_a_place_that_cannot_be_kept_fails_in_plain_words(lite):
    handler = Told()

    async def strange(event, attempt):
        return {"at": object()}

    handler.open_reply = strange  # type: ignore[method-assign]  # the mistake of a reply
    async with running(lite, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        assert "Something went wrong" in handler.reasons[event(1).id]


async def test_an_emit_that_is_cancelled_half_way_leaves_the_engine_whole(lite):
    async with running(lite, Told()) as engine:
        emits = [asyncio.ensure_future(engine.emit(event(number, f"c{number}"))) for number in range(20)]
        await asyncio.sleep(0)
        for emit in emits[::2]:
            emit.cancel()
        await asyncio.gather(*emits, return_exceptions=True)
        await until(lambda: all(state_of(engine, number) == "answered" for number in range(1, 20, 2)))


async def test_one_try_has_a_limit(lite):
    handler = Told()
    handler.on_answer = lambda _: asyncio.sleep(60)
    async with running(lite, handler, asking=RetryPolicy(tries=2, first_wait_s=0.01, limit_s=0.05)) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "failed")
        assert "longer than" in handler.reasons[event(1).id]


def _row_of(connection, event_id):
    return connection.execute(sa.text("INSERT INTO door_rows VALUES (:id) ON CONFLICT DO NOTHING"), {"id": event_id})


def _rows(url):
    database = open_database(url)
    with database.connect() as connection:
        found = connection.execute(sa.text("SELECT id FROM door_rows ORDER BY id")).scalars().all()
    database.dispose()
    return list(found)


@pytest.fixture
def with_rows(url):
    database = open_database(url)
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE door_rows (id TEXT PRIMARY KEY)"))
    database.dispose()
    return url


async def test_a_doors_row_is_kept_with_its_event_whether_or_not_that_is_new(with_rows):
    async with running(with_rows, Told()) as engine:
        await engine.emit(event(1), record=lambda connection: _row_of(connection, "first"))
        await engine.emit(event(1), record=lambda connection: _row_of(connection, "again"))
        await engine.skip(event(2), "an old file", lambda connection: _row_of(connection, "skipped"), code="old")
        await asyncio.to_thread(engine.emit_threadsafe, event(3), lambda connection: _row_of(connection, "thread"))
        assert _rows(with_rows) == ["again", "first", "skipped", "thread"]
        assert receipt_of(engine, 2).code == "old"
        await until(lambda: engine.receipts.counts()["answered"] == 2)


async def test_a_row_that_cannot_be_written_undoes_its_event_and_no_other(with_rows):
    def write_badly(connection):
        connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))

    def mistake(_):
        raise KeyError("a mistake of the door")

    async with running(with_rows, Told()) as engine:
        results = await asyncio.gather(
            engine.emit(event(1, "a"), record=lambda connection: _row_of(connection, "good")),
            engine.emit(event(2, "b"), record=mistake),
            engine.emit(event(3, "c")),
            return_exceptions=True,
        )
        assert isinstance(results[1], KeyError)
        with pytest.raises(Exception, match="nowhere"):
            await engine.emit(event(4, "d"), record=write_badly)
        assert [state_of(engine, number) for number in (2, 4)] == ["unknown", "unknown"]
        assert _rows(with_rows) == ["good"]
        await until(lambda: engine.receipts.counts()["answered"] == 2)


async def test_a_young_run_goes_on_with_its_conversation_and_leaves_nothing_in_the_queue(url):
    handler, gate = Told(), asyncio.Event()
    handler.on_answer = lambda one: gate.wait() if one.id == event(0).id else None
    async with running(url, handler) as engine:
        await engine.emit(event(0))
        await until(lambda: event(0).id in handler.stops)
        for number in range(1, 6):
            await engine.emit(event(number))
        await asyncio.sleep(0.05)
        gate.set()
        await until(lambda: engine.receipts.counts()["answered"] == 6)
        assert [one for stage, one in handler.log if stage == "deliver"] == [event(n).id for n in range(6)]
        assert {handler.times("answer", event(number).id) for number in range(6)} == {1}
        await until(lambda: not engine._base.queue.pending())


async def test_a_stop_of_one_event_does_not_stop_the_next_of_its_run(lite):
    handler, gate = Told(), asyncio.Event()
    handler.on_answer = lambda one: gate.wait() if one.id == event(1).id else None
    async with running(lite, handler) as engine:
        for number in (1, 2):
            await engine.emit(event(number))
        await until(lambda: event(1).id in handler.stops)
        await engine.request_stop(event(1).id, "ann")
        gate.set()
        await until(lambda: state_of(engine, 2) == "answered")
        assert handler.stops[event(1).id].is_set()
        assert not handler.stops[event(2).id].is_set()
