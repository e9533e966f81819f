"""The commands that look at receipts: events and retry."""

from __future__ import annotations

import sys
import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from bot.commands.terminal import json_text
from bot.errors import PROGRAM, SettingsError
from bot.events import Receipt, State
from bot.logs import silence_logs
from bot.money import usd_words
from bot.serial import to_json
from bot.settings import load_settings

if TYPE_CHECKING:
    from rich.text import Text

    from bot.receipts import Receipts

COLOURS = {
    "answered": "green",
    "failed": "red",
    "skipped": "dim",
    "working": "yellow",
    "received": "yellow",
    "waiting": "cyan",
}
INDENT = 4


def show_events(state: str | None, source: str | None, limit: int, *, as_json: bool) -> None:
    """Print receipts, newest first: for people, or one JSON object a line."""
    if state is not None and state not in get_args(State):
        raise SettingsError(f"--state is {state}; expected one of {', '.join(get_args(State))}.")
    receipts = _receipts().newest(state=state, source=source, limit=limit)
    if as_json:
        _print_lines([to_json(receipt) for receipt in receipts])
    elif not receipts:
        print("No events yet." if state is None and source is None else "No such events.")
    else:
        _print_events(receipts)


def retry_events(ids: tuple[str, ...], *, failed: bool = False, skipped: bool = False) -> int:
    """Run events again; prints what was started. Returns 1 when an id is unknown or cannot run again."""
    if not ids and not failed and not skipped:
        words = f"Name the events to run again, as `{PROGRAM} events` shows them, or say --failed or --skipped."
        raise SettingsError(words)
    from bot.engine import retry

    silence_logs()
    states = ("failed",) * failed + ("skipped",) * skipped
    overtaken = _overtaken() if skipped else set()
    chosen = dict.fromkeys((*ids, *(event_id for event_id in _all_in(states) if event_id not in overtaken)))
    started, refused = retry(load_settings().database_url, tuple(chosen))
    for event_id in started:
        print(f"runs again: {event_id}")
    for event_id, why in refused.items():
        print(f"not run: {event_id}: {why}", file=sys.stderr)
    if overtaken:
        print(f"left out: {len(overtaken)} skipped, because something newer came in the same place (name it to run it)")
    elif not chosen:
        print(f"Nothing is {' or '.join(states)}.")
    return 1 if refused else 0


def _all_in(states: tuple[str, ...]) -> list[str]:
    """The ids of all events in these states, the oldest first: a conversation is answered in its order."""
    receipts = _receipts()
    found = [receipt for state in states for receipt in reversed(receipts.newest(state=state, limit=100_000))]
    return [receipt.id for receipt in sorted(found, key=lambda receipt: receipt.received_at)]


def _overtaken() -> set[str]:
    """Skipped events after which their file, row or thread had another: to run both would pay for one thing twice."""
    latest: dict[str, str] = {}
    overtaken = set()
    for receipt in _receipts().newest(limit=100_000):
        newest = latest.setdefault(receipt.conversation, receipt.id)
        if receipt.state == "skipped" and newest != receipt.id:
            overtaken.add(receipt.id)
    return overtaken


def _receipts() -> Receipts:
    from bot.receipts import Receipts
    from bot.store.database import open_database

    return Receipts(open_database(load_settings().database_url))


def _print_events(receipts: list[Receipt]) -> None:
    """Two lines and more for each: a table's cell would break an id into pieces that nobody can copy."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(_columns("Received", "Source", "State", "In all", "Cost") + "What", "bold"), soft_wrap=True)
    for receipt in receipts:
        console.print(_first_line(receipt), soft_wrap=True)
        if receipt.reason:
            console.print(Text(_paragraph(_one_line(receipt.reason), console.width)), soft_wrap=True)
        console.print(Text(" " * INDENT + receipt.id, "dim"), soft_wrap=True)


def _first_line(receipt: Receipt) -> Text:
    from rich.text import Text

    received = receipt.received_at.astimezone().strftime("%d %b %H:%M:%S")
    in_all = _seconds(receipt.received_at, receipt.finished_at)
    cost = usd_words(receipt.cost_usd) if receipt.cost_usd else ""
    line = Text(_columns(received, receipt.source, receipt.state, in_all, cost) + _one_line(receipt.subject))
    line.highlight_words([f" {receipt.state} "], COLOURS[receipt.state])
    return line


def _columns(received: str, source: str, state: str, in_all: str, cost: str) -> str:
    return f"{received:<15}  {source:<8} {state:<8} {in_all:>8} {cost:>8}  "


def _one_line(words: str) -> str:
    # Subjects come from outside: neither a line break nor a terminal's command may come through.
    return "".join(letter if letter.isprintable() else " " for letter in words).strip()


def _paragraph(words: str, width: int) -> str:
    margin = " " * INDENT
    return textwrap.fill(words, width, initial_indent=margin, subsequent_indent=margin, break_long_words=False)


def _seconds(start: datetime, end: datetime | None) -> str:
    return f"{(end - start).total_seconds():.1f} s" if end else ""


def _print_lines(rows: list[dict[str, object]]) -> None:
    for row in rows:
        print(json_text(row))
