"""Text whose lines end in a space, put together as RFC 3676 says."""

import pytest

from handlers.documents.readers.flowed import unflowed


@pytest.mark.parametrize(
    ("lines", "drops_space", "whole"),
    [
        (["How much ", "is a box?", "Anna"], False, ["How much is a box?", "Anna"]),
        (["日本 ", "語"], True, ["日本語"]),
        (["> You ", "> asked.", "New ", "words."], False, ["> You asked.", "New words."]),
        ([">> Old ", "> newer ", "mine"], False, [">> Old ", "> newer ", "mine"]),
        (["> > Old ", ">> still old"], False, [">> Old still old"]),
        (["Regards ", "-- ", "Anna"], False, ["Regards ", "-- ", "Anna"]),
        ([" From here on", " > is no quote"], False, ["From here on", "> is no quote"]),
        (["", "a ", ""], False, ["", "a "]),
        (["open "], False, ["open "]),
    ],
)
def test_paragraphs_are_put_together(lines, drops_space, whole):
    assert list(unflowed(lines, drops_space=drops_space)) == whole
