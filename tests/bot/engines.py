"""What engine tests share: throwaway databases, made-up events and a handler that does as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bot.engine import Engine, RetryPolicy
from bot.engine.handler import Handler
from bot.events import Answer, Event, HttpCaller, Place, Receipt, Usage
from tests.needs import needs_postgres

QUICK = RetryPolicy(tries=5, first_wait_s=0.01)


@contextlib.contextmanager
def throwaway_postgres() -> Iterator[str]:
    """A database of its own, gone afterwards."""
    admin, name = needs_postgres(), f"bellhop_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield admin.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def on_server(statement: str, name: str = "") -> list[tuple[object, ...]]:
    """Run a statement beside the database `name`, which `{}` stands for."""
    with psycopg.connect(needs_postgres(), autocommit=True) as connection:
        ran = connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
        return ran.fetchall() if ran.description else []


def sessions(url: str, application: str = "%") -> list[tuple[object, ...]]:
    """End the sessions of a database, or of one application in it."""
    name = url.rpartition("/")[2]
    chosen = f"datname = '{name}' AND application_name LIKE '{application}'"
    return on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {chosen}")


@contextlib.contextmanager
def throwaway_database(store: str, folder: Path) -> Iterator[str]:
    """The URL of a new database, "sqlite" or "postgres"."""
    if store == "postgres":
        with throwaway_postgres() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'bot.db'}"


def event(number: int, conversation: str = "c", text: str = "why?", at_s: float = 0.0) -> Event:
    return Event(
        id=f"test:{number:08}",
        source="test",
        rule="chat",
        text=text,
        subject=f"question {number}",
        time=datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=at_s),
        conversation=conversation,
        reply_to=HttpCaller("test"),
        person="ann",
    )


def answer_to(event_id: str, cost_usd: float = 0.25) -> Answer:
    return Answer(f"answer to {event_id}", "claude-test", "end_turn", Usage(100, 20, 3, 4), cost_usd)


class Told:
    """A handler that answers everything; tests put functions in place of what should go otherwise."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        self.attempts: list[int] = []
        self.reasons: dict[str, str] = {}
        self.waits: dict[str, tuple[str, datetime | None]] = {}
        self.stops: dict[str, asyncio.Event] = {}
        self.overs: list[tuple[str, bool]] = []
        self.on_open: Callable[[Event], object] = lambda _: None
        self.on_answer: Callable[[Event], object] = lambda _: None
        self.on_deliver: Callable[[Event], object] = lambda _: None

    async def open_reply(self, event: Event, attempt: int) -> Place:
        self.log.append(("open", event.id))
        self.attempts.append(attempt)
        await _did(self.on_open(event))
        return {"at": event.id}

    async def answer(self, event: Event, place: Place, stop: asyncio.Event) -> Answer:
        self.log.append(("answer", event.id))
        self.stops[event.id] = stop
        given = await _did(self.on_answer(event))
        return given if isinstance(given, Answer) else answer_to(event.id)

    async def wait(self, event: Event, reason: str, until: datetime | None) -> None:
        self.log.append(("wait", event.id))
        self.waits[event.id] = (reason, until)

    async def deliver(self, event: Event, place: Place, answer: Answer) -> None:
        assert place == {"at": event.id}
        self.log.append(("deliver", event.id))
        await _did(self.on_deliver(event))

    async def fail(self, event: Event, place: Place | None, reason: str) -> None:
        self.log.append(("fail", event.id))
        self.reasons[event.id] = reason

    def over(self, event_id: str, *, is_parked: bool) -> None:
        self.overs.append((event_id, is_parked))

    def times(self, stage: str, event_id: str) -> int:
        return self.log.count((stage, event_id))


async def _did(given: object) -> object:
    return await given if asyncio.iscoroutine(given) else given


def raising(*errors: Exception) -> Callable[[Event], object]:
    """Raises these errors one after the other, then nothing more."""
    waiting = list(errors)

    def act(_: Event) -> object:
        if waiting:
            raise waiting.pop(0)
        return None

    return act


async def until(condition: Callable[[], object], limit_s: float = 90.0) -> None:
    """Wait until something holds; the limit is for a machine with much else to do, and no promise."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(url: str, handler: Handler, grace_s: float = 0.0, **options: Any):
    """An engine at work; stopped at the end."""
    policy = {"asking": QUICK, "delivering": QUICK}
    engine = Engine(url, **{**policy, **options})
    await engine.start(handler)
    try:
        yield engine
    finally:
        await engine.stop(grace_s)


def receipt_of(engine: Engine, number: int) -> Receipt:
    receipt = engine.receipts.get(event(number).id)
    assert receipt is not None
    return receipt


def state_of(engine: Engine, number: int) -> str:
    receipt = engine.receipts.get(event(number).id)
    return receipt.state if receipt else "unknown"
