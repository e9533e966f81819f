"""The tests of the engine on a Postgres that goes away and comes back, and of the lock it holds there."""

import asyncio

import psycopg
import pytest

from bot.engine import Engine
from bot.errors import TryAgain
from tests.bot.engines import Told, event, on_server, running, sessions, state_of, throwaway_postgres, until

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
