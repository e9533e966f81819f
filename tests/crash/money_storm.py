"""The storm on the ceilings of money: many events at once, several workers that are killed, and Claude's own bill."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bot.engine import Engine
from bot.errors import SPENT
from bot.events import Event, FilePath
from bot.reservations import reservations
from bot.store.database import open_database
from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.claude.playing import Pace
from playground.serving import serve
from tests.bot.running import running, until

MAX_TOKENS = 500
PARALLEL = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a storm left behind; money in US dollars. `dearest_usd` is the dearest call of the bill."""

    limit_usd: float
    bill_usd: float
    dearest_usd: float
    booked_usd: float
    estimated_usd: float
    answered: int
    waiting: int
    reserved: int


def money_storm(
    url: str, folder: Path, *, workers: int, events: int, kills: int, limit_usd: float, seed: int = 1
) -> Outcome:
    """Hand over all events at once, kill workers meanwhile, and wait until each is answered or waits for tomorrow."""
    stand_in = ClaudeStandIn(pace=Pace(first_token_s=0.2, tokens_per_s=300))
    (folder / "in").mkdir(parents=True)
    with serve(stand_in.app) as claude:
        crew = Crew(folder, url, claude, limit_usd)
        with contextlib.ExitStack() as stack:
            for _ in range(workers):
                crew.begin(stack)
            asyncio.run(_emit(url, folder, events))
            chance = random.Random(seed)
            for _ in range(kills):
                time.sleep(chance.uniform(0.3, 1.2))
                crew.kill(stack, chance.randrange(workers))
            until(lambda: _is_over(url, events), 180)
    return _outcome(url, stand_in, limit_usd)


class Crew:
    """The worker processes, each the very program that is shipped."""

    def __init__(self, folder: Path, url: str, claude: str, limit_usd: float) -> None:
        self._folder, self._alive = folder, list[contextlib.ExitStack]()
        self._variables = {
            "ANTHROPIC_BASE_URL": claude,
            "ANTHROPIC_API_KEY": DEFAULT_KEY,
            "DATABASE_URL": url,
            "WATCH_FOLDER": str(folder / "in"),
            "DAILY_BUDGET_USD": str(limit_usd),
            "CLAUDE_MAX_TOKENS": str(MAX_TOKENS),
            "CLAUDE_CONCURRENCY": str(PARALLEL),
        }

    def begin(self, stack: contextlib.ExitStack) -> None:
        """Start one."""
        own = stack.enter_context(contextlib.ExitStack())
        log = self._folder / f"{time.time_ns()}.log"
        own.enter_context(running(self._folder, log, role="worker", **self._variables))
        self._alive.append(own)

    def kill(self, stack: contextlib.ExitStack, number: int) -> None:
        """End one without warning, and start another."""
        self._alive.pop(number).close()
        self.begin(stack)


async def _emit(url: str, folder: Path, events: int) -> None:
    engine = Engine(url, listen=False)
    try:
        await asyncio.gather(*(engine.emit(event_of(folder, number)) for number in range(events)))
    finally:
        engine.close()


def event_of(folder: Path, number: int) -> Event:
    """A question of its own conversation and person, whose answer goes into a file."""
    name, now = f"{number:04}.txt", datetime.now(UTC)
    words = f"Question {number}: tell me about the harbour at night, in a few lines. " * 3
    address = FilePath(str(folder / "in"), name)
    return Event(
        f"money:{number:08}", "folder", "folder", words, name, now, f"money:{number}", address, person=f"p{number % 7}"
    )


def _is_over(url: str, events: int) -> bool:
    with _open(url) as connection:
        found = connection.execute(sa.text("SELECT state, waits_for, count(*) FROM receipts GROUP BY state, waits_for"))
        ended = sum(int(n) for state, waits_for, n in found if state == "answered" or waits_for == SPENT)
    return bool(ended == events)


def _outcome(url: str, stand_in: ClaudeStandIn, limit_usd: float) -> Outcome:
    with _open(url) as connection:
        sums = "SELECT coalesce(sum(cost_pico), 0), coalesce(sum(cost_pico * is_estimated), 0) FROM payments"
        booked, estimated = connection.execute(sa.text(sums)).one()
        counted = connection.execute(sa.text("SELECT state, count(*) FROM receipts GROUP BY state"))
        states = {state: int(count) for state, count in counted}
        held = connection.execute(sa.select(sa.func.count()).select_from(reservations)).scalar() or 0
    return Outcome(
        limit_usd=limit_usd,
        bill_usd=float(stand_in.bill.usd),
        dearest_usd=float(max(line.usd for line in stand_in.bill.lines)),
        booked_usd=float(booked) / 1e12,
        estimated_usd=float(estimated) / 1e12,
        answered=states.get("answered", 0),
        waiting=states.get("waiting", 0),
        reserved=held,
    )


@contextlib.contextmanager
def _open(url: str) -> Iterator[sa.Connection]:
    database = open_database(url)
    with database.connect() as connection:
        yield connection
    database.dispose()
