"""The tests of raised, lowered and struck-out letters."""

import pytest

from handlers.documents.writing.styled import LOWERED, RAISED, Piece, joined


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([Piece("10"), Piece("6", RAISED)], "10^6"),
        ([Piece("10"), Piece("1", RAISED), Piece("2", RAISED)], "10^12"),
        ([Piece("x"), Piece("n+1", RAISED)], "x^(n+1)"),
        ([Piece("10"), Piece("6", RAISED), Piece("5")], "10^(6)5"),
        ([Piece("H"), Piece("2", LOWERED), Piece("O")], "H_2O"),
        ([Piece(" 199 ", struck=True), Piece("149")], " ~~199~~ 149"),
        ([Piece("a\nb", struck=True)], "~~a~~\n~~b~~"),
        ([Piece(" ", RAISED), Piece("", struck=True)], " "),
    ],
)
def test_looks_are_written_around_letters_and_not_around_spaces(pieces, text):
    assert joined(pieces) == text
