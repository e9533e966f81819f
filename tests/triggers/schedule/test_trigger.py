"""The schedule trigger: each instant once, through restarts, missed hours, edited rules and clocks that jump."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import TryAgain
from tests.triggers.schedule.rig import Clock, Crash, MemoryEngine, MemoryStore, rule
from tests.triggers.schedule.walk import LINES, ZONES, walked
from triggers.schedule.trigger import ScheduleTrigger

pytestmark = pytest.mark.anyio
CHOSEN = list(LINES)[:3]


class House:
    """A trigger that can be started again over what is kept."""

    def __init__(self, *rules, at="2026-11-29 07:00") -> None:
        self.clock = Clock(at)
        self.store: Any = MemoryStore()
        self.engine: Any = MemoryEngine()
        self.rules = rules
        self.start()

    def start(self, *rules) -> None:
        self.rules = rules or self.rules
        self.trigger = ScheduleTrigger(self.rules, self.store, self.engine.skip, clock=self.clock)

    async def look(self, *times: str) -> Any:
        for at in times:
            self.clock.set(at)
            await self.trigger.look(self.engine.emit)
        return self.engine.ran

    async def watch(self, start: str, end: str) -> Any:
        """Look every half minute."""
        self.clock.set(end)
        end_s = self.clock.at_s
        self.clock.set(start)
        while self.clock.at_s <= end_s:
            await self.trigger.look(self.engine.emit)
            self.clock.at_s += 30
        return self.engine.ran


async def test_an_instant_that_comes_while_it_is_watched_runs():
    house = House(rule(missed="skip"))
    assert await house.watch("2026-11-29 07:58", "2026-11-29 08:05") == ["schedule:report:2026-11-29T08:00:00Z"]


async def test_a_rule_that_begins_has_no_past():
    house = House(rule(missed="all"))
    assert await house.look("2026-11-29 07:00") == []


@pytest.mark.parametrize(
    ("missed", "back_at", "ran", "skipped"),
    [
        ("latest", "2026-12-02 08:30", ["2026-12-02"], ["2026-11-30", "2026-12-01"]),
        ("latest", "2026-12-02 09:30", [], ["2026-11-30", "2026-12-01", "2026-12-02"]),
        ("skip", "2026-12-02 08:01", [], ["2026-11-30", "2026-12-01", "2026-12-02"]),
        ("all", "2026-12-02 09:30", ["2026-11-30", "2026-12-01", "2026-12-02"], []),
    ],
)
async def test_what_was_missed_while_down_runs_as_the_rule_says_and_the_rest_is_a_receipt(
    missed, back_at, ran, skipped
):
    house = House(rule(missed=missed), at="2026-11-29 09:00")
    await house.look("2026-11-29 09:00")
    house.clock.set(back_at)
    house.start()
    await house.look(back_at)
    assert house.engine.ran == [f"schedule:report:{day}T08:00:00Z" for day in ran]
    assert house.engine.skipped == {f"schedule:report:{day}T08:00:00Z": "missed" for day in skipped}


async def test_of_many_that_were_missed_the_last_ten_run():
    house = House(rule(cron="0 * * * *", missed="all"), at="2026-11-29 09:30")
    await house.look("2026-11-29 09:30", "2026-11-30 09:30")
    assert len(house.engine.ran) == 10
    assert len(house.engine.skipped) == 14
    assert house.engine.ran[-1] == "schedule:report:2026-11-30T09:00:00Z"


async def test_a_machine_that_slept_missed_what_came_meanwhile():
    house = House(rule(missed="skip"))
    await house.look("2026-11-29 07:59:30", "2026-11-29 11:00")
    assert house.engine.ran == []
    assert list(house.engine.skipped) == ["schedule:report:2026-11-29T08:00:00Z"]


async def test_a_database_that_is_away_delays_an_instant_and_does_not_make_it_missed():
    house = House(rule(missed="skip"))
    emit = house.engine.emit

    async def away(event, record=None):
        raise TryAgain("the database is away")

    house.engine.emit = away
    with pytest.raises(TryAgain):
        await house.watch("2026-11-29 07:59", "2026-11-29 08:00")
    house.engine.emit = emit
    for minute in range(1, 15):
        await house.look(f"2026-11-29 08:{minute:02}")
    assert house.engine.ran == ["schedule:report:2026-11-29T08:00:00Z"]


async def test_a_clock_that_is_set_back_runs_nothing_twice():
    house = House(rule(cron="*/10 * * * *"))
    await house.watch("2026-11-29 07:55", "2026-11-29 08:25")
    await house.watch("2026-11-29 07:35", "2026-11-29 08:35")
    assert [one[-9:-4] for one in house.engine.ran] == ["08:00", "08:10", "08:20", "08:30"]
    assert house.engine.repeats == 0


async def test_a_mark_from_a_clock_that_was_years_ahead_does_not_stop_the_schedule():
    house = House(rule(), at="2036-01-01 09:00")
    await house.look("2036-01-01 09:00")
    await house.watch("2026-11-29 07:59", "2026-11-29 08:01")
    assert house.engine.ran == ["schedule:report:2026-11-29T08:00:00Z"]


async def test_a_rule_that_was_edited_keeps_its_past_and_counts_anew_from_then():
    house = House(rule(cron="0 8 * * *"))
    await house.watch("2026-11-29 07:59", "2026-11-29 08:01")
    house.start(rule(cron="30 * * * *"))
    await house.look("2026-11-29 10:45")
    assert house.engine.ran == ["schedule:report:2026-11-29T08:00:00Z"]
    assert not house.engine.skipped, "half past eight was no instant of the line of that time"
    assert (await house.watch("2026-11-29 11:29", "2026-11-29 11:31"))[1:] == ["schedule:report:2026-11-29T11:30:00Z"]


async def test_what_was_due_when_the_rule_was_edited_runs_by_the_line_of_before():
    house = House(rule(cron="0 8 * * *"))
    await house.look("2026-11-29 07:55")
    house.start(rule(cron="0 9 * * *"))
    assert await house.look("2026-11-29 08:05") == ["schedule:report:2026-11-29T08:00:00Z"]


async def test_a_rule_under_another_name_starts_anew():
    house = House(rule("report", missed="all"))
    await house.look("2026-11-29 07:55")
    house.start(rule("weekly report", missed="all"))
    assert await house.look("2026-11-29 08:05") == []
    assert await house.watch("2026-11-30 07:59", "2026-11-30 08:00") == ["schedule:weekly report:2026-11-30T08:00:00Z"]


async def test_a_month_of_missed_minutes_is_told_by_the_latest_thousand():
    house = House(rule(cron="* * * * *"), at="2026-10-29 09:00")
    await house.look("2026-10-29 09:00", "2026-11-29 09:00:20")
    assert len(house.engine.skipped) == 999
    assert house.engine.ran == ["schedule:report:2026-11-29T09:00:00Z"]


@pytest.mark.parametrize("years", [pytest.param(1, marks=pytest.mark.brief), pytest.param(5, marks=pytest.mark.full)])
async def test_years_in_six_zones_with_restarts_faults_and_clock_steps_have_each_instant_once(years):
    """In five years a hundred restarts and a hundred steps of the clock, half of them back; against a walk."""
    chance = random.Random(14)
    start, end = datetime(2015 - years, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)
    lines = {f"{zone} {cron}": (zone, cron) for zone in ZONES for cron in CHOSEN}
    house = House(*(rule(name, cron, zone, "all") for name, (zone, cron) in lines.items()))
    house.clock.at_s, house.engine = start.timestamp(), MemoryEngine(chance)
    house.start()
    await house.trigger.look(house.engine.emit)
    seen_s, restarts, steps = house.clock.at_s, 0, 0
    while house.clock.at_s < end.timestamp():
        house.clock.at_s += chance.uniform(600, 6 * 3_600)
        if chance.random() < 0.015:
            house.start()
            restarts += 1
        if chance.random() < 0.015:
            house.clock.at_s += chance.choice((1, -1)) * chance.uniform(60, 5 * 86_400)
            steps += 1
        seen_s = max(seen_s, house.clock.at_s)
        try:
            await house.trigger.look(house.engine.emit)
        except TryAgain:
            pass
        except Crash:
            house.start()
    house.clock.at_s = seen_s + 1
    while True:
        try:
            await house.trigger.look(house.engine.emit)
            break
        except (TryAgain, Crash):
            continue
    until = datetime.fromtimestamp(house.clock.at_s, UTC)
    wanted = {
        f"schedule:{zone} {cron}:{instant:%Y-%m-%dT%H:%M:%SZ}"
        for zone in ZONES
        for cron, instants in walked(zone, CHOSEN, start, until).items()
        for instant in instants
    }
    assert restarts >= 20 * years
    assert steps >= 20 * years
    assert house.engine.instants() == wanted
    assert len(house.engine.ran) > 0.9 * len(wanted), "the rest was skipped where the clock leapt ahead"
