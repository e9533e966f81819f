"""What typing becomes, and what RAW keeps."""

from datetime import UTC, datetime

import pytest

from playground.sheets.cells import Cell, NumberFormat
from playground.sheets.entry import raw_cell, typed_cell
from playground.sheets.refusals import Refused
from playground.sheets.shown import formatted

_YEAR = datetime.now(UTC).year


@pytest.mark.parametrize("text", ["0042", "=1+1", "TRUE", "2026-09-05", "'x", "+1", "@SUM(A1)", "-"])
def test_raw_keeps_text_as_it_came(text):
    assert raw_cell(text) == Cell(text)


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("0042", 42, "42"),
        ("007", 7, "7"),
        ("-3.50", -3.5, "-3.5"),
        ("1,234", 1234, "1,234"),
        ("12%", 0.12, "12%"),
        ("$100.15", 100.15, "$100.15"),
        ("1e3", 1000, "1.00E+03"),
        ("true", True, "TRUE"),
        ("'0123", "0123", "0123"),
        ("2026-09-05", 46270, "2026-09-05"),
        ("9/5/2026", 46270, "9/5/2026"),
        ("5 Sep 2026", 46270, "5 Sep 2026"),
        ("2026-09-05 18:30", 46270.770833333336, "2026-09-05 18:30"),
        ("6:00 pm", 0.75, "6:00 PM"),
        ("hello", "hello", "hello"),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("2026-13-45", "2026-13-45", "2026-13-45"),
        ("25:99", "25:99", "25:99"),
        (" spaced ", " spaced ", " spaced "),
    ],
)
def test_typing_is_read(text, value, shown):
    cell = typed_cell(text)
    assert cell.value == pytest.approx(value) if isinstance(value, float) else cell.value == value
    assert cell.value is not None
    assert formatted(cell.value, cell.number_format) == shown


def test_a_typed_month_and_day_is_of_this_year():
    cell = typed_cell("1-2")
    assert cell.number_format == NumberFormat("DATE", "m-d")
    assert formatted(cell.value or 0, NumberFormat("DATE", "yyyy-mm-dd")) == f"{_YEAR}-01-02"


@pytest.mark.parametrize(("text", "formula"), [("=1+1", "=1+1"), ("+A1", "=+A1")])
def test_a_typed_formula_is_one(text, formula):
    assert typed_cell(text) == Cell(formula=formula)


@pytest.mark.parametrize("enter", [raw_cell, typed_cell])
def test_more_than_50000_characters_are_refused(enter):
    assert enter("x" * 50_000).value == "x" * 50_000
    with pytest.raises(Refused, match="maximum of 50000 characters in a single cell"):
        enter("x" * 50_001)
