"""The tests of reading rich text files."""

import pytest

from handlers.documents.readers.rtf import read_rtf
from tests.handlers.documents.readers.reading_lines import text_of_file

HEAD = rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red0\green0\blue0;}{\*\generator X;}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"Hello \b bold\b0  world\par next\line line", "Hello bold world\nnext\nline"),
        (rb"Gr\'fc\'dfe \u8364?20", "Grüße €20"),
        (rb"\uc2\u8364 ??20 \uc0\u8364 20", "€20 €20"),
        (rb"\u-10180?\u-8311?!", "🎉!"),
        (rb"{\pict\pngblip 89504e47}seen", "seen"),
        (rb"{\pict\bin5 }}}}}x}seen", "seen"),
        (rb"a\{b\}c\\d\~e\_f", "a{b}c\\d e-f"),
        (rb"\trowd a\cell b\cell\row c\cell d\cell\row", "a\tb\nc\td\n"),
        (rb"claim{\footnote proof} end", "claim [Note: proof] end"),
        (rb"{\header top}body", "[Header] top\nbody"),
        (rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt shown}}", "shown"),
        (rb"{\*\unknown hidden}shown", "shown"),
        (rb"}}}} unbalanced", " unbalanced"),
        (b"one\r\ntwo", "onetwo"),
    ],
)
def test_what_a_word_processor_would_show_is_read(tmp_path, body, text):
    assert text_of_file(read_rtf, HEAD + body + b"}", tmp_path) == text


def test_another_code_page_is_followed(tmp_path):
    assert text_of_file(read_rtf, rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2}", tmp_path) == "Привет"
    assert text_of_file(read_rtf, rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}", tmp_path) == "日本"


def test_deep_braces_do_no_harm(tmp_path):
    assert text_of_file(read_rtf, rb"{\rtf1 " + b"{" * 200_000 + b"x", tmp_path) == "x"
