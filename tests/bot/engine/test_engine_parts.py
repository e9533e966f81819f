"""The tests of the engine's small parts: waker, policy, the one writer, and what dbos owes us."""

import asyncio
import inspect
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import dbos
import psycopg
import pytest
import sqlalchemy as sa
from dbos._queue import queue_worker_thread

from bot.engine import dbos_queue as transact
from bot.engine.queue_waker import QueueWaker
from bot.errors import Refused, SettingsError, TryAgain
from bot.retry import ASKING, DELIVERING, RetryPolicy, with_retries
from bot.store.database import open_database
from bot.store.group_commit import GroupCommit
from tests.bot.engines import event

HOME = Path(__file__).resolve().parents[3]


@pytest.fixture
def database(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    yield engine
    engine.dispose()


def insert(number):
    return lambda connection: connection.execute(sa.text(f"INSERT INTO t VALUES ({number})")).rowcount


def numbers(database):
    with database.connect() as connection:
        return [row[0] for row in connection.execute(sa.text("SELECT n FROM t ORDER BY n"))]


def test_one_bad_change_spoils_no_other(database):
    commits = GroupCommit(database)
    held = threading.Event()
    first = commits.submit(lambda _: held.wait(5))
    asked = [commits.submit(insert(number)) for number in (1, 2, 2, 3)]
    held.set()
    assert first.result(5)
    assert [done.result(5) for done in (asked[0], asked[1], asked[3])] == [1, 1, 1]
    with pytest.raises(sa.exc.IntegrityError):
        asked[2].result(5)
    commits.close()
    assert numbers(database) == [1, 2, 3]


def test_changes_that_met_another_process_in_a_knot_are_made_one_by_one(database):
    commits, held, tried = GroupCommit(database), threading.Event(), []

    def knotted(connection):
        tried.append(1)
        if len(tried) == 1:
            raise sa.exc.OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected("knot"))
        return insert(2)(connection)

    first = commits.submit(lambda _: held.wait(5))
    asked = [commits.submit(change) for change in (insert(1), knotted, insert(3))]
    held.set()
    assert first.result(5)
    assert [done.result(5) for done in asked] == [1, 1, 1]
    commits.close()
    assert numbers(database) == [1, 2, 3]


def test_a_change_nobody_waits_for_any_more_is_not_made(database):
    commits = GroupCommit(database)
    held = threading.Event()
    first = commits.submit(lambda _: held.wait(5))
    unwanted = commits.submit(insert(1))
    assert unwanted.cancel()
    wanted = commits.submit(insert(2))
    held.set()
    assert first.result(5)
    assert wanted.result(5) == 1
    commits.close()
    assert numbers(database) == [2]


def test_closing_finishes_what_was_asked_for(database):
    commits = GroupCommit(database)
    asked = [commits.submit(insert(number)) for number in range(50)]
    commits.close()
    assert all(done.done() for done in asked)
    assert len(numbers(database)) == 50


@pytest.mark.anyio
async def test_coroutines_are_told_of_their_changes_and_of_what_went_wrong(database):
    commits = GroupCommit(database)
    told = await asyncio.gather(*(commits.write(insert(number)) for number in (1, 2, 2, 3)), return_exceptions=True)
    assert [isinstance(result, sa.exc.IntegrityError) or result for result in told] == [1, 1, True, 1]
    commits.close()
    assert numbers(database) == [1, 2, 3]


@pytest.mark.anyio
async def test_a_change_whose_coroutine_was_cancelled_is_not_made(database):
    commits, begun, held = GroupCommit(database), threading.Event(), threading.Event()

    def hold(_):
        begun.set()
        return held.wait(5)

    first = asyncio.create_task(commits.write(hold))
    await asyncio.to_thread(begun.wait, 5)
    unwanted = asyncio.create_task(commits.write(insert(1)))
    await asyncio.sleep(0.05)
    unwanted.cancel()
    await asyncio.gather(unwanted, return_exceptions=True)
    held.set()
    assert await first
    assert await commits.write(insert(2)) == 1
    commits.close()
    assert numbers(database) == [2]


