"""What becomes of a value on its way into a cell: stored as it is (RAW), or read as if typed.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/ValueInputOption
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from playground.sheets.cells import Cell, NumberFormat, Scalar, tidy
from playground.sheets.dates import typed_moment
from playground.sheets.refusals import Refused

CELL_CHARACTERS = 50_000
"""Most characters one cell may hold. Source: https://support.google.com/drive/answer/37603"""

_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<money>\$?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+)?(?P<point>\.\d*)?"
    r"(?P<power>[eE][-+]?\d+)?(?P<percent>%?)"
)


def raw_cell(value: Scalar) -> Cell:
    """The value as it came: "0042" and "=1+1" stay text. Raises Refused over 50,000 characters."""
    if isinstance(value, bool):
        return Cell(value)
    if isinstance(value, str):
        return Cell(_within_limit(value) or None)
    return Cell(tidy(value))


def typed_cell(value: Scalar) -> Cell:
    """The value as the sheet would read it from the keyboard: "0042" is 42, "=1+1" a formula. Raises Refused."""
    if not isinstance(value, str) or not value:
        return raw_cell(value)
    text = _within_limit(value)
    if text.startswith("'"):
        return Cell(text[1:] or None)
    if text.startswith("=") and len(text) > 1:
        return Cell(formula=text)
    if text.strip().upper() in {"TRUE", "FALSE"}:
        return Cell(text.strip().upper() == "TRUE")
    number = _typed_number(text.strip()) or typed_moment(text, datetime.now(UTC).year)
    if number is None and text.startswith("+") and len(text) > 1:
        return Cell(formula="=" + text)
    return number or Cell(text)


def _within_limit(text: str) -> str:
    if len(text) > CELL_CHARACTERS:
        raise Refused.argument(
            f"Your input contains more than the maximum of {CELL_CHARACTERS} characters in a single cell."
        )
    return text


def _typed_number(text: str) -> Cell | None:
    match = _NUMBER.fullmatch(text)
    if match is None or not (match["digits"] or len(match["point"] or "") > 1):
        return None
    plain = (match["sign"] + (match["digits"] or "0") + (match["point"] or "") + (match["power"] or "")).replace(
        ",", ""
    )
    number = float(plain) / (100 if match["percent"] else 1)
    if number in {float("inf"), float("-inf")}:
        return None
    return Cell(tidy(number), number_format=_number_format(match))


def _number_format(match: re.Match[str]) -> NumberFormat | None:
    cents = ".00" if match["point"] else ""
    if match["percent"]:
        return NumberFormat("PERCENT", f"0{cents}%")
    if match["money"]:
        return NumberFormat("CURRENCY", f'"$"#,##0{cents}')
    if match["power"]:
        return NumberFormat("SCIENTIFIC", "0.00E+00")
    if "," in (match["digits"] or ""):
        return NumberFormat("NUMBER", f"#,##0{cents}")
    return None
