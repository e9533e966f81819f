"""The supervisor: a door runs in one process at a time, steps back when it cannot be sure, and says how it does."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot.errors import TryAgain
from bot.events import Health, Receipt
from bot.store.creation import create_tables
from bot.store.leases import HELD_S, LEASE_S, open_lease_database
from bot.store.schema import leases
from bot.supervisor import Supervisor
from tests.bot.engines import event, throwaway_database, until

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 29, tzinfo=UTC)


async def accept(one, _record=None):
    return Receipt(one.id, "", "", "", "", "received", NOW)


class Door:
    """A trigger that tells of its runs and hands its emit to the test."""

    name = "door"

    def __init__(self, log):
        self.log, self.emit, self.words, self.without_run = log, accept, "Works.", ""
        self.fault: Exception | None = None

    def routes(self, emit):
        return ()

    async def run(self, emit):
        self.emit = emit
        self.log.append("runs")
        if self.fault:
            raise self.fault
        try:
            await asyncio.Event().wait()
        finally:
            self.log.append("ends")

    def health(self):
        return Health(ok=True, words=self.words, heard_at=NOW, without_run=self.without_run)


class Process:
    """One process with one door; its clock may be moved on, as a freeze does."""

    def __init__(self, database, *, runs=True):
        self.log: list[str] = []
        self.frozen_s = 0.0
        self.doors = [Door(self.log)]
        self.supervisor = Supervisor(database, self.doors[:1], self._reopen, runs=runs, clock=self.now)

    def now(self):
        return time.monotonic() + self.frozen_s

    def _reopen(self, name):
        assert name == "door"
        self.doors.append(Door(self.log))
        return self.doors[-1]

    def told(self):
        return self.supervisor.doors()["door"]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        opened = open_lease_database(url)
        create_tables(opened)
        yield opened
        opened.dispose()


@contextlib.asynccontextmanager
async def started(*processes):
    for process in processes:
        await process.supervisor.take()
        process.supervisor.start(accept)
    try:
        yield
    finally:
        for process in processes:
            await process.supervisor.stop()


def silence(database):
    """As if no lease had been renewed for long."""
    with database.begin() as connection:
        connection.execute(sa.update(leases).values(until=leases.c.until - LEASE_S))


async def test_the_second_waits_and_takes_over_at_once_when_the_first_stops(database):
    first, second = Process(database), Process(database)
    async with contextlib.AsyncExitStack() as later:
        async with started(first):
            await until(lambda: first.log == ["runs"])
            await later.enter_async_context(started(second))
            assert second.log == []
        assert first.log == ["runs", "ends"]
        await until(lambda: second.log == ["runs"])
        assert len(second.doors) == 2, "a trigger that waited is made anew: it knew an old state of its door"


async def test_a_door_that_is_free_runs_with_the_trigger_that_was_opened_for_it(database):
    one = Process(database)
    async with started(one):
        await until(lambda: one.log == ["runs"])
        assert (await one.doors[0].emit(event(1))).id == event(1).id
    assert len(one.doors) == 1


async def test_what_froze_accepts_nothing_any_more_and_steps_back_when_another_runs_it(database):
    first, second = Process(database), Process(database)
    async with started(first):
        await until(lambda: first.log == ["runs"])
        emit = first.doors[0].emit
        first.frozen_s = LEASE_S
        with pytest.raises(TryAgain, match="Another process runs this door"):
            await emit(event(1))
        silence(database)
        async with started(second):
            await until(lambda: second.log == ["runs"])
            await until(lambda: first.log == ["runs", "ends"])
            with pytest.raises(TryAgain):
                await emit(event(1))
            assert first.told().ok, "the other one runs it, and its row says so"


async def test_a_short_standstill_that_nobody_used_ends_no_run(database):
    one = Process(database)
    async with started(one):
        await until(lambda: one.log == ["runs"])
        one.frozen_s = HELD_S + 0.5
        await asyncio.sleep(3)
        assert one.log == ["runs"]
        assert (await one.doors[0].emit(event(1))).id == event(1).id


async def test_without_its_database_a_process_steps_back_in_time_and_comes_back_with_it(tmp_path):
    with throwaway_database("sqlite", tmp_path) as url:
        database = open_lease_database(url)
        create_tables(database)
        one = Process(database)
        async with started(one):
            await until(lambda: one.log == ["runs"])
            with database.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE leases RENAME TO gone")
            one.frozen_s = HELD_S - 2
            await until(lambda: one.log == ["runs", "ends"])
            assert not one.told().ok
            with database.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE gone RENAME TO leases")
            await until(lambda: one.log == ["runs", "ends", "runs"])
        database.dispose()


async def test_a_trigger_that_fails_is_opened_again_and_the_page_says_so_meanwhile(database):
    one = Process(database)
    one.doors[0].fault = ValueError("boom")
    async with started(one):
        await until(lambda: one.log == ["runs"])
        await until(lambda: not one.told().ok)
        assert "see the log" in one.told().words
        await until(lambda: one.log == ["runs", "runs"])
        assert one.told().ok


async def test_a_process_that_only_serves_reads_what_the_runner_tells(database):
    web, runner = Process(database, runs=False), Process(database)
    async with started(web):
        assert web.told() == Health(
            ok=False, words="No process runs this door: start one with `python -m bot run --role triggers`.",
        )  # fmt: skip
        async with started(runner):
            await until(lambda: web.told().ok)
            assert web.told() == Health(ok=True, words="Works.", heard_at=NOW)
            runner.doors[0].words = "Works better."
            await until(lambda: web.told().words == "Works better.")
        assert not web.told().ok
        assert web.told().words.startswith("No process runs this door since ")
    assert web.log == []


async def test_a_door_that_is_heard_without_a_run_works_where_it_is_served_whoever_runs_it(database):
    web, runner = Process(database, runs=False), Process(database)
    web.doors[0].without_run = "Listening."
    assert (web.told().ok, web.told().words) == (True, "Listening.")
    async with started(web):
        async with started(runner):
            runner.doors[-1].words = "Works, and calls back."
            await until(lambda: web.told().words == "Works, and calls back.")
        assert (web.told().ok, web.told().words, web.told().heard_at) == (True, "Listening.", NOW)


async def test_what_this_process_knows_of_its_own_door_is_believed_before_the_row(database):
    one = Process(database)
    async with started(one):
        await until(lambda: one.told().ok)
        one.doors[0].words = "Changed this very moment."
        assert one.told().words == "Changed this very moment."


async def test_without_the_database_only_what_runs_here_is_known(tmp_path):
    with throwaway_database("sqlite", tmp_path) as url:
        database = open_lease_database(url)
        create_tables(database)
        one, web = Process(database), Process(database, runs=False)
        async with started(one, web):
            await until(lambda: one.log == ["runs"])
            with database.begin() as connection:
                connection.exec_driver_sql("DROP TABLE door_health")
            assert one.told().ok
            assert web.told().words.startswith("Not known: the database does not answer")
        database.dispose()
