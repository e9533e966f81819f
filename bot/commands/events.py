"""This file is the commands that look at receipts: events, retry and costs."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from bot.errors import SettingsError
from bot.events import Receipt, State, to_json
from bot.logs import silence_logs
from bot.settings import load_settings

if TYPE_CHECKING:
    from rich.table import Table

    from bot.receipts import Receipts

COLOURS = {"answered": "green", "failed": "red", "skipped": "dim", "working": "yellow", "received": "yellow"}


def show_events(state: str | None, source: str | None, limit: int, *, as_json: bool) -> None:
    """Print receipts, newest first: a table, or one JSON object a line."""
    if state is not None and state not in get_args(State):
        raise SettingsError(f"--state is {state}; expected one of {', '.join(get_args(State))}.")
    receipts = _receipts().newest(state=state, source=source, limit=limit)
    if as_json:
        _print_lines([to_json(receipt) for receipt in receipts])
    elif not receipts:
        print("No events yet." if state is None and source is None else "No such events.")
    else:
        _print_table(_events_table(receipts))


def retry_events(ids: tuple[str, ...], *, failed: bool) -> int:
    """Run events again; prints what was started. Returns 1 when an id is unknown or cannot run again."""
    if not ids and not failed:
        raise SettingsError("Name the events to run again, as `bot events` shows them, or say --failed.")
    from bot.engine import retry

    silence_logs()
    settings = load_settings()
    chosen = ids or tuple(receipt.id for receipt in _receipts().newest(state="failed", limit=100_000))
    started, refused = retry(settings.database_url, chosen)
    for event_id in started:
        print(f"runs again: {event_id}")
    for event_id, why in refused.items():
        print(f"not run: {event_id}: {why}", file=sys.stderr)
    if not chosen:
        print("Nothing has failed.")
    return 1 if refused else 0


def show_costs(days: int, *, as_json: bool) -> None:
    """Print tokens and money by day, rule and model."""
    rows = _receipts().costs(days)
    if as_json:
        _print_lines(rows)
        return
    if not rows:
        print(f"Nothing was spent in the last {days} days.")
        return
    table = _table("Day", "Rule", "Model", "Events", "Tokens in", "Tokens out", "Cost")
    for row in rows:
        figures = (
            f"{row['events']}",
            f"{row['input_tokens']:,}",
            f"{row['output_tokens']:,}",
            f"${row['cost_usd']:.4f}",
        )
        table.add_row(row["day"], row["rule"], row["model"], *figures)
    table.add_row("all", "", "", "", "", "", f"${sum(row['cost_usd'] for row in rows):.4f}", style="bold")
    _print_table(table)


def _receipts() -> Receipts:
    from bot.database import open_database
    from bot.receipts import Receipts

    return Receipts(open_database(load_settings().database_url))


def _events_table(receipts: list[Receipt]) -> Table:
    from rich.markup import escape

    table = _table("Received", "Door", "State", "Took", "Cost", "What")
    for receipt in receipts:
        lines = [receipt.subject, receipt.reason, f"[dim]{escape(receipt.id)}[/dim]"]
        words = "\n".join([escape(line) for line in lines[:2] if line] + lines[2:])
        colour = COLOURS[receipt.state]
        table.add_row(
            receipt.received_at.astimezone().strftime("%d %b %H:%M:%S"),
            receipt.source,
            f"[{colour}]{receipt.state}[/{colour}]",
            _seconds(receipt.received_at, receipt.finished_at),
            f"${receipt.cost_usd:.4f}" if receipt.cost_usd else "",
            words,
        )
    return table


def _seconds(start: datetime, end: datetime | None) -> str:
    return f"{(end - start).total_seconds():.1f} s" if end else ""


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in headers:
        right = header in {"Took", "Cost", "Events", "Tokens in", "Tokens out"}
        table.add_column(header, justify="right" if right else "left", overflow="fold")
    return table


def _print_table(table: Table) -> None:
    from rich.console import Console

    Console().print(table)


def _print_lines(rows: list[dict[str, object]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=str))
