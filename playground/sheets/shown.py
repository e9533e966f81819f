"""How a cell is read: as shown, as its plain value, or as the formula bar has it.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/ValueRenderOption
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from playground.sheets.cells import Cell, CellError, NumberFormat, Scalar, Slot, tidy
from playground.sheets.dates import shown_moment
from playground.sheets.formulas import evaluate
from playground.sheets.tab import Tab

_MOMENTS = {"DATE", "TIME", "DATE_TIME"}


@dataclass(frozen=True, slots=True)
class Rendering:
    """The two render options of a read, by their API names."""

    value: str = "FORMATTED_VALUE"
    moment: str = "SERIAL_NUMBER"


def effective(tab: Tab, slot: Slot) -> Scalar | CellError | None:
    """The value of a cell, its formula worked out."""
    if not isinstance(slot, Cell):
        return slot
    return evaluate(tab, slot.formula) if slot.formula else slot.value


def rendered(tab: Tab, slot: Slot, rendering: Rendering) -> Scalar:
    """The cell as a values response carries it; "" for a blank one."""
    if slot is None or isinstance(slot, str):
        return slot or ""
    if rendering.value == "FORMULA" and isinstance(slot, Cell) and slot.formula:
        return slot.formula
    value = effective(tab, slot)
    if value is None:
        return ""
    number_format = slot.number_format if isinstance(slot, Cell) else None
    moment = rendering.moment == "FORMATTED_STRING" and number_format is not None and number_format.type in _MOMENTS
    if rendering.value == "FORMATTED_VALUE" or moment or isinstance(value, CellError):
        return formatted(value, number_format)
    return value


def formatted(value: Scalar | CellError, number_format: NumberFormat | None) -> str:
    """The text in the cell as a person sees it."""
    if isinstance(value, CellError):
        return value.shown
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return value
    if number_format is None or number_format.type in {"TEXT", "NUMBER_FORMAT_TYPE_UNSPECIFIED"}:
        return plain(value)
    if number_format.type in _MOMENTS:
        return shown_moment(value, number_format.pattern or "yyyy-mm-dd")
    return _patterned(value, number_format)


def plain(number: float) -> str:
    """A number without a format: 42, 0.3, 1.5E+20."""
    number = tidy(number)
    if isinstance(number, int):
        return str(number)
    if abs(number) >= 1e15 or 0 < abs(number) < 1e-9:
        mantissa, _, power = f"{number:.5E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{power}"
    return f"{number:.10g}" if abs(number) < 1 else f"{number:.10f}".rstrip("0").rstrip(".")


def _patterned(number: float, number_format: NumberFormat) -> str:
    """Percent, currency, thousands and scientific patterns; an unknown pattern shows the plain number."""
    pattern = number_format.pattern
    digits = re.search(r"[#0,]+(?:\.(0+))?", pattern)
    if digits is None:
        return plain(number)
    decimals = len(digits[1] or "")
    if "E+" in pattern:
        return f"{number:.{decimals}E}"
    scaled = number * 100 if "%" in pattern else number
    comma = "," if "," in digits[0] else ""
    text = format(abs(scaled), f"{comma}.{decimals}f")
    sign = "-" if scaled < 0 else ""
    return sign + (pattern[: digits.start()] + text + pattern[digits.end() :]).replace('"', "")
