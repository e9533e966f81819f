"""The tests of letters of symbol fonts."""

import pytest

from handlers.documents.writing.symbols import in_font


@pytest.mark.parametrize(
    ("text", "font", "drawn"),
    [
        ("mD\xb0\xae", "Symbol", "µΔ°→"),
        ("\uf06d", None, "µ"),
        ("\uf0fe\uf0a8\uf0fc", "Wingdings", "☒☐✓"),
        ("R\xa3P", "Wingdings 2", "☒☐✓"),
        ("plain µ", "Arial", "plain µ"),
        ("\u200b", "Symbol", "\u200b"),
    ],
)
def test_what_a_font_draws_is_what_is_read(text, font, drawn):
    assert in_font(text, font) == drawn
