"""What goes into the answer's cells: typed, RAW, never longer than a cell holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.doors.sheet.row_store import StoredAnswer
from bot.rules.placeholders import folded
from bot.rules.rule import ColumnKind

CELL_CHARACTERS = 49_900
"""A cell holds 50,000; the rest is for the marker. Source: https://support.google.com/drive/answer/37603"""

CUT = "… (cut here; the whole answer is in this cell's note)"
SERIAL_DAY_0 = date(1899, 12, 30)
"""Dates are days since then. Source: https://developers.google.com/workspace/sheets/api/guides/formats"""


class NoSuchColumn(Exception):
    """The answer has no value for a column that the tab now wants."""


def cell_values(answer: StoredAnswer, outputs: tuple[str, ...], kinds: Mapping[str, ColumnKind]) -> tuple[Any, ...]:
    """One value for each output column. Raises NoSuchColumn when the rule's columns changed since it was asked."""
    if answer.values is None:
        if len(outputs) != 1:
            raise NoSuchColumn
        return (fitting(answer.text),)
    found = {folded(name): value for name, value in answer.values.items()}
    types = {folded(name): kind for name, kind in kinds.items()}
    if any(folded(name) not in found for name in outputs):
        raise NoSuchColumn
    return tuple(typed(found[folded(name)], types.get(folded(name), "text")) for name in outputs)


def typed(value: Any, kind: ColumnKind) -> Any:
    """A value of a typed column as its cell holds it: a date as the number of its day."""
    if kind == "date" and isinstance(value, str):
        return (date.fromisoformat(value) - SERIAL_DAY_0).days
    return fitting(value) if isinstance(value, str) else value


def fitting(text: str) -> str:
    """The text, cut where it would not fit. Sheets counts in UTF-16 units."""
    if utf16_length(text) <= CELL_CHARACTERS:
        return text
    room = CELL_CHARACTERS - len(CUT)
    return text.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore") + CUT


def utf16_length(text: str) -> int:
    """Characters as Sheets counts them."""
    return len(text.encode("utf-16-le")) // 2


def looks_like(values: tuple[Any, ...], shown: tuple[str, ...]) -> bool:
    """Whether cells that show this may hold those values (a number or date has many looks)."""
    return len(values) == len(shown) and all(_looks(value, text) for value, text in zip(values, shown, strict=True))


def _looks(value: Any, shown: str) -> bool:
    if isinstance(value, bool):
        return shown.upper() == str(value).upper()
    if isinstance(value, int | float):
        return any(letter.isdigit() for letter in shown)
    return str(value).strip() == shown
