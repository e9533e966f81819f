"""The report of a folder: one line for each document, for people and as a table with its typed columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.money import usd_words
from bot.text import uncalculated


@dataclass(frozen=True, slots=True)
class Line:
    """One document: `outcome` is answered, failed, skipped, unreadable or waiting; `reason` why there is no answer."""

    document: str
    outcome: str
    tokens: int = 0
    cost_usd: float = 0.0
    answer: str = ""
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def as_csv(lines: Sequence[Line], columns: Sequence[str]) -> str:
    """The table: document, outcome, tokens, cost, the rule's own columns, and the answer or why there is none."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(["document", "outcome", "tokens", "cost", *map(uncalculated, columns), "answer"])
    for line in lines:
        own = [uncalculated(line.values.get(name, "")) for name in columns]
        said = line.answer or line.reason
        table.writerow(
            [uncalculated(line.document), line.outcome, line.tokens, f"{line.cost_usd:.6f}", *own, uncalculated(said)]
        )
    return out.getvalue()


def as_markdown(lines: Sequence[Line], columns: Sequence[str]) -> str:
    """The same for people, with the sums above."""
    counts = {outcome: sum(line.outcome == outcome for line in lines) for outcome in _order(lines)}
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    cost, tokens = sum(line.cost_usd for line in lines), sum(line.tokens for line in lines)
    heads = ["Document", "Outcome", "Tokens", "Cost", *columns, "Answer"]
    rows = [_cells(line, columns) for line in lines]
    table = [_row(map(_plain, heads)), _row(["---"] * len(heads)), *map(_row, rows)]
    return f"# {len(lines)} documents\n\n{told}; {tokens:,} tokens, {usd_words(cost)}.\n\n" + "\n".join(table) + "\n"


def _cells(line: Line, columns: Sequence[str]) -> list[str]:
    own = [_plain(str(line.values.get(name, ""))) for name in columns]
    figures = [line.outcome, f"{line.tokens:,}", usd_words(line.cost_usd)]
    return [f"`{_plain(line.document)}`", *figures, *own, _short(line)]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _order(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.outcome for line in lines))


def _short(line: Line) -> str:
    words = " ".join((line.answer or line.reason).split())
    return _plain(words if len(words) <= 200 else words[:199].rstrip() + "…")


def _plain(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
