"""A running Bellhop: the parts put together, started in order, and stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from starlette.routing import BaseRoute

from bot.ceilings import shared_ceilings
from bot.deliveries import Deliveries
from bot.engine import Engine
from bot.errors import OUTAGE, SettingsError
from bot.events import Event, Receipt, Trigger
from bot.night import NightWatch
from bot.parts import Parts
from bot.payments import Payments
from bot.reads import Reads
from bot.reservations import Standing, standings
from bot.rules.rule import RuleBook
from bot.settings import Settings
from bot.store.creation import create_tables
from bot.store.database import open_database
from bot.store.health import HealthRows
from bot.store.leases import open_lease_database
from bot.supervisor import Supervisor
from bot.web.event_access import event_access_of
from bot.web.house import House, Schedules
from bot.web.server import bind, serve_web, web_app
from bot.wiring import (
    batch_rule,
    event_by_hand,
    known,
    open_trigger,
    open_triggers,
    schedules_in_words,
    source_presence,
    source_readers,
    sources_of,
    with_replies,
)

if TYPE_CHECKING:
    from handlers.answer import AnswerHandler
    from handlers.rehearsal import Rehearsal

log = structlog.get_logger()

ROLES: Mapping[str, frozenset[str]] = {
    "all": frozenset({"web", "triggers", "worker"}),
    "web": frozenset({"web"}),
    "triggers": frozenset({"triggers"}),
    "worker": frozenset({"worker"}),
}
LOOK_EVERY_S = 0.1
STOP_S = 7.0
"""Running work gets this long after SIGTERM, so that the process ends within ten seconds."""
SWITCH_S = 0.0005
"""A thread that waits for the interpreter gets it after this time instead of 5 ms: the one writer of the database asks
for it again after each of its statements, and everything that is to be acknowledged waits for its commit."""
Prepare = Callable[[Sequence[Trigger], Payments], None]
"""Asks the operator what must be asked before the triggers run (a large backlog)."""


def demand(settings: Settings, rules: RuleBook) -> None:
    """Raise SettingsError when there is nothing to do, or nothing to do it with."""
    fault = known().fault_of(settings, rules)
    if fault:
        raise SettingsError(fault)
    if settings.anthropic_api_key is None:
        from handlers.claude import NO_KEY

        raise SettingsError(NO_KEY)


async def serve(settings: Settings, rules: RuleBook, role: str, prepare: Prepare, stop: asyncio.Event) -> None:
    """Serve the open doors until `stop` is set. Raises SettingsError before anything has started."""
    sys.setswitchinterval(SWITCH_S)
    started_s = time.monotonic()
    duties = ROLES[role]
    async with contextlib.AsyncExitStack() as closing:
        parts = await closing.enter_async_context(house(settings, rules, works="worker" in duties))
        does = [f"answers events, {settings.claude_concurrency} at a time"] if "worker" in duties else []
        if duties & {"triggers", "web"}:
            does = [*await _open_doors(parts, role, prepare, stop, closing), *does]
        gc.freeze()  # what is here now stays: looking through it again and again finds nothing
        gc.set_threshold(10_000, 20, 20)
        log.info("ready", role=role, does="; ".join(does), seconds=round(time.monotonic() - started_s, 2))
        await stop.wait()
        log.info("stopping")
    log.info("stopped")


async def _open_doors(
    parts: Parts, role: str, prepare: Prepare, stop: asyncio.Event, closing: contextlib.AsyncExitStack
) -> list[str]:
    """Run the doors, serve their routes, or both; returns in words what this process does for them."""
    listener = _listener(parts.settings, must=role == "web") if "web" in ROLES[role] else None
    triggers = open_triggers(parts)
    database = open_lease_database(parts.settings.database_url)
    closing.callback(database.dispose)
    runs = "triggers" in ROLES[role]
    supervisor = Supervisor(database, triggers, lambda name: open_trigger(parts, name), runs=runs)
    web, serves = list[asyncio.Task[None]](), list[str]()
    closing.push_async_callback(_close_doors, supervisor, web)
    ours = await supervisor.take()
    if listener is not None:
        serves, task = _open_web(parts, role, supervisor, triggers, listener)
        web.append(task)
    if not runs:
        return serves
    await asyncio.to_thread(prepare, ours, parts.engine.payments)
    # Stopped at the question about a backlog: nothing was decided, so nothing is watched or recorded as skipped.
    if not stop.is_set():
        supervisor.start(parts.engine.emit)
    return [*_in_words(triggers, ours), *serves]


async def _close_doors(supervisor: Supervisor, web: Sequence[asyncio.Task[None]]) -> None:
    for task in web:
        task.cancel()
    await asyncio.gather(supervisor.stop(), *web, return_exceptions=True)


def _in_words(triggers: Sequence[Trigger], ours: Sequence[Trigger]) -> list[str]:
    running = [trigger.name for trigger in ours]
    waiting = [trigger.name for trigger in triggers if trigger.name not in running]
    words = {"runs": running, "waits for its turn to run": waiting}
    return [f"{what} {', '.join(names)}" for what, names in words.items() if names]


def is_worked_on(settings: Settings) -> bool:
    """Whether another process answers events of this state now; blocks. Raises SettingsError."""
    database = open_database(settings.database_url)
    try:
        create_tables(database)
        return HealthRows(database).workers() > 0
    finally:
        database.dispose()


@asynccontextmanager
async def house(settings: Settings, rules: RuleBook, *, works: bool) -> AsyncIterator[Parts]:
    """The engine, with its handler when this process works, and what triggers need; closed in the reverse order."""
    engine = Engine(
        settings.database_url,
        concurrency=settings.claude_concurrency,
        retention_days=settings.retention_days,
        listen=works,
    )
    async with contextlib.AsyncExitStack() as closing:
        database = open_database(settings.database_url)
        closing.callback(database.dispose)
        parts = with_replies(Parts(settings, rules, engine, database, {}))
        for replies in parts.replies.values():
            closing.push_async_callback(replies.aclose)
        handler, watch = _handler(parts, closing) if works else (None, None)
        # Last in, first out: running work ends, or is handed back, before the ways out close.
        closing.push_async_callback(engine.stop, STOP_S)
        await engine.start(handler)
        if handler is not None:
            await handler.started()
        if watch is not None:
            closing.push_async_callback(_cancel, asyncio.create_task(watch.run(engine.emit)))
        yield parts


async def answer_here(settings: Settings, rules: RuleBook, event: Event, limit_s: float) -> None:
    """Accept an event and answer it in this process, with all that waits; returns once it ended, or waits."""
    async with house(settings, rules, works=True) as parts, asyncio.timeout(limit_s):
        await parts.engine.emit(event)
        while not has_settled(await asyncio.to_thread(parts.engine.receipts.get, event.id)):  # noqa: ASYNC110  # a row tells it
            await asyncio.sleep(LOOK_EVERY_S)


def has_settled(receipt: Receipt | None) -> bool:
    """Whether an event ended, or was parked."""
    return receipt is not None and receipt.state not in {"received", "working"}


@asynccontextmanager
async def rehearsal(settings: Settings, rules: RuleBook, *, reads_sources: bool = True) -> AsyncIterator[Rehearsal]:
    """What asks without opening, keeping or delivering anything; `reads_sources`: threads, and what rules read."""
    from handlers.claude import Claude
    from handlers.gathering import Gathering
    from handlers.night.trial import Trial
    from handlers.reading.reading import Reading
    from handlers.rehearsal import Rehearsal

    async with contextlib.AsyncExitStack() as closing:
        parts = await closing.enter_async_context(house(settings, rules, works=False))
        claude = Claude(settings)
        closing.push_async_callback(claude.aclose)
        reading = Reading(sources_of(parts) if reads_sources else {}, Reads(parts.database))
        gathering = Gathering(source_readers(parts) if reads_sources else {}, reading)
        trial, payments = Trial(claude.batches()), parts.engine.payments
        yield Rehearsal(settings, claude, known(), gathering, trial, payments=payments)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _handler(parts: Parts, closing: contextlib.AsyncExitStack) -> tuple[AnswerHandler, NightWatch]:
    from handlers.alerts import Alerts
    from handlers.answer import AnswerHandler
    from handlers.budget import Budget
    from handlers.claude import Claude
    from handlers.night.lane import open_night
    from handlers.reading.reading import Reading

    claude = Claude(parts.settings)
    closing.push_async_callback(claude.aclose)
    alerts = Alerts(parts.settings.alert_reply, known(), parts.engine.emit)
    budget = Budget(parts.settings, parts.engine, warn=alerts.tell)
    reading = Reading(sources_of(parts), Reads(parts.database))
    night, lane = open_night(parts, claude, source_presence(parts))
    handler = AnswerHandler(
        RuleBook((*parts.rules.rules, batch_rule({}))),
        parts.settings,
        claude,
        parts.replies,
        known(),
        readers=source_readers(parts),
        reading=reading,
        budget=budget,
        deliveries=Deliveries(parts.database),
        night=night,
        when_over=partial(parts.engine.hurry, OUTAGE),
    )
    return handler, NightWatch(parts.settings.database_url, lane, lane.has_work)


def _open_web(
    parts: Parts, role: str, supervisor: Supervisor, triggers: Sequence[Trigger], listener: socket.socket
) -> tuple[list[str], asyncio.Task[None]]:
    served = {trigger.name: trigger.routes(parts.engine.emit) for trigger in triggers}
    routes: list[BaseRoute] = [route for own in served.values() for route in own]

    def workers() -> int:
        return max(supervisor.workers(), int("worker" in ROLES[role]))  # that this one works it knows best itself

    engine, events = parts.engine, event_access_of(parts)
    found, doors, now = shared_ceilings(parts.settings, parts.rules.rules), supervisor.doors, datetime.now(UTC)

    def money() -> list[Standing]:
        return standings(parts.database, found, time.time())

    schedules = _schedules(parts)
    house = House(parts.settings, engine.receipts, engine.payments, doors, workers, now, events, money, schedules)
    task = asyncio.create_task(serve_web(web_app(house, routes), listener, events.let_go))
    hears = [name for name, own in served.items() if own]
    address = "http://{}:{}".format(*listener.getsockname()[:2])
    return [f"serves {address}" + (f" and hears {', '.join(hears)} there" if hears else "")], task


def _schedules(parts: Parts) -> Schedules:
    async def fire(name: str) -> Receipt:
        rule = {rule.name: rule for rule in parts.rules.on("schedule")}[name]
        return await parts.engine.emit(event_by_hand(rule, parts.settings))

    return Schedules(lambda: schedules_in_words(parts.rules, parts.settings), fire)


def _listener(settings: Settings, *, must: bool) -> socket.socket | None:
    try:
        return bind(settings)
    except OSError as error:
        if must or "port" in settings.model_fields_set:
            raise SettingsError(f"PORT is {settings.port}, which cannot be used ({error.strerror}).") from None
        log.warning("web server not started: its port is taken; set PORT", port=settings.port)
        return None
