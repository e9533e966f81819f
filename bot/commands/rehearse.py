"""The commands that ask without delivering: fire, replay and try, and what a dry run prints."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.terminal import json_text
from bot.copies import REPLAY, folder_of, sweep_shared
from bot.errors import PROGRAM, BellhopError, SettingsError
from bot.events import Answer, Event, Receipt
from bot.exports import Export, exported, read_export
from bot.logs import silence_logs
from bot.money import usd_words
from bot.rules.rule import Rule, RuleBook
from bot.secrecy import hidden, shown_path
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from rich.table import Table

    from bot.receipts import Receipts

WAITS_S = 900.0
LOOK_EVERY_S = 0.2


def fire(name: str, *, dry: bool) -> int:
    """Run a schedule rule at once, or print what it would ask. Returns 0 when it was answered, else 1."""
    from bot.app import demand
    from bot.wiring import event_by_hand, rules_of

    silence_logs()
    settings = load_settings()
    rules = rules_of(settings)
    rule = _schedule_rule(rules, name)
    event = event_by_hand(rule, settings)
    demand(settings, rules)
    _warn_of_places(settings, rule)
    if dry:
        print(asyncio.run(_dry(settings, rules, event, rule)))
        return 0
    return _fired(settings, rules, event)


def _warn_of_places(settings: Settings, rule: Rule) -> None:
    """Where its answer cannot go is said first: the run itself waits a minute for a folder that may come back."""
    from bot.wiring import check_places

    for place in asyncio.run(check_places(settings, (rule,))):
        if not place.ok:
            words = f"its answer cannot go to {place.subject} yet: {place.words}. {place.fix}"
            print(hidden(f"[{words.rstrip()}]"), file=sys.stderr)


def _schedule_rule(rules: RuleBook, name: str) -> Rule:
    schedules = rules.on("schedule")
    found = next((rule for rule in schedules if rule.name == name), None)
    if found is None:
        named = ", ".join(f'"{rule.name}"' for rule in schedules) or "none"
        raise SettingsError(f'There is no schedule rule "{name}"; there is {named}.')
    return found


async def _dry(settings: Settings, rules: RuleBook, event: Event, rule: Rule) -> str:
    from bot.opening import rehearsal
    from handlers.rehearsal import cost_words, shown

    async with rehearsal(settings, rules) as rehearse:
        ask, notes = await rehearse.ask_of(event, rule)
        estimate = await rehearse.estimate(ask, rule)
    return "\n\n".join((shown(ask), *(f"[{note}]" for note in notes), cost_words(ask, estimate)))


def _fired(settings: Settings, rules: RuleBook, event: Event) -> int:
    """Through the workers that run, if any; else here."""
    from bot.opening import answer_here
    from bot.receipts import Receipts
    from bot.store.database import open_database
    from bot.store.health import HealthRows

    database = open_database(settings.database_url)
    receipts = Receipts(database)
    print(f"runs: {event.id}", file=sys.stderr)
    if HealthRows(database).workers():
        _hand_over(settings, receipts, event)
    else:
        with contextlib.suppress(TimeoutError):
            asyncio.run(answer_here(settings, rules, event, WAITS_S))
    return _told(receipts.get(event.id), receipts.answer(event.id))


def _hand_over(settings: Settings, receipts: Receipts, event: Event) -> None:
    from bot.engine import Engine
    from bot.opening import has_settled

    engine = Engine(settings.database_url, listen=False)
    try:
        engine.emit_threadsafe(event)
    finally:
        engine.close()
    end_s = time.monotonic() + WAITS_S
    while time.monotonic() < end_s and not has_settled(receipts.get(event.id)):
        time.sleep(LOOK_EVERY_S)


def _told(receipt: Receipt | None, answer: Answer | None) -> int:
    if receipt is None or receipt.finished_at is None:
        why = f"It waits: {receipt.reason}" if receipt is not None and receipt.state == "waiting" else "It still runs"
        print(f"{why}; `{PROGRAM} events` shows what becomes of it.", file=sys.stderr)
        return 1
    if answer is not None and receipt.state == "answered":
        print(answer.text)
    for delivery in receipt.deliveries:
        print(f"{delivery.state}: {delivery.to} {delivery.link or delivery.reason}".rstrip(), file=sys.stderr)
    print(
        f"{receipt.state}{f': {receipt.reason}' if receipt.reason else ''}, {usd_words(receipt.cost_usd)}",
        file=sys.stderr,
    )
    return 1 if receipt.state == "failed" else 0


def export_event(event_id: str) -> None:
    """Print one event with all that is needed to run it elsewhere."""
    from bot.receipts import Receipts
    from bot.store.database import open_database

    settings = load_settings()
    export = exported(Receipts(open_database(settings.database_url)), event_id)
    if export is None:
        raise SettingsError(f"There is no event {event_id}; `{PROGRAM} events` shows their ids.")
    print(json_text(export, indent=2))


def replay(file: Path, model: str) -> int:
    """Ask an exported event again, and print both answers side by side."""
    from bot.wiring import rules_of

    silence_logs()
    settings = load_settings()
    rules = rules_of(settings)
    sweep_shared(folder_of(settings.state_dir, REPLAY), settings.retention_days * 86_400.0, time.time())
    export = read_export(file, settings.state_dir)
    rule = rules.named(export.event.rule) or next(iter(rules.on(export.event.source)), None)
    if rule is None:
        raise SettingsError(f'There is no rule "{export.event.rule}" here, so nobody knows what to ask.')
    rule = replace(rule, model=model) if model else rule
    answers = asyncio.run(_asked(settings, rules, rule, [export]))
    _print(_side_by_side(export, answers[0]))
    return 1 if isinstance(answers[0], BellhopError) else 0


def try_rule(file: Path, name: str, last: int, *, by_night: bool = False, batch_id: str = "") -> int:
    """Ask the last events of a rule again under the rule of another file; prints old and new answers and their cost."""
    from bot.receipts import Receipts
    from bot.store.database import open_database
    from bot.wiring import rules_of

    silence_logs()
    if not file.is_file():
        raise SettingsError(f"There is no file {shown_path(file)}.")
    settings = load_settings(rules_file=file)
    rules = rules_of(settings)
    rule = rules.named(name)
    if rule is None:
        named = ", ".join(f'"{one.name}"' for one in rules.rules) or "none"
        raise SettingsError(f'{file}: there is no rule "{name}"; there is {named}.')
    receipts = Receipts(open_database(settings.database_url))
    ids = [receipt.id for receipt in receipts.of_rule(name, last)]
    found = [Export(event, receipts.answer(one)) for one in ids if (event := receipts.event(one))]
    if not found:
        print(f'The rule "{name}" has no events yet.')
        return 0
    if by_night or batch_id:
        answers = asyncio.run(_asked_by_night(settings, rules, rule, found, batch_id))
    else:
        answers = asyncio.run(_asked(settings, rules, rule, found))
    _print(_all_of(found, answers))
    return 1 if all(isinstance(answer, BellhopError) for answer in answers) else 0


async def _asked(
    settings: Settings, rules: RuleBook, rule: Rule, exports: Sequence[Export]
) -> list[Answer | BellhopError]:
    from bot.opening import rehearsal

    rule = _without_reading(rule)
    async with rehearsal(settings, rules, reads_sources=False) as rehearse:

        async def one(export: Export) -> Answer | BellhopError:
            try:
                return await rehearse.answer(export.event, rule)
            except BellhopError as error:
                return error

        return list(await asyncio.gather(*map(one, exports)))


async def _asked_by_night(
    settings: Settings, rules: RuleBook, rule: Rule, exports: Sequence[Export], batch_id: str
) -> list[Answer | BellhopError]:
    from bot.opening import rehearsal

    def tell(words: str) -> None:
        print(f"[{words}]", file=sys.stderr, flush=True)

    rule = _without_reading(rule)
    async with rehearsal(settings, rules, reads_sources=False) as rehearse:
        events = {export.event.id: export.event for export in exports}
        answers = await rehearse.answers_by_night(events, rule, batch_id, tell)
    return [answers[export.event.id] for export in exports]


def _without_reading(rule: Rule) -> Rule:
    if rule.read:
        print("[what the rule reads belongs to its time, and is not read again]", file=sys.stderr)
    return replace(rule, read=())


def _side_by_side(export: Export, answer: Answer | BellhopError) -> Table:
    from rich.table import Table

    table = Table(title=export.event.subject, show_lines=True, expand=True)
    for title, one in (("Before", export.answer), ("Now", answer)):
        table.add_column(f"{title}: {_figures(one)}", ratio=1, overflow="fold")
    table.add_row(_words(export.answer), _words(answer))
    return table


def _all_of(exports: Sequence[Export], answers: Sequence[Answer | BellhopError]) -> Table:
    from rich.table import Table

    table = Table(show_lines=True, expand=True)
    for title, ratio in (("Event", 1), ("Before", 3), ("Now", 3)):
        table.add_column(title, ratio=ratio, overflow="fold")
    for export, answer in zip(exports, answers, strict=True):
        cells = (f"{_words(one)}\n\n{_figures(one)}" for one in (export.answer, answer))
        table.add_row(export.event.subject, *cells)
    before = sum(export.answer.cost_usd for export in exports if export.answer)
    now = sum(answer.cost_usd for answer in answers if isinstance(answer, Answer))
    table.add_row("1 event" if len(exports) == 1 else f"{len(exports)} events", usd_words(before), usd_words(now))
    return table


def _figures(answer: Answer | BellhopError | None) -> str:
    if not isinstance(answer, Answer):
        return "no answer"
    usage = answer.usage
    sent = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return f"{answer.model}, {sent:,} + {usage.output_tokens:,} tokens, {usd_words(answer.cost_usd)}"


def _words(answer: Answer | BellhopError | None) -> str:
    if answer is None:
        return ""
    return answer.reason if isinstance(answer, BellhopError) else answer.text


def _print(table: Table) -> None:
    from rich.console import Console

    Console(highlight=False, markup=False).print(table)
