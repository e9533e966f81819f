"""The tests of numbers in the numerals that documents ask for."""

import pytest

from handlers.documents.writing.numerals import columns, numeral


@pytest.mark.parametrize(
    ("number", "form", "written"),
    [
        (4, "decimal", "4"),
        (4, "decimalZero", "04"),
        (1994, "upperRoman", "MCMXCIV"),
        (4, "lowerRoman", "iv"),
        (27, "lowerLetter", "aa"),
        (28, "upperLetter", "BB"),
        (12, "ordinal", "12th"),
        (22, "ordinal", "22nd"),
        (21, "cardinalText", "Twenty-one"),
        (112, "ordinalText", "One hundred twelfth"),
        (3, "chicago", "‡"),
        (12, "decimalEnclosedCircle", "⑫"),
        (16, "hebrew1", "טז"),
        (23, "japaneseCounting", "二十三"),
        (110, "japaneseCounting", "百十"),
        (110, "chineseCounting", "一百一十"),
        (2, "ideographTraditional", "乙"),
        (5, "none", ""),
        (5, "nobody knows", "5"),
    ],
)
def test_each_form_has_its_numerals(number, form, written):
    assert numeral(number, form) == written


def test_spreadsheets_count_letters_in_their_own_way():
    assert [columns(n) for n in (1, 26, 27, 703)] == ["a", "z", "aa", "aaa"]
