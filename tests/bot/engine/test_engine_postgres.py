"""The tests of the engine on a Postgres that goes away and comes back, and of the lock it holds there."""

import asyncio
import time

import psycopg
import pytest
import sqlalchemy as sa

from bot.engine import Engine, parking, transitions
from bot.engine.transitions import Ending
from bot.errors import TryAgain, Waits
from bot.store.database import open_database
from bot.store.group_commit import GroupCommit
from tests.bot.engines import Told, event, on_server, raising, running, sessions, state_of, throwaway_postgres, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def url():
    with throwaway_postgres() as address:
        yield address


async def test_a_broken_lock_connection_is_made_anew_and_work_goes_on(url):
    handler = Told()
    async with running(url, handler, executor_id="worker-under-test") as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "answered")
        assert len(await asyncio.to_thread(sessions, url, "worker-under-test")) == 1
        await engine.emit(event(2))
        await until(lambda: state_of(engine, 2) == "answered")
        await until(lambda: on_server("SELECT 1 FROM pg_stat_activity WHERE application_name = 'worker-under-test'"))


async def test_a_database_that_is_away_accepts_nothing_and_loses_nothing(url):
    handler, gate = Told(), asyncio.Event()
    handler.on_answer = lambda _: gate.wait()
    name = url.rpartition("/")[2]
    async with running(url, handler) as engine:
        await asyncio.gather(*(engine.emit(event(number, f"c{number}")) for number in range(5)))
        await until(lambda: len(handler.stops) == 5)
        await asyncio.to_thread(on_server, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        await asyncio.to_thread(sessions, url)
        gate.set()
        with pytest.raises(TryAgain, match="nothing was accepted"):
            await engine.emit(event(9))
        await asyncio.sleep(1)
        await asyncio.to_thread(on_server, "ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
        await until(lambda: engine.receipts.counts()["answered"] == 5)
        assert [handler.times("answer", event(number).id) for number in range(5)] == [1] * 5
        assert state_of(engine, 9) == "unknown"
        await engine.emit(event(9))
        await until(lambda: state_of(engine, 9) == "answered")


async def test_a_process_that_froze_in_the_middle_of_accepting_an_event_holds_nobody_up(url):
    """The server itself lets go of its rows; before that, whoever gets the same event could accept nothing at all."""
    handler = Told()
    async with running(url, handler) as engine:
        frozen = open_database(url)
        connection = frozen.connect()
        transitions.add(connection, event(1), Ending("received"), time.time())
        await asyncio.wait_for(engine.emit(event(1)), 30)
        with pytest.raises(sa.exc.DBAPIError):
            connection.commit()
        await until(lambda: state_of(engine, 1) == "answered")
        frozen.dispose()


async def test_a_change_whose_process_froze_in_the_middle_is_made_once_more_when_it_thaws(url):
    database, made = open_database(url), []

    def change(connection):
        made.append(1)
        if len(made) == 1:
            connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 50")
            time.sleep(0.5)
        return connection.exec_driver_sql("SELECT 7").scalar()

    commits = GroupCommit(database)
    assert await asyncio.wait_for(asyncio.wrap_future(commits.submit(change)), 30) == 7
    assert len(made) == 2
    await asyncio.to_thread(commits.close)
    database.dispose()


async def test_an_event_that_was_woken_while_a_later_one_looked_begins_with_it_and_strands_nobody(url):
    """The later one's place in the queue is used up by the look; it must not be used up for nothing."""
    handler = Told()
    handler.on_answer = raising(Waits("It waits for a yes."))
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: state_of(engine, 1) == "waiting")
        stages = engine._workplace._pipeline
        with engine._base.database.begin() as waking:
            parking.called(waking, event(1).id, time.time())
            looking = asyncio.create_task(stages.keep(lambda one: stages._begin(one, event(1).id)))
            await asyncio.sleep(0.5)  # it stands before the row that is being woken
        run, behind = await looking
        assert run is not None
        assert run.event.id == event(1).id
        assert behind == []


async def test_a_worker_knows_when_its_work_was_taken_over(url):
    handler, gate = Told(), asyncio.Event()
    handler.on_answer = lambda _: gate.wait()
    async with running(url, handler) as engine:
        await engine.emit(event(1))
        await until(lambda: handler.stops)
        assert await engine.holds(event(1).id)
        assert not await engine.holds(event(2).id)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE dbos.workflow_status SET executor_id = 'another'")
        assert not await engine.holds(event(1).id)
        gate.set()


async def test_a_process_that_only_accepts_wakes_a_worker_elsewhere_at_once(url):
    handler = Told()
    async with running(url, handler, poll_s=60.0):
        door = Engine(url, listen=False)
        await door.start(None)
        await door.emit(event(1))
        await until(lambda: handler.times("deliver", event(1).id), 5)
        await door.stop(1)


async def test_a_worker_that_ends_leaves_no_trace_of_itself(url):
    async with running(url, Told()) as engine:
        name = engine.worker_id
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT id FROM workers").fetchall() == [(name,)]
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM workers").fetchall() == []
