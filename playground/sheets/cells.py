"""What one cell of the stand-in's grid may hold, and how it is read.

A slot is a plain value where that is all there is, and a `Cell` only where a formula, a number format, a note or a
validation rule comes with it: ten thousand rows then cost little more than their text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is shown: Google's type name (`DATE`, `PERCENT`, …) and its pattern."""

    type: str
    pattern: str


@dataclass(frozen=True, slots=True)
class CellError:
    """What a formula that cannot be worked out gives: Google's type name and the text in the cell (`#REF!`)."""

    type: str
    shown: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with more to it than a value."""

    value: Scalar | None = None
    formula: str = ""
    number_format: NumberFormat | None = None
    note: str = ""
    rule: Mapping[str, Any] | None = None
    look: Mapping[str, Any] | None = None


Slot = None | str | int | float | bool | Cell
Row = tuple[Slot, ...]


def as_cell(slot: Slot) -> Cell:
    """The slot as a full cell."""
    return slot if isinstance(slot, Cell) else Cell(slot)


def simplest(cell: Cell) -> Slot:
    """The cell as cheap as it can be kept: a bare value when it holds nothing else."""
    if cell.formula or cell.number_format or cell.note or cell.rule or cell.look:
        return cell
    return cell.value


def is_blank(slot: Slot) -> bool:
    """Whether there is neither value nor formula (a note or a format alone does not fill a cell)."""
    if isinstance(slot, Cell):
        return slot.value is None and not slot.formula
    return slot is None


def entered(slot: Slot) -> Scalar | None:
    """What a person would see in the formula bar: the formula's text, or the value."""
    if isinstance(slot, Cell):
        return slot.formula or slot.value
    return slot


def filled(old: Slot, new: Cell) -> Slot:
    """`old` with the value, formula and (when it brings one) number format of `new`; note, rule and look stay."""
    if not isinstance(old, Cell):
        return simplest(new)
    number_format = new.number_format or old.number_format
    return simplest(replace(old, value=new.value, formula=new.formula, number_format=number_format))


def emptied(old: Slot) -> Slot:
    """`old` without value and formula: values.clear keeps notes, formats and rules."""
    return simplest(replace(old, value=None, formula="")) if isinstance(old, Cell) else None


def tidy(number: float) -> int | float:
    """Whole numbers as int: Google's JSON says 42, never 42.0."""
    if isinstance(number, float) and math.isfinite(number) and number.is_integer() and abs(number) < 1e15:
        return int(number)
    return number