def test_a_ring_ends_the_wait_and_a_pause_holds_it():
    bell = QueueWaker()
    bell.ring()
    assert not bell.wait(30)
    bell.pause()
    bell.ring()
    over = threading.Event()

    def wait() -> None:
        bell.wait(30)
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    assert not over.wait(0.2)
    bell.resume()
    assert over.wait(5)


def test_a_stopped_bell_ends_every_wait_even_a_paused_one():
    bell = QueueWaker()
    bell.pause()
    threading.Timer(0.1, bell.set).start()
    begun = time.monotonic()
    assert bell.wait(30)
    assert bell.is_set()
    assert time.monotonic() - begun < 10


def test_waits_grow_and_respect_what_was_asked_for():
    assert [ASKING.wait_s(tried, None) for tried in (1, 2, 3, 4)] == [2, 4, 8, 16]
    assert ASKING.wait_s(1, 37.5) == 37.5
    assert ASKING.wait_s(1, 1e9) == 3_600
    assert [DELIVERING.wait_s(tried, None) for tried in (1, 9)] == [2, 300]
    assert (ASKING.tries, DELIVERING.tries) == (5, 31)


def test_wrong_settings_are_not_tried_again():
    calls = []

    async def call():
        calls.append(1)
        raise SettingsError("The key is wrong.")

    with pytest.raises(Refused, match="The key is wrong"):
        asyncio.run(with_retries("answer", "e", call, RetryPolicy(tries=5, first_wait_s=0.01)))
    assert len(calls) == 1


def test_a_handler_that_raises_a_timeout_of_its_own_did_not_meet_ours():
    async def call():
        raise TimeoutError

    with pytest.raises(Refused, match="Something went wrong"):
        asyncio.run(with_retries("answer", "e", call, RetryPolicy(tries=1)))


def test_cancelling_is_not_a_fault():
    async def main():
        task = asyncio.create_task(with_retries("answer", "e", lambda: asyncio.sleep(60), ASKING))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_a_stop_ends_a_long_wait():
    async def main():
        stop = asyncio.Event()

        async def call():
            asyncio.get_running_loop().call_later(0.01, stop.set)
            raise TryAgain("busy", after_s=3_000)

        await with_retries("answer", "e", call, ASKING, stop)

    with pytest.raises(Refused, match="stopped"):
        asyncio.run(main())


def test_dbos_still_has_what_we_use_of_its_inside():
    """Pinned in pyproject.toml; on an upgrade read these places again, and run the crash suite."""
    assert list(inspect.signature(queue_worker_thread).parameters) == ["stop_event", "dbos", "queue"]
    used = {line.split("stop_event.")[1].split("(")[0] for line in _lines(queue_worker_thread) if "stop_event." in line}
    assert used == {"wait", "is_set"}
    assert hasattr(dbos.DBOSClient, "enqueue_in_transaction")


def test_names_that_stand_in_databases_do_not_change():
    """Another name or version leaves waiting events alone: drain first, then change this test."""
    assert (transact.NAME, transact.VERSION, transact.QUEUE, transact.WORKFLOW) == (
        "bellhop",
        "1",
        "events",
        "handle_event",
    )


def test_the_engine_on_sqlite_opens_no_connection(tmp_path):
    code = """
import asyncio, sys
def watch(name, args):
    if name in ("socket.connect", "socket.getaddrinfo"):
        print("network", name, args[1:], flush=True)
sys.addaudithook(watch)
from bot.engine import Engine
from tests.bot.engines import Told, event, until
async def main():
    engine = Engine(sys.argv[1])
    await engine.start(Told())
    await engine.emit(event(1))
    await until(lambda: engine.receipts.counts()["answered"] == 1)
    await engine.stop(1)
asyncio.run(main())
print("done")
"""
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'bot.db'}"]
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    ran = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "network" not in ran.stdout
    assert ran.stdout.endswith("done\n")


def _lines(function):
    return inspect.getsource(function).splitlines()


def test_made_up_events_sort_as_they_were_made():
    ids = [event(number).id for number in range(1_000)]
    assert ids == sorted(ids)
