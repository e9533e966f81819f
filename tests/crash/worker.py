"""A worker of the crash suite: a source that redelivers until acknowledged, and a handler that pays.

`python -m tests.crash.worker DATABASE_URL OUTSIDE EVENTS [POISON] [ANSWER_S] [PARK]`; prints "ready", and "refused: …"
when it may not start. With PARK each event is parked before it is paid: every second one until a time, the others until
the worker, or another one, calls it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog

from bot.engine import Engine
from bot.errors import SettingsError, Waits
from bot.events import Answer, Event, Place
from bot.store.schema import METADATA
from bot.store.statements import DIALECTS
from tests.bot.engines import QUICK, answer_to, event
from tests.crash.outside import Outside

CONVERSATIONS = 10
PLACES = 8


door_rows = sa.Table("crash_door_rows", METADATA, sa.Column("event", sa.Text, primary_key=True))
"""What a door keeps of its own: a row for each event that it handed over, in the event's own transaction."""


class Paying:
    """Every effect is written outside at once, so that a kill right after it finds it done."""

    def __init__(self, outside: Outside, engine: Engine, poison: str, answer_s: float, *, parks: bool) -> None:
        self._outside, self._engine, self._poison, self._answer_s = outside, engine, poison, answer_s
        self._parks = parks
        self._chance = random.Random()

    async def open_reply(self, event: Event, attempt: int) -> Place:
        await self._pause()
        found = self._outside.find(event.id) if attempt > 1 else None
        return {"reply": self._outside.post(event.id) if found is None else found}

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        if event.id == self._poison:
            os.kill(os.getpid(), signal.SIGKILL)
        await self._park(event)
        if await asyncio.to_thread(self._engine.receipts.answer, event.id):
            self._outside.note("paid again", event.id, event.conversation)
        self._outside.note("asked", event.id, event.conversation)
        await asyncio.sleep(self._answer_s)
        await self._pause()
        self._outside.note("paid", event.id, event.conversation)
        return answer_to(event.id)

    async def wait(self, event: Event, reason: str, until: datetime | None) -> None:
        """Nobody waits here."""

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        await self._pause()
        reply = place["reply"]
        assert isinstance(reply, int)
        self._outside.edit(reply, answer.text)
        self._outside.note("delivered", event.id, event.conversation)

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        self._outside.note("told", event.id, reason)

    def over(self, event_id: str, *, is_parked: bool) -> None:
        """Nothing is remembered here."""

    async def _park(self, event: Event) -> None:
        note: dict[str, object] = await asyncio.to_thread(self._engine.receipts.note, event.id)
        if not self._parks or note:
            return
        await self._pause()
        self._outside.note("parked", event.id, event.conversation)
        soon = datetime.now(UTC) + timedelta(seconds=self._chance.uniform(0, 0.5))
        until = soon if int(event.id[-1]) % 2 else None
        raise Waits("It waits.", until, waits_for="time" if until else "call", note={"parked": True})

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.02))


async def deliver_events(engine: Engine, outside: Outside, count: int) -> None:
    """What a source does: hand over, acknowledge, and after a crash hand over again what was not acknowledged."""
    acked = outside.acked()
    for number in range(count):
        one = event(number, f"c{number % CONVERSATIONS}")
        if one.id not in acked:
            await engine.emit(one, record=partial(keep_row, event_id=one.id))
            outside.ack(one.id)
            await asyncio.sleep(0.01)  # so that there is work for every kill


def keep_row(connection: sa.Connection, event_id: str) -> None:
    """The door's own row; a second time it stands already."""
    insert = DIALECTS[connection.dialect.name].insert(door_rows).values(event=event_id)
    connection.execute(insert.on_conflict_do_nothing())


async def call_parked(engine: Engine) -> None:
    """Call everything that waits for a call, as often as it is seen waiting."""
    while True:
        for event_id in await asyncio.to_thread(engine.receipts.parked, "call"):
            await engine.wake(event_id)
        await asyncio.sleep(0.05)


async def main(url: str, outside_path: str, count: str, poison: str = "", answer_s: str = "0", parks: str = "") -> int:
    outside, loop, ended = Outside(Path(outside_path)), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    engine = Engine(url, asking=QUICK, delivering=QUICK, concurrency=PLACES, frozen_after_s=3.0)
    try:
        await engine.start(Paying(outside, engine, poison, float(answer_s), parks=bool(parks)))
    except SettingsError as error:
        print(f"refused: {error.reason}", flush=True)  # noqa: T201  # the test reads it
        return 2
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    tasks = [asyncio.create_task(deliver_events(engine, outside, int(count)))]
    tasks += [asyncio.create_task(call_parked(engine))] if parks else []
    await ended.wait()
    for task in tasks:
        task.cancel()
    await engine.stop(5)
    return 0


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.exit(asyncio.run(main(*sys.argv[1:])))
