"""The rows of door health: told by one process, read by all, not believed for long."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.events import Health
from bot.store.creation import create_tables
from bot.store.database import hold_alone, open_database
from bot.store.health import SILENT_S, HealthRows
from bot.store.schema import door_health, workers
from tests.bot.engines import throwaway_database

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
WELL = Health(ok=True, words="Connected.", heard_at=NOW, last_event_at=NOW - timedelta(hours=1))


@pytest.fixture(params=["sqlite", "postgres"])
def rows(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        database = open_database(url)
        create_tables(database)
        yield HealthRows(database, clock=NOW.timestamp)
        database.dispose()


def tell(rows, runner="one", **doors):
    with rows._database.begin() as connection:
        rows.tell(connection, runner, doors)


def heard(rows, door, health):
    with rows._database.begin() as connection:
        rows.tell_heard(connection, door, health)


def test_what_is_told_is_read_as_it_was_told(rows):
    faulty = Health(ok=False, words="The folder is missing.")
    tell(rows, slack=WELL, folder=faulty)
    told = rows.read()
    assert {name: one.now() for name, one in told.items()} == {"slack": WELL, "folder": faulty}
    assert told["slack"].runner == "one"


def test_a_row_that_nobody_refreshes_counts_as_not_running_and_keeps_its_times(rows):
    tell(rows, slack=WELL)
    with rows._database.begin() as connection:
        connection.execute(sa.update(door_health).values(beat=door_health.c.beat - SILENT_S - 1))
    now = rows.read()["slack"].now()
    assert (now.ok, now.words) == (False, "No process runs this door since 29 Nov 2026 10:00:00 UTC.")
    assert (now.heard_at, now.last_event_at) == (WELL.heard_at, WELL.last_event_at)


def test_a_row_from_before_the_machine_was_started_anew_is_not_believed(rows):
    tell(rows, slack=WELL)
    with rows._database.begin() as connection:
        connection.execute(sa.update(door_health).values(beat=door_health.c.beat + 1e9))
    assert not rows.read()["slack"].now().ok


def test_a_process_that_ended_in_order_says_so_at_once_and_only_for_its_own_doors(rows):
    tell(rows, "one", slack=WELL)
    tell(rows, "two", folder=WELL)
    rows.tell_ended("one")
    assert {name: told.now().ok for name, told in rows.read().items()} == {"slack": False, "folder": True}


def test_a_new_runner_that_has_heard_nothing_yet_forgets_no_time(rows):
    tell(rows, "one", slack=WELL)
    tell(rows, "two", slack=Health(ok=True, words="Connecting."))
    told = rows.read()["slack"]
    assert (told.runner, told.health.heard_at, told.health.last_event_at) == ("two", WELL.heard_at, WELL.last_event_at)


def test_a_web_process_moves_the_times_on_and_nothing_else_and_never_back(rows):
    tell(rows, slack=WELL)
    later = NOW + timedelta(seconds=5)
    heard(rows, "slack", Health(ok=False, words="not mine to say", heard_at=later, last_event_at=later))
    heard(rows, "slack", Health(ok=False, words="", heard_at=NOW - timedelta(days=1)))
    health = rows.read()["slack"].now()
    assert health == Health(ok=True, words="Connected.", heard_at=later, last_event_at=later)
    tell(rows, slack=WELL)
    assert rows.read()["slack"].health.heard_at == later


def test_a_time_that_a_wrong_clock_set_into_the_future_is_corrected(rows):
    tell(rows, slack=Health(ok=True, words="", heard_at=NOW + timedelta(days=400)))
    tell(rows, slack=WELL)
    assert rows.read()["slack"].health.heard_at == NOW


def test_no_worker_is_told_from_one_on_sqlite_and_looking_disturbs_nobody(tmp_path):
    file = tmp_path / "bot.db"
    database = open_database(f"sqlite:///{file}")
    create_tables(database)
    rows = HealthRows(database)
    assert rows.workers() == 0
    lock = hold_alone(file)
    assert lock
    assert rows.workers() == 1
    lock.close()
    assert rows.workers() == 0
    with closing(sqlite3.connect(f"{file}.lock")) as looking:  # somebody looks just now
        looking.execute("BEGIN")
        looking.execute("SELECT * FROM sqlite_master").fetchall()
        assert rows.workers() == 0
    database.dispose()


def test_workers_on_postgres_count_while_they_are_heard(tmp_path):
    with throwaway_database("postgres", tmp_path) as url:
        database = open_database(url)
        create_tables(database)
        rows = HealthRows(database)
        assert rows.workers() == 0
        with database.begin() as connection:
            connection.execute(sa.insert(workers).values(id="a", seen_at=sa.func.now()))
            connection.execute(sa.insert(workers).values(id="b", seen_at=NOW - timedelta(days=1000)))
        assert rows.workers() == 1
        database.dispose()
