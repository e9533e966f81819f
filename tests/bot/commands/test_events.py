"""`bot events` and `bot retry` as a person at a terminal of eighty columns sees them."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot.engine import Engine, parking, transitions
from bot.errors import Waits
from bot.events import Event, FilePath, State
from tests.bot.running import bot

LONG = "sheet:1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG:1234567890:7kfq3m2x9p7kfq3m2x9p-and-some-more"
REASON = "skipped: backlog. The file was there before Bellhop first watched this folder; say what to do with it."


def event(number, subject="report.pdf", event_id=None):
    identity = event_id or f"file:8ed618875f0dba70:{number:020d}:5891b5b522d5df08"
    address = FilePath("/in", subject)
    return Event(identity, "folder", "folder", "", subject, datetime.now(UTC), f"file:{number}", address)


@pytest.fixture
def house(tmp_path):
    """A folder with three events in its database, none of them running."""
    (tmp_path / "state").mkdir()
    engine = Engine(f"sqlite:///{tmp_path}/state/bot.db", listen=False)

    async def fill():
        await engine.skip(event(1), REASON)
        await engine.skip(event(2, "two\nlines\x1b[2J.txt"), REASON)
        await engine.skip(event(3, event_id=LONG), REASON)
        await engine.emit(replace(event(4), source="slack"))

    asyncio.run(fill())
    engine.close()
    return tmp_path


def test_an_id_stands_whole_on_a_line_of_its_own_however_narrow_the_terminal(house):
    lines = [line.strip() for line in bot(house, "events", COLUMNS="80").stdout.splitlines()]
    assert [line for line in lines if line.startswith(("file:", "sheet:"))] == [
        event(4).id,
        LONG,
        event(2).id,
        event(1).id,
    ]


def test_the_rest_fits_into_eighty_columns_with_reasons_broken_between_words(house):
    lines = bot(house, "events", COLUMNS="80").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines if LONG not in line)
    assert lines[0].split() == ["Received", "Source", "State", "In", "all", "Cost", "What"]
    assert lines == [line.rstrip() for line in lines]
    assert sum("skipped: backlog. The file was there before Bellhop first watched" in line for line in lines) == 3


def test_a_name_from_outside_stays_on_its_line_and_sends_the_terminal_no_orders(house):
    out = bot(house, "events", COLUMNS="80").stdout
    assert "\x1b" not in out
    assert "two lines [2J.txt" in out


def states(house):
    lines = bot(house, "events", "--json").stdout.splitlines()
    return [json.loads(line)["state"] for line in lines]


def test_all_that_was_skipped_runs_again_at_one_word_the_oldest_first(house):
    done = bot(house, "retry", "--skipped")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [f"runs again: {event_id}" for event_id in (event(1).id, event(2).id, LONG)]
    assert states(house) == ["received"] * 4
    assert bot(house, "retry", "--skipped").stdout == "Nothing is skipped.\n"
    assert bot(house, "retry", "--failed", "--skipped").stdout == "Nothing is failed or skipped.\n"


def test_what_something_newer_has_overtaken_is_left_out_and_said(house):
    engine = Engine(f"sqlite:///{house}/state/bot.db", listen=False)
    asyncio.run(engine.emit(replace(event(1), id="file:8ed618875f0dba70:later")))
    engine.close()
    *started, left_out = bot(house, "retry", "--skipped").stdout.splitlines()
    assert started == [f"runs again: {event_id}" for event_id in (event(2).id, LONG)]
    assert left_out.startswith("left out: 1 ")
    assert bot(house, "retry", event(1).id).stdout == f"runs again: {event(1).id}\n"


def test_a_named_event_and_all_skipped_ones_run_again_once_each(house):
    assert len(bot(house, "retry", event(2).id, "--skipped").stdout.splitlines()) == 3


def test_the_states_that_may_be_asked_for_are_all_named(house):
    told = " ".join(bot(house, "events", "--help", COLUMNS="200").stdout.split())
    assert f"Only these: {', '.join(get_args(State))}." in told


def test_retry_without_a_word_says_what_to_say(house):
    done = bot(house, "retry")
    assert done.returncode == 2
    assert "--failed or --skipped" in done.stderr


def test_a_parked_event_is_found_by_its_state_with_what_it_waits_for(house):
    engine = Engine(f"sqlite:///{house}/state/bot.db", listen=False)
    with engine._base.database.begin() as connection:
        run = transitions.begin(connection, event(4).id, 0.0)
        assert run
        parking.parked(connection, run, Waits("It waits for its batch.", waits_for="batch"), 0.0)
    engine.close()
    found = json.loads(bot(house, "events", "--state", "waiting", "--json").stdout)
    assert (found["id"], found["state"], found["waits_for"]) == (event(4).id, "waiting", "batch")
    assert "It waits for its batch." in bot(house, "events", "--state", "waiting").stdout
    assert bot(house, "retry", event(4).id).stdout == f"runs again: {event(4).id}\n"
