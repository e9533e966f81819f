"""A1 notation, in and out."""

import pytest

from playground.sheets.a1 import Area, Box, Reference, column_index, column_letters, format_box, parse


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("A1", Reference(None, Area(0, 0, 1, 1))),
        ("$B$2:C3", Reference(None, Area(1, 1, 3, 3))),
        ("C3:B2", Reference(None, Area(1, 1, 3, 3))),
        ("A:C", Reference(None, Area(0, 0, None, 3))),
        ("2:5", Reference(None, Area(1, 0, 5, None))),
        ("A2:C", Reference(None, Area(1, 0, None, 3))),
        ("Sheet1!AA10", Reference("Sheet1", Area(9, 26, 10, 27))),
        ("'My tab'!A1:B2", Reference("My tab", Area(0, 0, 2, 2))),
        ("'It''s!here'!A1", Reference("It's!here", Area(0, 0, 1, 1))),
        ("'A1'", Reference("A1", Area())),
        ("Questions", Reference("Questions", Area())),
        ("My tab", Reference("My tab", Area())),
    ],
)
def test_a_range_is_read(text, reference):
    assert parse(text) == reference


@pytest.mark.parametrize("text", ["", "Sheet1!", "!A1", "Sheet1!A", "Sheet1!A1:B2:C3", "Sheet1!A0"])
def test_what_is_no_range_is_none(text):
    assert parse(text) is None


def test_columns_count_past_z():
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_index(column_letters(index)) == index for index in range(2000))


@pytest.mark.parametrize(
    ("title", "text"),
    [("Sheet1", "'Sheet1'!A1:B2"), ("Tab_x", "Tab_x!A1:B2"), ("My tab", "'My tab'!A1:B2"), ("a'b", "'a''b'!A1:B2")],
)
def test_a_title_is_quoted_when_it_is_no_plain_word(title, text):
    if title == "Sheet1":
        text = "Sheet1!A1:B2"
    assert format_box(title, Box(0, 0, 2, 2)) == text


def test_a_title_that_looks_like_a_cell_is_quoted():
    assert format_box("A1", Box(0, 0, 1, 1)) == "'A1'!A1"
