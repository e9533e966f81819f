"""This file is a running Bellhop: the parts put together, started in order, and stopped cleanly."""

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
from bot.rules.rule import RuleBook
from bot.settings import Settings
from bot.store.database import open_database
from bot.web.server import House, bind, serve_web, web_app
from bot.wiring import Parts, open_slack_replies, open_triggers, reply_makers, source_readers, unbuilt

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
NO_KEY = (
    "ANTHROPIC_API_KEY is not set. Make a key at https://console.anthropic.com/settings/keys and put it into .env "
    "as ANTHROPIC_API_KEY=sk-ant-…"
)
NO_DOOR = (
    "No door is open. Set WATCH_FOLDER, or SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or GOOGLE_SERVICE_ACCOUNT_FILE and "
    "SHEET_ID, in .env (see .env.example)."
)
Prepare = Callable[[Sequence[Trigger]], None]
"""Asks the operator what must be asked before the triggers run (a large backlog)."""


def demand(settings: Settings, rules: RuleBook) -> None:
    """Raise SettingsError when there is nothing to do, or nothing to do it with."""
    fault = _half_open(settings) or unbuilt(rules)
    if fault:
        raise SettingsError(fault)
    if not rules.rules:
        raise SettingsError(NO_DOOR)
    if settings.anthropic_api_key is None:
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
        parts = Parts(settings, rules, engine, database, open_slack_replies(settings, engine))
        if parts.slack is not None:
            closing.push_async_callback(parts.slack.aclose)
        claude = Claude(settings)
        closing.push_async_callback(claude.aclose)
        # Last in, first out: running work ends, or is handed back, before the ways out close.
        closing.push_async_callback(engine.stop, STOP_S)
        budget = Budget(settings, engine.receipts)
        replies, readers = reply_makers(parts), source_readers(parts)
        handler = AnswerHandler(rules, settings, claude, replies, readers=readers, budget=budget)
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


def _half_open(settings: Settings) -> str:
    """A door with one variable set and another forgotten, in words; "" when there is none."""
    if settings.slack_bot_token and not (settings.slack_app_token or settings.slack_signing_secret):
        return (
            "SLACK_BOT_TOKEN is set, but SLACK_APP_TOKEN is not. Make one at https://api.slack.com/apps: your app, "
            "Basic Information, App-Level Tokens, scope connections:write."
        )
    if (settings.slack_app_token or settings.slack_signing_secret) and not settings.slack_bot_token:
        return (
            "SLACK_APP_TOKEN is set, but SLACK_BOT_TOKEN is not. It is at https://api.slack.com/apps: your app, "
            "OAuth & Permissions, Bot User OAuth Token."
        )
    if settings.sheet_id and not settings.google_service_account_file:
        return (
            "SHEET_ID is set, but GOOGLE_SERVICE_ACCOUNT_FILE is not. Make a service account's JSON key at "
            "https://console.cloud.google.com/iam-admin/serviceaccounts and name the file here."
        )
    return ""
