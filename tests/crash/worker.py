"""A worker of the crash suite: a source that redelivers until acknowledged, and a handler that pays.

`python -m tests.crash.worker DATABASE_URL OUTSIDE EVENTS [POISON] [ANSWER_S]`; prints "ready", and "refused: …" when it
may not start.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
from pathlib import Path

import structlog

from bot.engine import Engine
from bot.errors import SettingsError
from bot.events import Answer, Event, Place
from tests.bot.engines import QUICK, answer_to, event
from tests.crash.outside import Outside

CONVERSATIONS = 10
PLACES = 8


class Paying:
    """Every effect is written outside at once, so that a kill right after it finds it done."""

    def __init__(self, outside: Outside, engine: Engine, poison: str, answer_s: float) -> None:
        self._outside, self._engine, self._poison, self._answer_s = outside, engine, poison, answer_s
        self._chance = random.Random()

    async def open_reply(self, event: Event, attempt: int) -> Place:
        await self._pause()
        found = self._outside.find(event.id) if attempt > 1 else None
        return {"reply": self._outside.post(event.id) if found is None else found}

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        if event.id == self._poison:
            os.kill(os.getpid(), signal.SIGKILL)
        if await asyncio.to_thread(self._engine.receipts.answer, event.id):
            self._outside.note("paid again", event.id, event.conversation)
        self._outside.note("asked", event.id, event.conversation)
        await asyncio.sleep(self._answer_s)
        await self._pause()
        self._outside.note("paid", event.id, event.conversation)
        return answer_to(event.id)

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        await self._pause()
        reply = place["reply"]
        assert isinstance(reply, int)
        self._outside.edit(reply, answer.text)
        self._outside.note("delivered", event.id, event.conversation)

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        self._outside.note("told", event.id, reason)

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.02))


async def deliver_events(engine: Engine, outside: Outside, count: int) -> None:
    """What a source does: hand over, acknowledge, and after a crash hand over again what was not acknowledged."""
    acked = outside.acked()
    for number in range(count):
        one = event(number, f"c{number % CONVERSATIONS}")
        if one.id not in acked:
            await engine.emit(one)
            outside.ack(one.id)
            await asyncio.sleep(0.004)


async def main(url: str, outside_path: str, count: str, poison: str = "", answer_s: str = "0") -> int:
    outside, loop, ended = Outside(Path(outside_path)), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    engine = Engine(url, asking=QUICK, delivering=QUICK, concurrency=PLACES, frozen_after_s=3.0)
    try:
        await engine.start(Paying(outside, engine, poison, float(answer_s)))
    except SettingsError as error:
        print(f"refused: {error.reason}", flush=True)  # noqa: T201  # the test reads it
        return 2
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    source = asyncio.create_task(deliver_events(engine, outside, int(count)))
    await ended.wait()
    source.cancel()
    await engine.stop(5)
    return 0


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.exit(asyncio.run(main(*sys.argv[1:])))
