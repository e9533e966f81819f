"""The schedule trigger with the real engine, on both databases: an instant's event and its mark are kept together."""

import asyncio
from functools import partial

import pytest

from bot.doors.schedule.schedule_store import ScheduleStore
from bot.store.database import open_database
from tests.bot import engines
from tests.triggers.schedule.rig import Clock, rule
from triggers.schedule.trigger import ScheduleTrigger

pytestmark = pytest.mark.anyio
ID = "schedule:report:2026-11-29T08:00:00Z"


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_an_instant_runs_once_over_two_triggers_and_a_restart(tmp_path, store):
    handler, clock = engines.Told(), Clock("2026-11-29 07:59:30")
    with engines.throwaway_database(store, tmp_path) as url:
        database = open_database(url)
        async with engines.running(url, handler) as engine:
            opened = partial(ScheduleTrigger, (rule(),), ScheduleStore(database), engine.skip, clock=clock)
            first, second = opened(), opened()
            for trigger in (first, second):
                await trigger.look(engine.emit)
            clock.set("2026-11-29 08:00:00")
            for trigger in (first, second, opened()):
                await trigger.look(engine.emit)
            await engines.until(lambda: handler.times("deliver", ID))
            assert handler.times("answer", ID) == 1
            assert ScheduleStore(database).all()["report"].done_until == clock.at_s
            assert [receipt.id for receipt in engine.receipts.newest()] == [ID]
        database.dispose()


async def test_a_run_that_takes_longer_than_its_period_keeps_the_next_one_waiting(tmp_path):
    handler, clock = engines.Told(), Clock("2026-11-29 07:59:30")
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    began, over = [], asyncio.Event()

    async def slow(event):
        began.append(event.id)
        if event.id == ID:
            await over.wait()

    handler.on_answer = slow
    async with engines.running(url, handler) as engine:
        store = ScheduleStore(open_database(url))
        trigger = ScheduleTrigger((rule(cron="* * * * *"),), store, engine.skip, clock=clock)
        for at in ("07:59:30", "08:00:00", "08:01:00"):
            clock.set(f"2026-11-29 {at}")
            await trigger.look(engine.emit)
        await engines.until(lambda: began)
        assert began == [ID]
        over.set()
        await engines.until(lambda: engine.receipts.counts()["answered"] == 2)
        assert began == [ID, "schedule:report:2026-11-29T08:01:00Z"]
