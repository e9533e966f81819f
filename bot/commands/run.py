"""`bot run`: settings and rules are read, doors are opened, and signals end it cleanly."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from bot.app import ROLES, demand, serve
from bot.backlog import Backlog, HasBacklog
from bot.errors import PROGRAM, SettingsError
from bot.events import Trigger
from bot.logs import configure_logs
from bot.payments import Payments
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings, load_settings
from bot.spelling import misspelt, misspelt_words
from bot.store.probe import refuse_unusable
from bot.wiring import known, rules_of

log = structlog.get_logger()

OVER_AFTER_S = 9.0
"""A stop takes no longer, whatever hangs: platforms kill after 10 s, and what was not handed back begins again."""
IMPATIENT_AFTER_S = 1.0
"""A second signal after this ends it at once; an earlier one is no wish: starters pass on what the terminal sent."""
LOOK_EVERY_S = 0.2
"""While the operator thinks: how often it is looked whether the program is to end."""
LATER = f"They are recorded as skipped: `{PROGRAM} retry --skipped` answers them all."


def run_doors(role: str) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises SettingsError, in one line, before anything is opened."""
    if role not in ROLES:
        raise SettingsError(f"--role is {role}; expected one of {', '.join(ROLES)}.")
    settings = load_settings()
    rules = rules_of(settings)
    demand(settings, rules)
    _check_money(settings)
    refuse_unusable(settings)
    configure_logs(settings.log_format, secrets_of(settings))
    for words in misspelt_words(misspelt(settings, known(), rules)):
        log.warning("a setting may be misspelt", words=words)
    asyncio.run(_until_stopped(settings, rules, role))
    # Not by returning: Python waits for every thread, and one may be trying a lost database for ever.
    _end()


def _check_money(settings: Settings) -> None:
    """What is wrong in prices.toml or ALERT_REPLY stops the start."""
    from handlers.alerts import check_alert_reply
    from handlers.claude.prices import price_list

    price_list()
    check_alert_reply(settings, known())


def secrets_of(settings: Settings) -> list[str]:
    """Every secret's text, the doors' among them, for the logs to blot out."""
    models = (settings, *(settings.door(door.settings) for door in known().doors.values()))
    return [secret for model in models for secret in model.secrets()]


async def _until_stopped(settings: Settings, rules: RuleBook, role: str) -> None:
    stop, asked_at_s = asyncio.Event(), list[float]()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, _stop, stop, asked_at_s)
        except NotImplementedError:  # Windows: Ctrl-C ends the program as it ends any other
            break

    def prepare(triggers: Sequence[Trigger], payments: Payments) -> None:
        settle_backlogs(triggers, partial(_in_words, settings, rules, payments), stop.is_set)

    await serve(settings, rules, role, prepare, stop)


def _stop(stop: asyncio.Event, asked_at_s: list[float]) -> None:
    asked_at_s.append(time.monotonic())
    if not stop.is_set():
        stop.set()
        overdue = threading.Timer(OVER_AFTER_S, _end)
        overdue.daemon = True
        overdue.start()
    elif asked_at_s[-1] - asked_at_s[0] > IMPATIENT_AFTER_S:
        _end()


def _end() -> None:
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def settle_backlogs(
    triggers: Sequence[Trigger], in_words: Callable[[str, Backlog], str], is_over: Callable[[], bool]
) -> None:
    """Before a door is opened for the first time: say how much waits there, what it would cost, and ask.

    `in_words` says so for a door of this name. `is_over` ends the asking: signals reach the event loop, and this runs
    in a thread beside it.
    """
    for trigger in triggers:
        if isinstance(trigger, HasBacklog):
            for backlog in trigger.first_start_backlog():
                _settle(trigger, backlog, in_words(trigger.name, backlog), is_over)


def _settle(trigger: HasBacklog, backlog: Backlog, words: str, is_over: Callable[[], bool]) -> None:
    if trigger.backlog_choice == "answer":
        log.info("backlog is answered", count=backlog.count, place=backlog.root)
        trigger.answer_backlog(backlog.root)
        return
    if trigger.backlog_choice == "ask" and sys.stdin.isatty() and sys.stderr.isatty():
        print(f"{words}\nAnswer them all now? [y/N] ", end="", file=sys.stderr, flush=True)
        if _typed(is_over).strip().lower() in {"y", "yes"}:
            trigger.answer_backlog(backlog.root)
            return
        if is_over():
            return
    log.warning("backlog is skipped", count=backlog.count, place=backlog.root, words=f"{words} {LATER}")
    trigger.skip_backlog(backlog.root)


def _typed(is_over: Callable[[], bool]) -> str:
    """The line that is typed; "" at the end of input, and when all is over."""
    # Windows cannot wait for a terminal in this way, but there Ctrl-C ends the program whatever it does.
    while os.name != "nt" and not select.select([sys.stdin], [], [], LOOK_EVERY_S)[0]:
        if is_over():
            return ""
    return sys.stdin.readline()


def _in_words(settings: Settings, rules: RuleBook, payments: Payments, door: str, backlog: Backlog) -> str:
    from handlers.estimates import backlog_cost, backlog_words

    rule = rules.named(backlog.rule) or Rule(backlog.rule, door)
    profile, length = known().doors[door].profile, payments.answer_length(rule.name)
    return backlog_words(backlog, backlog_cost(backlog, rule, profile, settings, length))
