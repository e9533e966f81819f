"""What a cell shows: formulas worked out, numbers and dates by their format."""

import pytest

from playground.sheets.cells import Cell, NumberFormat
from playground.sheets.shown import Rendering, formatted, plain, rendered
from playground.sheets.tab import new_tab

_TAB = new_tab(
    0, "Tab", [(1, 2, "x", True), (3, Cell(formula="=A1+A2"), None, Cell(formula="=B3")), (None, Cell(formula="=D2"))]
)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=1+2*3^2", "19"),
        ("=(1+2)*-3", "-9"),
        ('="a"&B1&"b"', "a2b"),
        ("=SUM(A1:B2)", "10"),
        ("=SUM(A:A)", "4"),
        ("=COUNTA(A1:C2)", "5"),
        ("=AVERAGE(A1:B1)", "1.5"),
        ('=IF(A1<B1, "less", "more")', "less"),
        ('=UPPER(TRIM("  a   b "))', "A B"),
        ('=HYPERLINK("https://example.com", "here")', "here"),
        ("=1/0", "#DIV/0!"),
        ("=A1+C1", "#VALUE!"),
        ("=NOSUCH(1)", "#NAME?"),
        ("=1+", "#ERROR!"),
        ("=1 2", "#ERROR!"),
        ("=B3", "#REF!"),
        ('="q""q"', 'q"q'),
        ("=TRUE=FALSE", "FALSE"),
    ],
)
def test_a_formula_shows_its_value(formula, shown):
    assert rendered(_TAB, Cell(formula=formula), Rendering()) == shown
    assert rendered(_TAB, Cell(formula=formula), Rendering("FORMULA")) == formula


@pytest.mark.parametrize(
    ("number", "shown"), [(42, "42"), (42.0, "42"), (0.1 + 0.2, "0.3"), (1.5e20, "1.5E+20"), (-0.25, "-0.25")]
)
def test_a_plain_number_shows_short(number, shown):
    assert plain(number) == shown


@pytest.mark.parametrize(
    ("number", "kind", "pattern", "shown"),
    [
        (0.125, "PERCENT", "0.0%", "12.5%"),
        (-1234.5, "CURRENCY", '"$"#,##0.00', "-$1,234.50"),
        (46270.5, "DATE_TIME", "d mmmm yyyy hh:mm:ss", "5 September 2026 12:00:00"),
        (46270, "DATE", "", "2026-09-05"),
        (7, "NUMBER", "0000", "7"),
    ],
)
def test_a_format_shows_by_its_pattern(number, kind, pattern, shown):
    assert formatted(number, NumberFormat(kind, pattern)) == shown
