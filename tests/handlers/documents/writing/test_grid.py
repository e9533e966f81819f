"""The tests of tables as lines."""

from handlers.documents.writing.grid import Cell, cell_text, table_lines


def test_every_cell_stays_in_its_column_beside_and_below_spans():
    rows = [[Cell("a", 2), Cell("b", 1, 2)], [Cell("c"), Cell("d")], [Cell("e"), Cell("f"), Cell("g")]]
    assert list(table_lines(rows)) == ["a\t\tb", "c\td", "e\tf\tg"]


def test_a_cell_that_is_tall_and_wide_keeps_its_place_free():
    assert list(table_lines([[Cell("a", 2, 2), Cell("b")], [Cell("c")], [Cell("d")]])) == ["a\t\tb", "\t\tc", "d"]


def test_spans_without_end_do_no_harm():
    (line,) = table_lines([[Cell("a", 10**9, 10**9), Cell("b")]])
    assert line == "a"


def test_lines_and_tables_within_a_cell_stay_on_its_line():
    assert cell_text(["a", "", "b\tc\t\nd"]) == "a / b | c / d"
