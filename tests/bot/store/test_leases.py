"""Leases: one owner at a time, on SQLite and on Postgres; what is silent, dead or given back is taken over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import clock
from bot.store.creation import create_tables
from bot.store.database import open_database
from bot.store.leases import LEASE_S, Leases, Taken, is_dead, new_owner, open_lease_database, shown
from bot.store.schema import leases
from tests.bot.engines import throwaway_database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    with throwaway_database(request.param, tmp_path) as url:
        opened = open_lease_database(url)
        create_tables(opened)
        yield opened
        opened.dispose()


def renew(one, names):
    with one._database.begin() as connection:
        return one.renew(connection, names)


def age(database, seconds):
    """As if that time had passed since every lease was renewed."""
    with database.begin() as connection:
        connection.execute(sa.update(leases).values(until=leases.c.until - seconds))


def test_the_first_takes_and_the_second_learns_who_holds(database):
    first, second = Leases(database, "a:1::x"), Leases(database, "b:2::y")
    assert first.take({"slack", "folder"}) == Taken(frozenset({"slack", "folder"}))
    assert second.take({"slack", "sheet"}) == Taken(frozenset({"sheet"}), {"slack": "a:1::x"})
    assert renew(first, {"slack", "folder"}) == {"slack", "folder"}


def test_what_was_not_renewed_is_taken_over_and_the_one_before_learns_it(database):
    first, second = Leases(database, "a:1::x"), Leases(database, "b:2::y")
    first.take({"slack", "folder"})
    age(database, LEASE_S - 1)
    assert second.take({"slack"}).ours == frozenset()
    age(database, 2)
    assert second.take({"slack"}).ours == {"slack"}
    assert renew(first, {"slack", "folder"}) == {"folder"}
    assert first.take({"slack"}) == Taken(frozenset(), {"slack": "b:2::y"})


def test_a_lease_given_back_is_free_at_once_and_only_ones_own_are_given_back(database):
    first, second = Leases(database, "a:1::x"), Leases(database, "b:2::y")
    first.take({"slack"})
    second.take({"sheet"})
    first.release()
    assert second.take({"slack"}).ours == {"slack"}
    assert first.take({"sheet"}).owners == {"sheet": "b:2::y"}


def test_an_owner_that_lost_its_thread_takes_its_own_lease_again_without_waiting(database):
    one = Leases(database, "a:1::x")
    one.take({"slack"})
    assert one.take({"slack"}).ours == {"slack"}


def test_of_two_that_saw_the_same_silence_one_wins(database):
    first, second, third = (Leases(database, owner) for owner in ("a:1::x", "b:2::y", "c:3::z"))
    first.take({"slack"})
    age(database, LEASE_S + 1)
    assert second._seize("slack", "a:1::x")
    assert not third._seize("slack", "a:1::x")
    assert not third._seize("slack", "")


def test_a_process_of_this_machine_that_has_ended_keeps_nobody_waiting(database):
    program = "from bot.store.leases import new_owner; print(new_owner())"
    owner = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    Leases(database, owner).take({"slack"})
    assert Leases(database).take({"slack"}).ours == {"slack"}


def test_a_lease_of_before_the_machine_was_started_anew_is_free(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    create_tables(database)
    Leases(database, "a:1::x").take({"slack"})
    age(database, -clock.machine_s())  # the old count was higher than the new one will be for a long time
    assert Leases(database, "b:2::y").take({"slack"}).ours == {"slack"}
    database.dispose()


def test_only_a_process_that_certainly_ended_counts_as_dead():
    mine = new_owner()
    host, pid, machine, _ = mine.rsplit(":", 3)
    assert not is_dead(mine, mine)
    assert not is_dead(new_owner(), mine)
    assert not is_dead(f"{host}:{os.getppid()}:{machine}:aa", mine)
    assert not is_dead(f"{host}:999999999:elsewhere:aa", mine)
    assert not is_dead(f"{host}:999999999::aa", f"{host}:1::bb")
    assert not is_dead("", mine)
    if Path("/proc/self/ns/pid").exists():
        assert is_dead(f"{host}:999999999:{machine}:aa", mine)
        assert is_dead(f"{host}:{pid}:{machine}:former", mine)


def test_an_owner_is_shown_by_host_and_process_number():
    assert shown("web.1:17:abcd:ef") == "web.1:17"
