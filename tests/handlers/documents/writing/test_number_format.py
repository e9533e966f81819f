"""The tests of numbers and days as Excel shows them."""

import pytest

from handlers.documents.writing.number_format import shown_number, shown_text

ACCOUNTS = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-'


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (2494, "00000", "02494"),
        (0.075, "0.0 %", "7.5 %"),
        (1250, '#,##0.00 "€"', "1.250,00 €"),
        (1250, "#,##0.00\\ [$€-407]", "1.250,00 €"),
        (1250, "[$€-2]\\ #,##0.00", "€ 1,250.00"),
        (1234.5, ACCOUNTS, "1.234,50 €"),
        (0, ACCOUNTS, "- €"),
        (1234.5, "$#,##0.00", "$1,234.50"),
        (-1234.5, "#,##0.00;[Red](#,##0.00)", "(1,234.50)"),
        (-5, "0.0", "-5.0"),
        (-0.001, "0.0", "0.0"),
        (1.005, "0.00", "1.01"),
        (2.5, "0", "3"),
        (0.25, "#.##", ".25"),
        (1234567, '#,##0,,"M"', "1M"),
        (1234567, '0.0,,"M"', "1.2M"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (1.25, "# ?/?", "1 1/4"),
        (0.5, "# ??/??", "1/2"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (12, '[<10]"low";[>=10]"high"', "high"),
        (5, ";;;", ""),
        (0.1 + 0.2, "General", "0.3"),
        (1.5, "[h]:mm", "36:00"),
        (-0.5, "[h]:mm", "-12:00"),
        (0.0625, "mm:ss", "30:00"),
        (0.5, "h:mm AM/PM", "12:00 PM"),
        (46349, "dd.mm.yyyy", "23.11.2026"),
        (46349, "[$-407]dddd, d. mmm yy", "Montag, 23. Nov 26"),
        (46349, 'yyyy"年"m"月"d"日"', "2026年11月23日"),
        (46349.5, "d. mmmm yyyy h:mm", "23. November 2026 12:00"),
        (-7, "0.0;@", "-7.0"),
        (46349, "[$-409]mmm\\-yy;@", "Nov-26"),
        (-1, "yyyy", "########"),
        (60, "yyyy-mm-dd", "1900-02-28"),
    ],
)
def test_a_number_looks_as_in_its_cell(value, code, shown):
    assert shown_number(value, code) == shown


def test_days_may_be_counted_from_1904():
    assert shown_number(44887, "yyyy-mm-dd", from_1904=True) == "2026-11-23"


def test_a_text_may_have_words_around_it():
    assert shown_text("7", '0;0;0;"No. "@') == "No. 7"
    assert shown_text("7", "General") == "7"
