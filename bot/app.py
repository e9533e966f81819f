"""A running Bellhop: the parts put together, started in order, and stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog
from starlette.routing import BaseRoute

from bot.ceilings import shared_ceilings
from bot.errors import SettingsError
from bot.events import Receipt, Trigger
from bot.opening import opened
from bot.parts import Parts
from bot.payments import Payments
from bot.reservations import Standing, standings
from bot.rules.rule import RuleBook
from bot.settings import Settings
from bot.spelling import misspelt, misspelt_words
from bot.store.leases import open_lease_database
from bot.supervisor import Supervisor
from bot.web.event_access import event_access_of
from bot.web.house import House, Schedules
from bot.web.port import listener_of
from bot.web.server import serve_web, web_app
from bot.wiring import (
    event_by_hand,
    known,
    open_trigger,
    open_triggers,
    schedules_in_words,
)

log = structlog.get_logger()

ROLES: Mapping[str, frozenset[str]] = {
    "all": frozenset({"web", "triggers", "worker"}),
    "web": frozenset({"web"}),
    "triggers": frozenset({"triggers"}),
    "worker": frozenset({"worker"}),
}
SWITCH_S = 0.0005
"""A thread that waits for the interpreter gets it after this time instead of 5 ms: the one writer of the database asks
for it again after each of its statements, and everything that is to be acknowledged waits for its commit."""
Prepare = Callable[[Sequence[Trigger], Payments], None]
"""Asks the operator what must be asked before the triggers run (a large backlog)."""


def demand(settings: Settings, rules: RuleBook) -> None:
    """Raise SettingsError when there is nothing to do, or nothing to do it with."""
    fault = known().fault_of(settings, rules)
    if not fault and settings.anthropic_api_key is None:
        from handlers.claude import NO_KEY

        fault = NO_KEY
    if fault:
        raise SettingsError(" ".join((fault, *misspelt_words(misspelt(settings, known(), rules)))))


async def serve(settings: Settings, rules: RuleBook, role: str, prepare: Prepare, stop: asyncio.Event) -> None:
    """Serve the open doors until `stop` is set. Raises SettingsError before anything has started."""
    sys.setswitchinterval(SWITCH_S)
    started_s = time.monotonic()
    duties = ROLES[role]
    async with contextlib.AsyncExitStack() as closing:
        parts = await closing.enter_async_context(opened(settings, rules, works="worker" in duties))
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
    settings, deaf = parts.settings, known().need_web(parts.settings, parts.rules)
    listener = listener_of(settings, deaf, must=role == "web") if "web" in ROLES[role] else None
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
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return [f"serves {address}" + (f" and hears {', '.join(hears)} there" if hears else "")], task


def _schedules(parts: Parts) -> Schedules:
    async def fire(name: str) -> Receipt:
        rule = {rule.name: rule for rule in parts.rules.on("schedule")}[name]
        return await parts.engine.emit(event_by_hand(rule, parts.settings))

    return Schedules(lambda: schedules_in_words(parts.rules, parts.settings), fire)
