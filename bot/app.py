"""A running Bellhop: the parts put together, started in order, and stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from starlette.routing import BaseRoute

from bot.engine import Engine
from bot.errors import SettingsError
from bot.events import Emit, Trigger
from bot.parts import Parts
from bot.rules.rule import RuleBook
from bot.settings import Settings
from bot.store.database import open_database
from bot.web.server import House, bind, serve_web, web_app
from bot.wiring import known, open_triggers, source_readers, with_replies

log = structlog.get_logger()

ROLES: Mapping[str, frozenset[str]] = {
    "all": frozenset({"web", "triggers", "worker"}),
    "web": frozenset({"web"}),
    "triggers": frozenset({"triggers"}),
    "worker": frozenset({"worker"}),
}
STOP_S = 7.0
"""Running work gets this long after SIGTERM, so that the process ends within ten seconds."""
RESTART_AFTER_S = 5.0
"""A trigger that ended although nobody stopped it begins again after this."""
Prepare = Callable[[Sequence[Trigger]], None]
"""Asks the operator what must be asked before the triggers run (a large backlog)."""


def demand(settings: Settings, rules: RuleBook) -> None:
    """Raise SettingsError when there is nothing to do, or nothing to do it with."""
    doors = known().doors.values()
    fault = next((words for door in doors if (words := door.half_open(settings))), "")
    if fault:
        raise SettingsError(fault)
    if not rules.rules:
        wanted = ", or ".join(" and ".join(door.missing(settings, None)) for door in doors)
        raise SettingsError(f"No door is open. Set {wanted}, in .env (see .env.example).")
    if settings.anthropic_api_key is None:
        from handlers.claude import NO_KEY

        raise SettingsError(NO_KEY)


async def serve(settings: Settings, rules: RuleBook, role: str, prepare: Prepare, stop: asyncio.Event) -> None:
    """Serve the open doors until `stop` is set. Raises SettingsError before anything has started."""
    started_s = time.monotonic()
    duties = ROLES[role]
    async with _house(settings, rules, works="worker" in duties) as parts:
        triggers = open_triggers(parts) if duties & {"triggers", "web"} else []
        if "triggers" in duties:
            await asyncio.to_thread(prepare, triggers)
        # Stopped at the question about a backlog: nothing was decided, so nothing is watched or recorded as skipped.
        watched = triggers if "triggers" in duties and not stop.is_set() else []
        tasks = [asyncio.create_task(_keep_running(trigger, parts.engine.emit)) for trigger in watched]
        if "web" in duties:
            tasks += _web_tasks(settings, parts.engine, triggers)
        gc.freeze()  # what is here now stays: looking through it again and again finds nothing
        log.info("ready", doors=[trigger.name for trigger in triggers], seconds=round(time.monotonic() - started_s, 2))
        await stop.wait()
        log.info("stopping")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    log.info("stopped")


@asynccontextmanager
async def _house(settings: Settings, rules: RuleBook, *, works: bool) -> AsyncIterator[Parts]:
    """The engine with its handler, and what triggers need; closed in the reverse order."""
    from handlers.answer import AnswerHandler
    from handlers.budget import Budget
    from handlers.claude import Claude

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
        claude = Claude(settings)
        closing.push_async_callback(claude.aclose)
        # Last in, first out: running work ends, or is handed back, before the ways out close.
        closing.push_async_callback(engine.stop, STOP_S)
        budget = Budget(settings, engine.receipts)
        readers = source_readers(parts)
        handler = AnswerHandler(rules, settings, claude, parts.replies, known(), readers=readers, budget=budget)
        await engine.start(handler)
        yield parts


async def _keep_running(trigger: Trigger, emit: Emit) -> None:
    while True:
        try:
            await trigger.run(emit)
        except Exception:  # a trigger that dies for one fault would leave its door shut until somebody looks
            log.exception("trigger failed", trigger=trigger.name, again_in_s=RESTART_AFTER_S)
        await asyncio.sleep(RESTART_AFTER_S)


def _web_tasks(settings: Settings, engine: Engine, triggers: Sequence[Trigger]) -> list[asyncio.Task[None]]:
    listener = _listener(settings)
    if listener is None:
        return []
    routes: list[BaseRoute] = [route for trigger in triggers for route in trigger.routes(engine.emit)]
    house = House(settings, engine.receipts, triggers, datetime.now(UTC))
    log.info("web server", address="http://{}:{}".format(*listener.getsockname()[:2]))
    return [asyncio.create_task(serve_web(web_app(house, routes), listener))]


def _listener(settings: Settings) -> socket.socket | None:
    try:
        return bind(settings)
    except OSError as error:
        if "port" in settings.model_fields_set:
            raise SettingsError(f"PORT is {settings.port}, which cannot be used ({error.strerror}).") from None
        log.warning("web server not started: its port is taken; set PORT", port=settings.port)
        return None
