"""The parts of a running Bellhop, opened in order and closed in the reverse one: the engine, its handler, the ways out.

What answers nothing of its own opens them too: commands that hand events over, and rehearsals.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from bot.copies import sweep_now_and_then
from bot.deliveries import Deliveries
from bot.engine import Engine
from bot.errors import OUTAGE
from bot.events import Event, Receipt
from bot.night import NightWatch
from bot.parts import Parts
from bot.reads import Reads
from bot.rules.rule import RuleBook
from bot.settings import Settings
from bot.store.creation import create_tables
from bot.store.database import open_database
from bot.store.health import HealthRows
from bot.wiring import batch_rule, known, source_presence, source_readers, sources_of, with_replies

if TYPE_CHECKING:
    from handlers.answer import AnswerHandler
    from handlers.rehearsal import Rehearsal

LOOK_EVERY_S = 0.1
STOP_S = 7.0
"""Running work gets this long after SIGTERM, so that the process ends within ten seconds."""


def is_worked_on(settings: Settings) -> bool:
    """Whether another process answers events of this state now; blocks. Raises SettingsError."""
    database = open_database(settings.database_url)
    try:
        create_tables(database)
        return HealthRows(database).workers() > 0
    finally:
        database.dispose()


@asynccontextmanager
async def opened(settings: Settings, rules: RuleBook, *, works: bool) -> AsyncIterator[Parts]:
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
        if works:
            sweeping = sweep_now_and_then(settings.state_dir, settings.retention_days)
            closing.push_async_callback(_cancel, asyncio.create_task(sweeping))
        await engine.start(handler)
        if handler is not None:
            await handler.started()
        if watch is not None:
            closing.push_async_callback(_cancel, asyncio.create_task(watch.run(engine.emit)))
        yield parts


async def answer_here(settings: Settings, rules: RuleBook, event: Event, limit_s: float) -> None:
    """Accept an event and answer it in this process, with all that waits; returns once it ended, or waits."""
    async with opened(settings, rules, works=True) as parts, asyncio.timeout(limit_s):
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
        parts = await closing.enter_async_context(opened(settings, rules, works=False))
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
