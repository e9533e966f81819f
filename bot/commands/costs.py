"""`bot costs`: tokens and money by day, rule, model, person and source, as bars, JSON or CSV."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.commands.terminal import json_text, speaks_utf_8
from bot.errors import SettingsError
from bot.money import usd_words
from bot.settings import load_settings
from bot.text import uncalculated

if TYPE_CHECKING:
    from bot.payments import Payments

Row = Mapping[str, Any]
TITLES = {
    "day": "By day (UTC)",
    "rule": "By rule",
    "model": "By model",
    "person": "By person",
    "source": "By source",
}
MOST_LINES = 15
"""So many lines of a section are shown, the dearest first; the rest is one line."""
LONGEST_NAME, WIDEST = 34, 100


def show_costs(days: int, *, as_json: bool, as_csv: bool) -> None:
    """Print what the last `days` cost. Raises SettingsError."""
    if as_json and as_csv:
        raise SettingsError("--json and --csv exclude each other.")
    payments = _payments()
    if as_json:
        for row in payments.costs(days):
            print(json_text(row))
    elif as_csv:
        print(cost_table(payments.costs(days)), end="")
    else:
        width = min(shutil.get_terminal_size().columns, WIDEST)
        bar = "█" if speaks_utf_8(sys.stdout) else "#"
        sections = {by: payments.costs(days, (by,)) for by in TITLES}
        sections["model"] = [{**row, "model": _said_assumed(row["model"])} for row in sections["model"]]
        print("\n".join(cost_lines(days, payments.costs(days, ()), sections, width, bar)))


def cost_lines(
    days: int, totals: Sequence[Row], sections: Mapping[str, Sequence[Row]], width: int, bar: str
) -> Iterator[str]:
    """The lines for people: the sum, then a bar for each day, rule, model, person and source. Pure."""
    total = next((row for row in totals if row["events"]), None)
    since = f"in the last {days} days" if days > 1 else "today (UTC)"
    if total is None:
        yield f"Nothing was spent {since}."
        return
    yield f"{_usd(total)} {since}, for {_events(total)}."
    yield f"Tokens: {_tokens(total)}."
    for by, title in TITLES.items():
        rows = [row for row in sections[by] if row[by]]
        if rows:
            yield from ("", title, *_bars(_together(rows, by), by, width, bar))


def _bars(rows: Sequence[Row], by: str, width: int, bar: str) -> Iterator[str]:
    names = [_name(str(row[by])) for row in rows]
    columns = [(_usd(row), _events(row), f"{_all_tokens(row):,} tokens") for row in rows]
    money, events, tokens = (max(map(len, column)) for column in zip(*columns, strict=True))
    longest = max(map(len, names))
    room = max(4, width - longest - money - events - tokens - 8)
    most = max(row["cost_usd"] for row in rows) or 1.0
    for name, row, (usd, count, used) in zip(names, rows, columns, strict=True):
        length = round(room * row["cost_usd"] / most) or int(row["cost_usd"] > 0)
        yield f"  {name:<{longest}} {bar * length:<{room}} {usd:>{money}}  {count:>{events}}  {used:>{tokens}}"


def _together(rows: Sequence[Row], by: str) -> list[Row]:
    """The rows as they are shown: what is beyond MOST_LINES becomes one."""
    shown, rest = list(rows[:MOST_LINES]), rows[MOST_LINES:]
    if rest:
        sums = {name: sum(row[name] for row in rest) for name in ("events", "cost_usd", *_TOKENS)}
        shown.append({by: f"{len(rest)} more", **sums})
    return shown


_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


def _all_tokens(row: Row) -> int:
    return sum(int(row[name]) for name in _TOKENS)


def _name(name: str) -> str:
    # Names come from outside: no terminal's command comes through.
    plain = "".join(letter if letter.isprintable() else " " for letter in name)
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"


def _usd(row: Row) -> str:
    return usd_words(row["cost_usd"])


def _events(row: Row) -> str:
    return f"{row['events']:,} event{'' if row['events'] == 1 else 's'}"


def _tokens(row: Row) -> str:
    """All of them, each kind that there is."""
    kinds = {
        "in": row["input_tokens"],
        "out": row["output_tokens"],
        "written to the cache": row["cache_write_tokens"],
        "read from it": row["cache_read_tokens"],
    }
    words = [f"{count:,} {kind}" for kind, count in kinds.items() if count or kind in ("in", "out")]
    return ", ".join(words)


def _said_assumed(model: str) -> str:
    from handlers.claude.prices import is_assumed

    return f"{model} (assumed)" if model and is_assumed(model) else model


def cost_table(rows: Sequence[Row]) -> str:
    """The rows as CSV for a spreadsheet. Pure."""
    from bot.payments import BY
    from bot.store.schema import AMOUNTS

    out = io.StringIO()
    writer = csv.DictWriter(out, (*BY, "events", *AMOUNTS, "cost_usd"), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: uncalculated(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _payments() -> Payments:
    from bot.payments import Payments
    from bot.store.database import open_database

    return Payments(open_database(load_settings().database_url))
