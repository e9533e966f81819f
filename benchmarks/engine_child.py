"""The process that benchmarks/engine.py measures: our engine, its queue library alone, a queue in memory.

`python -m benchmarks.engine_child measure|serve|rest|park ours|alone|naive DATABASE_URL LOG EVENTS`; "park" lays EVENTS
parked events into the database, "rest" measures a process that has nothing to do.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from benchmarks.engine_alone import Alone
from bot.engine import Engine, parking, transitions
from bot.engine.acceptance import NEW
from bot.errors import Waits
from bot.events import Answer, Event, HttpCaller, Place, Usage
from bot.store.database import open_database

ANSWER_S = 0.005
LONE_EVENTS = 60
IDLE_S = 5.0
Emit = Callable[[Event], Awaitable[object]]


class Noting:
    """A handler whose Claude answers in 5 ms; it notes when each event starts and is answered."""

    def __init__(self, log: Path, answer_s: float = ANSWER_S) -> None:
        self._log, self._answer_s = log.open("a", buffering=1), answer_s
        self._starts: dict[str, asyncio.Future[float]] = {}
        self.answered, self.all_answered, self.expected = 0, asyncio.Event(), 0

    def note(self, words: str) -> None:
        self._log.write(f"{words} {time.time():.6f}\n")

    def start_of(self, event: Event) -> asyncio.Future[float]:
        """When the event starts, or did."""
        return self._starts.setdefault(event.id, asyncio.get_running_loop().create_future())

    async def open_reply(self, event: Event, attempt: int) -> Place:
        if not self.start_of(event).done():
            self.start_of(event).set_result(time.perf_counter())
        self.note(f"started {event.id}")
        return {"attempt": attempt}

    async def answer(self, event: Event, _place: Place, _stop: asyncio.Event) -> Answer:
        await asyncio.sleep(self._answer_s)
        return Answer(f"answer to {event.id} " * 100, "claude-bench", "end_turn", Usage(500, 400), 0.01)

    async def wait(self, _event: Event, _reason: str, _until: datetime | None) -> None:
        """Nobody waits here."""

    async def deliver(self, event: Event, _place: Place, _answer: Answer) -> None:
        self.answered += 1
        if self.answered == self.expected:
            self.all_answered.set()
        self.note(f"answered {event.id}")

    async def fail(self, event: Event, _place: Place | None, _reason: str) -> None:
        self.note(f"failed {event.id}")

    def over(self, _event_id: str, *, is_parked: bool) -> None:
        """Nothing is remembered here."""
        del is_parked


class Naive:
    """The obvious thing: a queue in memory and twenty tasks."""

    def __init__(self, handler: Noting) -> None:
        self._handler, self._queue = handler, asyncio.Queue[Event]()
        self._tasks = [asyncio.create_task(self._work()) for _ in range(20)]

    async def emit(self, event: Event) -> None:
        self._queue.put_nowait(event)

    async def _work(self) -> None:
        while True:
            event = await self._queue.get()
            place = await self._handler.open_reply(event, 1)
            await self._handler.deliver(event, place, await self._handler.answer(event, place, asyncio.Event()))


def event(number: int) -> Event:
    """One of a hundred conversations; 2 KB of text."""
    return Event(
        id=f"bench:{number:08}",
        source="bench",
        rule="bench",
        text="what does this say? " * 100,
        subject=f"question {number}",
        time=datetime.now(UTC),
        conversation=f"c{number % 100}",
        reply_to=HttpCaller("bench"),
    )


async def lone_ms(emit: Emit, handler: Noting) -> list[float]:
    """Emit to start of the handler, one event at a time, at times that fall anywhere between two polls."""
    chance, waits_ms = random.Random(1), []
    for number in range(LONE_EVENTS):
        await asyncio.sleep(chance.uniform(0.06, 0.2))
        asked = time.perf_counter()
        await emit(event(number))
        waits_ms.append((await handler.start_of(event(number)) - asked) * 1_000)
    return waits_ms


async def sustained(emit: Emit, handler: Noting, events: int) -> float:
    """Events a second, from the first emit to the last answer."""
    handler.expected, begun = handler.answered + events, time.perf_counter()
    await asyncio.gather(*(emit(event(10_000 + number)) for number in range(events)))
    await handler.all_answered.wait()
    return events / (time.perf_counter() - begun)


async def measure(emit: Emit, handler: Noting, events: int) -> dict[str, float]:
    """All figures of one process at rest and at work."""
    await asyncio.sleep(1)
    cpu_s = time.process_time()
    await asyncio.sleep(IDLE_S)
    idle = (time.process_time() - cpu_s) / IDLE_S * 100
    waits_ms = await lone_ms(emit, handler)
    deciles = statistics.quantiles(waits_ms, n=20)
    rate = await sustained(emit, handler, events)
    return {"idle_percent": idle, "p50_ms": deciles[9], "p95_ms": deciles[18], "rate": rate, "memory_mb": resident_mb()}


async def at_rest(emit: Emit, handler: Noting, started_ms: float) -> dict[str, float]:
    """What a process costs that has nothing to do, however many events are parked in its database."""
    await asyncio.sleep(1)
    cpu_s = time.process_time()
    await asyncio.sleep(IDLE_S)
    idle, memory_mb = (time.process_time() - cpu_s) / IDLE_S * 100, resident_mb()
    deciles = statistics.quantiles(await lone_ms(emit, handler), n=20)
    return {"started_ms": started_ms, "idle_percent": idle, "memory_mb": memory_mb, "p95_ms": deciles[18]}


def park(url: str, events: int) -> None:
    """Lay parked events into a database by the engine's own statements: each in a conversation of its own."""
    engine, until = Engine(url, listen=False), datetime.now(UTC) + timedelta(days=1)
    waits, database = (
        Waits("It waits for its batch.", until, waits_for="batch", note={"batch": "b1"}),
        open_database(url),
    )
    with database.begin() as connection:
        for number in range(events):
            one = replace(event(1_000_000 + number), conversation=f"parked{number}")
            transitions.add(connection, one, NEW, time.time())
            run = transitions.begin(connection, one.id, time.time())
            assert run is not None
            parking.parked(connection, run, waits, time.time())
    engine.close()


def resident_mb() -> float:
    """Memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def main(task: str, kind: str, url: str, log: str, events: str) -> None:
    if task == "park":
        park(url, int(events))
        return
    handler = Noting(Path(log), answer_s=0.2 if task == "serve" else ANSWER_S)
    emit: Emit
    if kind == "ours":
        begun = time.perf_counter()
        engine = Engine(url)
        await engine.start(handler)
        started_ms = (time.perf_counter() - begun) * 1_000
        emit = engine.emit
    elif kind == "alone":
        alone = Alone(url, handler)
        await alone.start()
        emit = alone.emit
    else:
        emit = Naive(handler).emit
    gc.set_threshold(10_000, 20, 20)  # this and the next as `bot run` does
    gc.freeze()
    handler.note("ready -")
    if task == "rest":
        print(json.dumps(await at_rest(emit, handler, started_ms)), flush=True)
        os._exit(0)
    if task == "measure":
        print(json.dumps(await measure(emit, handler, int(events))), flush=True)
        os._exit(0)
    for number in range(int(events)):
        await emit(event(number))
        handler.note(f"accepted {event(number).id}")
    await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(main(*sys.argv[1:]))
