"""The crash suite: kill -9 under load, two processes on one file, a full disk, a frozen host."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bot.receipts import Receipts
from bot.store.database import open_database
from tests.bot.engines import event, throwaway_database
from tests.bot.running import until
from tests.crash.storm import HOME, Workers, assert_promises_kept, storm, wait_until_ended
from tests.crash.worker import PLACES


@pytest.mark.parametrize(
    ("store", "workers", "kills", "events"),
    [
        pytest.param("sqlite", 1, 4, 400, marks=pytest.mark.brief),
        pytest.param("postgres", 3, 4, 800, marks=pytest.mark.brief),
        pytest.param("sqlite", 1, 20, 1_500, marks=pytest.mark.full),
        pytest.param("postgres", 3, 20, 2_000, marks=pytest.mark.full),
    ],
)
def test_kill_9_under_load_loses_nothing_and_repeats_nothing(tmp_path, store, workers, kills, events):
    with throwaway_database(store, tmp_path) as url:
        crew = storm(url, tmp_path, workers=workers, kills=kills, events=events, seed=kills)
        assert_promises_kept(url, crew.outside, events)


@pytest.mark.parametrize(
    ("store", "workers", "kills", "events"),
    [
        pytest.param("sqlite", 1, 4, 120, marks=pytest.mark.brief),
        pytest.param("postgres", 2, 4, 120, marks=pytest.mark.brief),
        pytest.param("sqlite", 1, 12, 360, marks=pytest.mark.full),
        pytest.param("postgres", 2, 12, 480, marks=pytest.mark.full),
    ],
)
def test_parked_events_survive_kill_9_at_any_instant(tmp_path, store, workers, kills, events):
    """None is lost, none answered before it was parked, none paid or answered twice, none overtaken."""
    with throwaway_database(store, tmp_path) as url:
        crew = storm(url, tmp_path, workers=workers, kills=kills, events=events, seed=kills, parks=True)
        assert_promises_kept(url, crew.outside, events)
        assert {one for one, _ in crew.outside.effects("parked")} == {event(number).id for number in range(events)}


def test_work_of_a_dead_worker_is_taken_over_while_another_lives(tmp_path):
    """Nobody starts the dead one again."""
    with throwaway_database("postgres", tmp_path) as url:
        crew = Workers(url, tmp_path, events=200)
        try:
            first, _second = crew.begin(), crew.begin()
            time.sleep(0.3)
            crew.kill(first)
            wait_until_ended(url, 200)
        finally:
            crew.end()
        assert_promises_kept(url, crew.outside, 200)


@pytest.mark.full
def test_a_frozen_worker_is_taken_over_and_steps_back_when_it_thaws(tmp_path):
    """Frozen while it asks Claude, which is where an event spends its time."""
    with throwaway_database("postgres", tmp_path) as url:
        crew = Workers(url, tmp_path, events=40, answer_s=1.0)
        try:
            frozen = crew.begin()
            until(lambda: len(crew.outside.effects("asked")) - len(crew.outside.effects("paid")) == PLACES)
            frozen.send_signal(signal.SIGSTOP)
            crew.begin()
            wait_until_ended(url, 40)
            frozen.send_signal(signal.SIGCONT)
            time.sleep(1.0)
        finally:
            crew.end()
        assert_promises_kept(url, crew.outside, 40)


@pytest.mark.full
def test_an_event_that_kills_its_worker_is_set_aside_and_the_rest_flows_on(tmp_path):
    with throwaway_database("sqlite", tmp_path) as url:
        poison = event(3).id
        crew = Workers(url, tmp_path, events=30, poison=poison)
        try:
            for _ in range(5):
                dying = crew.begin()
                dying.communicate(timeout=30)
                crew.alive.remove(dying)
            crew.begin()
            wait_until_ended(url, 30)
        finally:
            crew.end()
        database = open_database(url)
        failed = Receipts(database).newest(state="failed")
        database.dispose()
        assert [receipt.id for receipt in failed] == [poison]
        assert "set aside" in failed[0].reason
        assert [one for one, _ in crew.outside.effects("told")] == [poison]


def test_a_second_process_on_the_same_file_refuses_in_plain_words(tmp_path):
    with throwaway_database("sqlite", tmp_path) as url:
        crew = Workers(url, tmp_path, events=0)
        try:
            crew.begin()
            command = [sys.executable, "-m", "tests.crash.worker", url, str(crew.outside_path), "0"]
            second = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=30, check=False)
        finally:
            crew.end()
        assert second.returncode == 2
        assert second.stdout.startswith("refused: Bellhop is already running on ")


def test_a_full_disk_accepts_nothing_and_work_goes_on_when_there_is_room_again(tmp_path):
    command = [sys.executable, "-m", "tests.crash.full_disk", f"sqlite:///{tmp_path / 'bot.db'}"]
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    ran = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout[-2_000:] + ran.stderr[-2_000:]
    accepted, refused, answered = (int(number) for number in ran.stdout.split()[-3:])
    assert refused > 0
    assert answered == accepted > refused
